//! What every server needs and no technique is about: flags, a listener, the page,
//! a banner, log lines and a shutdown. Whatever a technique puts on the wire stands
//! in its own `lib.rs`; here is no header, framing, timer or retry of any of them. (Three
//! exceptions, where a client does not keep to the rules: an answer to HTTP/1.0 goes
//! without chunks, a broken WebSocket frame gets its close code, and a body in chunks that
//! nobody asked for ends its connection.)
//!
//! ```text
//! main.rs ──► stage::main(TECHNIQUE, routes)
//!               │ flags ──► feed (publishing at random) ──► routes(feed, timings)
//!               │ listener, banner
//!               └─ serve(…) until Ctrl-C or SIGTERM:
//!                    1. the feed closes: every stream ends, its client is told
//!                    2. the server stops, a second later at the latest
//! ```
//!
//! What it serves besides a technique's own endpoints:
//!
//! | path | answer |
//! |---|---|
//! | `/`, `/client.js` | the technique's page, from `static/<technique>/` |
//! | `/shared/…` | what the pages share, from `static/shared/` |
//! | `/lib.rs` | the technique's source, as compiled into this server |
//! | `/clock` | `{"now":1795207096301}`, Unix milliseconds: clocks differ |
//! | `/join` | `{"url":…,"svg":…}`: where a phone finds this page, as a QR code |

mod banner;
mod chat;
mod error;
mod flags;
mod frames;
mod listener;
mod origin;
mod page;
mod unread;

use std::{
    future::Future,
    net::TcpListener,
    pin::Pin,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    App, HttpServer,
    body::{BodySize, MessageBody},
    dev::{Server, Service},
    error::{ErrorBadRequest, QueryPayloadError},
    http::{ConnectionType, Version},
    rt::{System, spawn},
    web::{QueryConfig, ServiceConfig},
};
use feed::{Feed, Random};
use tracing::{debug, info};

pub use crate::{
    banner::{addresses, complain, home, invitation, say},
    chat::{Guest, Room},
    error::Error,
    flags::{Common, duration, parse},
    frames::{close_reason, guard},
    listener::{listen, raise_file_limit},
    page::{Pages, join},
};

/// What tells one demo from another.
#[derive(Debug, Clone, Copy)]
pub struct Technique {
    /// The name of its crate, its binary and its folder below `static/`.
    pub name: &'static str,
    /// The port it listens on unless told otherwise.
    pub port: u16,
    /// The paths that it serves besides the page.
    pub endpoints: &'static [&'static str],
    /// Its `lib.rs`, for the page to show.
    pub source: &'static str,
}

/// Adds a technique's endpoints to a server: what its `routes(feed, timings)`
/// returns. Called once for each worker, so that what it shares is made before.
pub trait Routes: Fn(&mut ServiceConfig) + Send + Sync + 'static {}

impl<F: Fn(&mut ServiceConfig) + Send + Sync + 'static> Routes for F {}

/// Runs a demo until Ctrl-C or SIGTERM. `T` holds the technique's own flags;
/// `routes` is given the feed and them, and adds the technique's endpoints.
///
/// A bad flag, a port in use and missing pages end in one line that says what to
/// do, and an exit code that is not 0.
pub fn main<T: clap::Args, R: Routes>(
    technique: Technique,
    routes: impl FnOnce(Feed, T) -> R,
) -> ExitCode {
    let flags = match flags::of::<T>(&technique) {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    match System::new().block_on(run(technique, flags, routes)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            banner::complain(technique.name, &error);
            ExitCode::FAILURE
        }
    }
}

