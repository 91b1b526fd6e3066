//! The one way to start a server: the techniques' and the hub's keep the same rules.

use std::{future::Future, net::TcpListener, pin::Pin, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Server, Service, ServiceResponse},
    error::{ErrorBadRequest, QueryPayloadError},
    http::{ConnectionType, Version},
    rt::spawn,
    web::{QueryConfig, ServiceConfig},
};
use feed::Feed;
use tracing::debug;

use crate::{Error, Pages, Routes, unread};

/// So many connections a demo has at most, however many files the system allows.
const MOST_CONNECTIONS: usize = 25_600;

/// A technique's server on `listener`, until `shutdown` is ready: then the feed closes,
/// and the server stops.
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
    let routes = move |app: &mut ServiceConfig| {
        routes(app);
        pages.routes()(app);
    };
    let shutdown = async move {
        shutdown.await;
        feed.close();
    };
    start(listener, MOST_CONNECTIONS, routes, shutdown)
}

/// A server on `listener`, with at most so many `connections`, until `shutdown` is
/// ready.
///
/// # Errors
/// When the listener can't be handed to the server.
pub fn start(
    listener: TcpListener,
    connections: usize,
    routes: impl Routes,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Server, Error> {
    // Behind pointers, so that the compiler makes one server for all.
    build(listener, connections, Arc::new(routes), Box::pin(shutdown))
}

fn build(
    listener: TcpListener,
    connections: usize,
    routes: Arc<dyn Routes>,
    shutdown: Pin<Box<dyn Future<Output = ()> + Send>>,
) -> Result<Server, Error> {
    let app = move || {
        App::new()
            .wrap_fn(|mut request, service| {
                let unread = unread::take(&mut request);
                let response = service.call(request);
                async move {
                    let response = finish(response.await?);
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
    };
    let server = HttpServer::new(app)
        // One thread serves a room of thousands, and samples need not cross cores.
        .workers(1)
        .max_connections(connections)
        // A sample leaves at once, and does not wait until the one before it has been
        // acknowledged (Nagle's algorithm, RFC 9293 §3.7.4).
        .tcp_nodelay(true)
        // Without this, a silent stream whose client left is never dropped.
        .h1_allow_half_closed(false)
        // After an answer that ends the connection (or a WebSocket's Close), the
        // server closes TCP at once and does not wait for the client to do so.
        .client_disconnect_timeout(Duration::ZERO)
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
        handle.stop(true).await;
    });
    Ok(server)
}

/// What every answer has, whoever made it.
fn finish(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let version = response.request().version();
    let endless = response.response().body().size() == BodySize::Stream;
    if endless && version < Version::HTTP_11 {
        // Chunks are for HTTP/1.1; before, the connection ends the body (RFC 9112
        // §6.1, §6.3).
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
    let (request, status) = (response.request(), response.status());
    let (method, target) = (request.method(), request.uri());
    debug!(%method, %target, status = status.as_u16(), "answered");
    response
}
