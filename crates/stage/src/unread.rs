//! Bodies that nobody reads. No technique wants one; a client may send one without end.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    http::header::TRANSFER_ENCODING,
    web::Bytes,
};

/// Takes a body in chunks (RFC 9112 §7.1) out of a request. Once it is dropped, actix
/// reads what is left of it, for as long as more comes, to use the connection again. As
/// long as somebody has it, the answer's end is the connection's, too, as it is for a
/// body whose length was told.
pub(crate) fn take(request: &mut ServiceRequest) -> Option<Payload> {
    let chunked = request.headers().contains_key(TRANSFER_ENCODING);
    chunked.then(|| request.take_payload())
}

/// Keeps it until the answer has ended.
pub(crate) fn keep(answer: BoxBody, request: Payload) -> BoxBody {
    BoxBody::new(Answer { answer, _request: request })
}

struct Answer {
    answer: BoxBody,
    _request: Payload,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().answer).poll_next(context)
    }
}