async fn run<T: clap::Args, R: Routes>(
    technique: Technique,
    flags: flags::Flags<T>,
    routes: impl FnOnce(Feed, T) -> R,
) -> Result<(), Error> {
    raise_file_limit();
    let flags::Flags { port, common, technique: timings } = flags;
    let address = common.address();
    let mut pages = Pages::find(common.static_dir, technique)?;
    let listener = listen(address, port)?;
    let port = listener.local_addr()?.port();
    let shutdown = interrupted()?;
    pages.room = addresses(address, port);
    banner::print(&technique, &pages.room, address, port);

    let (demo, every, keep) = (technique.name, common.every, common.keep);
    info!(demo, port, ?every, keep, "listening");

    let mut random = Random::new(common.seed);
    let feed = Feed::new(keep, &random.data());
    // In the thread of those it wakes: from another, it would take turns with the first of
    // them, and the last would wait for what those ask next.
    let publishing = feed.clone();
    let publish = async move { publishing.publish_at_random(every, random).await };
    let publish = Arc::new(Mutex::new(Some(publish)));
    let technique = routes(feed.clone(), timings);
    let routes = move |app: &mut ServiceConfig| {
        let publish = publish.lock().unwrap_or_else(PoisonError::into_inner).take();
        publish.map(spawn);
        technique(app);
    };
    serve(listener, pages, feed, routes, shutdown)?.await?;
    Ok(())
}

/// A technique's server on `listener`, until `shutdown` is ready.
///
/// # Errors
/// When the listener can't be handed to the server.
pub fn serve(
    listener: TcpListener,
    pages: Pages,
    feed: Feed,
    routes: impl Routes,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Server, Error> {
    // Behind pointers, so that the compiler makes one server for all the techniques.
    start(listener, pages, feed, Arc::new(routes), Box::pin(shutdown))
}

fn start(
    listener: TcpListener,
    pages: Pages,
    feed: Feed,
    routes: Arc<dyn Routes>,
    shutdown: Pin<Box<dyn Future<Output = ()> + Send>>,
) -> Result<Server, Error> {
    let app = move || {
        App::new()
            .wrap_fn(|mut request, service| {
                let unread = unread::take(&mut request);
                let response = service.call(request);
                async move {
                    let mut response = response.await?;
                    let version = response.request().version();
                    let endless =
                        response.response().body().size() == BodySize::Stream;
                    if endless && version < Version::HTTP_11 {
                        // Chunks are for HTTP/1.1; before, the connection ends the
                        // body (RFC 9112 §6.1, §6.3).
                        let head = response.response_mut().head_mut();
                        head.no_chunking(true);
                        head.set_connection_type(ConnectionType::Close);
                    }
                    let (request, status) = (response.request(), response.status());
                    let (method, target) = (request.method(), request.uri());
                    debug!(%method, %target, status = status.as_u16(), "answered");
                    Ok(match unread {
                        Some(unread) => response
                            .map_body(|_, answer| unread::keep(answer, unread)),
                        None => response,
                    })
                }
            })
            .app_data(QueryConfig::default().error_handler(|error, _| match error {
                // What was wrong with a cursor, and not how we came to look at it.
                QueryPayloadError::Deserialize(error) => ErrorBadRequest(error),
                error => ErrorBadRequest(error),
            }))
            .configure(&*routes)
            .configure(pages.routes())
    };
    let server = HttpServer::new(app)
        // One thread serves a room of thousands, and samples need not cross cores.
        .workers(1)
        // A sample leaves at once, and does not wait until the one before it has been
        // acknowledged (Nagle's algorithm, RFC 9293 §3.7.4).
        .tcp_nodelay(true)
        // Without this, a silent stream whose client left is never dropped.
        .h1_allow_half_closed(false)
        // After an answer that ends the connection (or a WebSocket's Close), the
        // server closes TCP at once and does not wait for the client to do so.
        .client_disconnect_timeout(std::time::Duration::ZERO)
        .disable_signals()
        // Seconds. The streams end by themselves when the feed closes; what is
        // still open after that is a client that doesn't listen.
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
    let handle = server.handle();
    // Not by `shutdown_signal`: that would end everything in this process.
    spawn(async move {
        shutdown.await;
        feed.close();
        handle.stop(true).await;
    });
    Ok(server)
}

/// Ready on the first Ctrl-C or SIGTERM; both are listened to from this call on.
///
/// # Errors
/// When the system does not let us listen to them.
#[cfg(unix)]
pub fn interrupted() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        info!("shutting down");
    })
}

/// Ready on the first Ctrl-C.
///
/// # Errors
/// None, here.
#[cfg(not(unix))]
pub fn interrupted() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C can't be listened to");
            std::future::pending::<()>().await;
        }
        info!("shutting down");
    })
}
