//! Request content that no handler reads. No endpoint expects content, but a client
//! may send any amount.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, RequestHead, ServiceRequest},
    error::PayloadError,
    http::header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    web::Bytes,
};
use futures_core::Stream;

/// Whether content follows a head (RFC 9112 §6).
pub(crate) fn has_content(head: &RequestHead) -> bool {
    let length = head.headers().get(CONTENT_LENGTH);
    let some = |length: &[u8]| length.iter().any(|&digit| digit != b'0');
    head.headers().contains_key(TRANSFER_ENCODING)
        || length.is_some_and(|length| some(length.as_bytes()))
}

/// The content of a request, shared by its handler and the response. Once both have
/// dropped it, actix reads the rest, however long it is, so that the connection can
/// be used again. If the response still holds it when it ends, actix closes the
/// connection instead.
#[derive(Clone)]
pub(crate) struct Content(Rc<Shared>);

struct Shared {
    /// Read by the handler, through the payload that took its place in the request.
    payload: RefCell<Payload>,
    /// Whether the handler has read to the end. Set at each read.
    is_read: Cell<bool>,
}

impl Content {
    /// Shares the content of a request, if it has any.
    pub(crate) fn of(request: &mut ServiceRequest) -> Option<Self> {
        if !has_content(request.head()) {
            return None;
        }
        let payload = RefCell::new(request.take_payload());
        let content = Self(Rc::new(Shared { payload, is_read: Cell::new(false) }));
        request.set_payload(Payload::Stream { payload: Box::pin(content.clone()) });
        Some(content)
    }

    /// Whether the handler has read all of it.
    pub(crate) fn is_read(&self) -> bool {
        self.0.is_read.get()
    }

    /// Keeps it until the response has ended.
    pub(crate) fn keep(self, response: BoxBody) -> BoxBody {
        BoxBody::new(Response { body: response, _request: self })
    }
}

impl Stream for Content {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let Shared { payload, is_read } = &*self.0;
        let item = ready!(Pin::new(&mut *payload.borrow_mut()).poll_next(context));
        is_read.set(item.is_none());
        Poll::Ready(item)
    }
}

struct Response {
    body: BoxBody,
    _request: Content,
}

impl MessageBody for Response {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}
