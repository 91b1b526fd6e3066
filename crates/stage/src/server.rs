//! The one way to start a server, so that the techniques' and the hub's follow the same
//! rules: what is refused, and how a connection ends.

use std::{
    any::Any,
    future::Future,
    net::{IpAddr, Shutdown, TcpListener},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    body::{BodySize, MessageBody},
    dev::{Server, Service, ServiceRequest, ServiceResponse},
    error::{ErrorBadRequest, QueryPayloadError},
    http::{
        ConnectionType, StatusCode, Version,
        header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    rt::{net::TcpStream, spawn},
    web::{QueryConfig, ServiceConfig},
};
use feed::Feed;
use socket2::SockRef;
use tracing::{debug, info};

use crate::{
    error::Error, handshake, hosts::Hosts, last, page::Pages, technique::Routes,
    unread::Content,
};

/// How many connections a demo has at most, however many files the system allows.
const CONNECTION_LIMIT: usize = 25_600;

/// A technique's server on `listener`, for requests to these `hosts`, until `shutdown` is
/// ready: then the feed closes, and the server stops.
///
/// # Errors
/// When the listener can't be handed to the server.
pub fn serve(
    listener: TcpListener,
    hosts: Hosts,
    pages: Pages,
    feed: Feed,
    routes: impl Routes,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Server, Error> {
    let technique = pages.technique.name;
    let routes = move |app: &mut ServiceConfig| {
        routes(app);
        pages.routes()(app);
    };
    let shutdown = async move {
        shutdown.await;
        let clients = feed.followers();
        info!(technique, clients, "the feed ends: its clients are told");
        feed.close();
    };
    let admit = |_| -> Option<Admission> { Some(Box::new(())) };
    start(listener, hosts, CONNECTION_LIMIT, admit, routes, shutdown)
}

/// What `admit` returns for an accepted connection. It is dropped when the
/// connection closes.
pub type Admission = Box<dyn Any>;

/// A server on `listener` for requests to these `hosts`, until `shutdown` is ready.
/// When `admit` returns `None` for a client, its connection is reset at once;
/// `admit` logs why.
///
/// # Errors
/// When the listener can't be handed to the server.
pub fn start(
    listener: TcpListener,
    hosts: Hosts,
    connection_limit: usize,
    admit: impl Fn(IpAddr) -> Option<Admission> + Send + Sync + 'static,
    routes: impl Routes,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Server, Error> {
    // Behind pointers, so that the compiler makes one server for all.
    let (admit, routes) = (Box::new(admit), Arc::new(routes));
    build(listener, hosts, connection_limit, admit, routes, Box::pin(shutdown))
}

fn build(
    listener: TcpListener,
    hosts: Hosts,
    connection_limit: usize,
    admit: Box<dyn Fn(IpAddr) -> Option<Admission> + Send + Sync>,
    routes: Arc<dyn Routes>,
    shutdown: Pin<Box<dyn Future<Output = ()> + Send>>,
) -> Result<Server, Error> {
    let app = move || {
        let hosts = hosts.clone();
        App::new()
            .wrap_fn(move |request, service| handle(&hosts, request, service))
            .app_data(QueryConfig::default().error_handler(|error, _| match error {
                // What is wrong with the cursor, without the name of actix' extractor.
                QueryPayloadError::Deserialize(error) => ErrorBadRequest(error),
                error => ErrorBadRequest(error),
            }))
            .configure(&*routes)
    };
    let server = HttpServer::new(app)
        .on_connect(move |connection, extensions| {
            last::prepare(extensions);
            let Some(stream) = connection.downcast_ref::<TcpStream>() else {
                return;
            };
            match stream.peer_addr().ok().and_then(|peer| admit(peer.ip())) {
                Some(admitted) => {
                    extensions.insert(admitted);
                }
                None => reset(stream),
            }
        })
        // One thread serves thousands of clients, and samples need not cross cores.
        .workers(1)
        .max_connections(connection_limit)
        // A sample leaves at once, and does not wait until the one before it has been
        // acknowledged (Nagle's algorithm, RFC 9293 §3.7.4).
        .tcp_nodelay(true)
        // Otherwise a silent stream whose client left is never dropped.
        .h1_allow_half_closed(false)
        // After a response that ends the connection (or a WebSocket's Close), the
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

/// Resets a connection (RFC 9293 §3.10.5). If that fails, it has ended already.
fn reset(stream: &TcpStream) {
    let stream = SockRef::from(stream);
    let _ = stream.set_linger(Some(Duration::ZERO));
    let _ = stream.shutdown(Shutdown::Both);
}

/// Handles each request of every server: refuses it or calls the service, and then
/// corrects the response.
fn handle<S>(
    hosts: &Hosts,
    mut request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse, actix_web::Error>> + use<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = actix_web::Error>,
{
    // `Err(None)`: the connection has had its last response, so this request gets none.
    let checked = match last::came_after_last(&request) {
        true => Err(None),
        false => hosts.check(request.head()).map_err(Some),
    };
    let content = Content::of(&mut request);
    let response = match checked {
        Ok(()) => Ok(service.call(request)),
        Err(error) => Err((request, error)),
    };
    async move {
        let response = match response {
            Ok(response) => response.await?,
            Err((request, Some(error))) => refuse(request, error),
            Err((request, None)) => return Ok(last::end(request).await),
        };
        let unread = content.filter(|content| !content.is_read());
        let response = finish(response, unread.is_some());
        let (request, status) = (response.request(), response.status());
        // The pattern alone: anyone may read the log, and a path or a query may hold a secret.
        let pattern = request.match_pattern();
        let (method, pattern) =
            (request.method(), pattern.as_deref().unwrap_or("-"));
        debug!(%method, pattern, status = status.as_u16(), "responded");
        Ok(match unread {
            Some(unread) => response.map_body(|_, body| unread.keep(body)),
            None => response,
        })
    }
}

fn refuse(request: ServiceRequest, error: actix_web::Error) -> ServiceResponse {
    let mut response = request.error_response(error);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Corrects what actix does not: no chunks for HTTP/1.0, and `Connection: close` in
/// a response that ends the connection, such as the response to a request with
/// `unread` content (RFC 9112 §9.6).
fn finish(mut response: ServiceResponse, unread: bool) -> ServiceResponse {
    let request = response.request().head();
    let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let endless = response.response().body().size() == BodySize::Stream;
    // Chunks are for HTTP/1.1; before, the end of the connection ends the content
    // (RFC 9112 §6.1, §6.3). The same for a response without an upgrade to a request
    // for a WebSocket: actix would announce chunks there and send none.
    let unchunked = endless
        && !upgraded
        && (request.version < Version::HTTP_11
            || handshake::asks_for_websocket(request));
    let last = match request.connection_type() {
        ConnectionType::Close => true,
        ConnectionType::Upgrade => !upgraded,
        ConnectionType::KeepAlive => unchunked || unread,
    };
    if last {
        last::mark(response.request());
    }
    let head = response.response_mut().head_mut();
    if unchunked {
        head.no_chunking(true);
    }
    if last {
        head.set_connection_type(ConnectionType::Close);
    }
    response
}
