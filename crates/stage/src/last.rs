//! The last response of a connection. After it, no request gets a response (RFC 9112
//! §9.6); actix would respond to those that arrive before it has closed the
//! connection.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Extensions, ServiceRequest, ServiceResponse},
    web::Bytes,
};
use tokio::time::sleep;

/// How long a client has to read the last response, and to close the connection itself.
const LAST_RESPONSE_GRACE: Duration = Duration::from_secs(1);

/// Whether the last response of a connection has begun: kept with the connection, set once
/// by `mark`, and read for each request.
#[derive(Default)]
struct Last(Cell<bool>);

/// Prepares a new connection.
pub(crate) fn prepare(connection: &mut Extensions) {
    connection.insert(Last::default());
}

/// Marks the response to this request as the last one.
pub(crate) fn mark(request: &actix_web::HttpRequest) {
    if let Some(Last(last)) = request.conn_data() {
        last.set(true);
    }
}

/// Whether this request came after the one whose response is the last.
pub(crate) fn came_after_last(request: &ServiceRequest) -> bool {
    request.conn_data().is_some_and(|Last(last)| last.get())
}

/// Ends the connection without a response.
pub(crate) async fn end(request: ServiceRequest) -> ServiceResponse<BoxBody> {
    sleep(LAST_RESPONSE_GRACE).await;
    request.into_response(HttpResponse::Ok().body(Broken))
}

/// A body that fails: actix then closes the connection at once, and drops the head.
struct Broken;

impl MessageBody for Broken {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
