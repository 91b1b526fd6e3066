//! The last answer of a connection. After it, no request is answered (RFC 9112 §9.6);
//! actix answers those that came before it has closed.

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

/// How long a client has to take the last answer, and to close the connection itself.
const LAST_RESPONSE_GRACE: Duration = Duration::from_secs(1);

/// What is known of a connection: whether its last answer has begun.
#[derive(Default)]
struct Last(Cell<bool>);

/// A connection begins.
pub(crate) fn connect(connection: &mut Extensions) {
    connection.insert(Last::default());
}

/// The answer to this request is the last one.
pub(crate) fn mark(request: &actix_web::HttpRequest) {
    if let Some(Last(last)) = request.conn_data() {
        last.set(true);
    }
}

/// Whether this request came behind the last one.
pub(crate) fn is_over(request: &ServiceRequest) -> bool {
    request.conn_data().is_some_and(|Last(last)| last.get())
}

/// Ends the connection without an answer.
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
