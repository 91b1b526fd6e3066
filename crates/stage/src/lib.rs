//! What every server needs and no technique is about: flags, a listener, the page, a
//! banner, log lines and a shutdown. All that a technique puts on the wire is in its own
//! `lib.rs`; here is no header, framing, timer or retry of any of them. (The exceptions
//! are responses to clients that break the rules: see `server.rs` and, for WebSocket,
//! `handshake.rs` and `frames.rs`.)
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
//! | path | response |
//! |---|---|
//! | `/`, `/client.js` | the technique's page, from `static/<technique>/` |
//! | `/shared/…` | what the pages share, from `static/shared/` |
//! | `/lib.rs` | the technique's source, as compiled into this server |
//! | `/clock` | `{"now":1795207096301}`, Unix milliseconds: clocks differ |
//! | `/join` | `{"url":…,"svg":…,"text":…}`: where a phone finds this page, as a QR code, too; `?scheme=https&port=4004` behind a proxy |

mod assets;
mod authority;
mod banner;
mod chat;
mod error;
mod find_program;
mod firewall;
mod flags;
mod frames;
mod handshake;
mod hosts;
mod join;
mod key;
mod last;
mod listener;
mod log;
mod origin;
mod page;
mod rate_limit;
mod resource;
mod server;
mod technique;
mod temp_folder;
mod text;
mod unread;

use std::{
    env,
    ffi::OsString,
    future::{Future, ready},
    io,
    net::SocketAddr,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    rt::{System, spawn},
    web::ServiceConfig,
};
use feed::{Feed, Random};
use tracing::info;

pub use crate::{
    assets::Assets,
    banner::{invitation, lan_urls, local_url, print_error, print_line},
    chat::{ChatRoom, Guest},
    error::{Error, InvalidValue, no_page_at},
    find_program::find_program,
    firewall::{Firewall, port_ranges},
    flags::{CommonFlags, duration, parse, print_flag_error},
    frames::{End, limit_frames},
    handshake::{BadHandshake, strict_handshake},
    hosts::Hosts,
    join::{JoinMessage, ReachedAt, join},
    key::{draw_id, draw_key},
    listener::{listen, raise_file_limit},
    log::{LogLine, log_lines},
    origin::{ForeignOrigin, is_own_page, same_origin},
    page::{Pages, clock},
    rate_limit::RateLimit,
    resource::{get, not_found},
    server::{Admission, serve, start},
    technique::{Routes, Technique},
    temp_folder::TempFolder,
    text::{BadText, printable},
};

/// Runs a demo until Ctrl-C or SIGTERM. `T` holds the technique's own flags;
/// `routes` is given the feed and them, and adds the technique's endpoints.
///
/// A bad flag, a port in use and missing pages end in one line that says what to
/// do, and an exit code that is not 0.
pub fn main<T: clap::Args, R: Routes>(
    technique: Technique,
    routes: impl FnOnce(Feed, T) -> R,
) -> ExitCode {
    main_with(technique, env::args_os(), own_feed, routes)
}

/// The same, with these arguments (the first is not read), and a feed from elsewhere: what
/// `open` returns, which is given a first sample. The server publishes in it at random.
pub fn main_with<T: clap::Args, R: Routes>(
    technique: Technique,
    arguments: impl IntoIterator<Item = OsString>,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
    routes: impl FnOnce(Feed, T) -> R,
) -> ExitCode {
    let listen = |feed, timings, _| -> io::Result<_> {
        Ok((routes(feed, timings), UdpService { ports: vec![], run: ready(()) }))
    };
    start_demo(technique, arguments, open, listen)
}

/// Runs a demo that also listens on UDP, at the address and port of its page, as
/// [`main`] does. `listen` is given that place, and returns, besides the routes, what
/// serves its clients there.
pub fn main_with_udp<T: clap::Args, R: Routes, S: Future<Output = ()>>(
    technique: Technique,
    listen: impl FnOnce(Feed, T, UdpPlace) -> io::Result<(R, UdpService<S>)>,
) -> ExitCode {
    start_demo(technique, env::args_os(), own_feed, listen)
}

async fn own_feed(flags: &CommonFlags, first: &str) -> Feed {
    Feed::new(flags.keep, first)
}

fn start_demo<T: clap::Args, R: Routes, S: Future<Output = ()>>(
    technique: Technique,
    arguments: impl IntoIterator<Item = OsString>,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
    listen: impl FnOnce(Feed, T, UdpPlace) -> io::Result<(R, UdpService<S>)>,
) -> ExitCode {
    let flags = match flags::of::<T>(&technique, arguments) {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    match System::new().block_on(run(technique, flags, open, listen)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            banner::print_error(technique.name, &error);
            ExitCode::FAILURE
        }
    }
}

/// What serves clients over UDP.
#[derive(Debug)]
pub struct UdpService<S> {
    /// The ports that other devices need, which the banner names.
    pub ports: Vec<u16>,
    /// Serves until the feed closes and each client was told.
    pub run: S,
}

/// Where a demo listens on UDP.
#[derive(Debug, Clone)]
pub struct UdpPlace {
    /// The address and the port, which are those of the page.
    pub address: SocketAddr,
    /// The names of this server, whose pages may open sessions.
    pub hosts: Hosts,
}

async fn run<T: clap::Args, R: Routes, S: Future<Output = ()>>(
    technique: Technique,
    flags: flags::Flags<T>,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
    listen_udp: impl FnOnce(Feed, T, UdpPlace) -> io::Result<(R, UdpService<S>)>,
) -> Result<(), Error> {
    raise_file_limit();
    let flags::Flags { port, common, timings } = flags;
    let address = common.address();
    let hosts = common.hosts();
    let mut pages = Pages::find(common.static_dir.clone(), technique)?;
    let mut random = Random::new(common.seed);
    // Before it listens: no client waits for a feed that is not there yet.
    let feed = open(&common, &random.data()).await;
    let listener = listen(address, port)?;
    let port = listener.local_addr()?.port();
    let listening = (address, port).into();
    let place = UdpPlace { address: listening, hosts: hosts.clone() };
    let (technique_routes, udp) = listen_udp(feed.clone(), timings, place)
        .map_err(|source| Error::Listen { host: address, port, source })?;
    let shutdown = interrupted()?;
    pages.urls = common.urls(port);
    banner::print(&technique, &pages.urls, listening, &udp.ports);

    let (demo, every, keep) = (technique.name, common.every, common.keep);
    info!(demo, port, ?every, keep, "listening");

    // Published in the handlers' own thread. From another one, the handler that is
    // woken first would already serve its client's next request while others still
    // wait to be woken.
    let publishing = feed.clone();
    let publish = async move { publishing.publish_at_random(every, random).await };
    let publish = Arc::new(Mutex::new(Some(publish)));
    let routes = move |app: &mut ServiceConfig| {
        let publish = publish.lock().unwrap_or_else(PoisonError::into_inner).take();
        publish.map(spawn);
        technique_routes(app);
    };
    let server = serve(listener, hosts, pages, feed, routes, shutdown)?;
    let (served, ()) = tokio::join!(server, udp.run);
    Ok(served?)
}

/// Ready on the first Ctrl-C or SIGTERM. Their handlers are installed by this call.
///
/// # Errors
/// When the system does not allow that.
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
