use std::pin::Pin;

use actix_web::{
    Error, FromRequest, HttpRequest,
    dev::{Payload, RequestHead},
    error::ErrorBadRequest,
    http::{
        Version,
        header::{
            CONNECTION, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
            UPGRADE,
        },
    },
    web,
};
use futures_core::Stream;

use crate::{frames::FrameGuard, origin::same_origin, unread::has_content};

/// What stands before a WebSocket: only pages of this site get in (RFC 6455 §10.2),
/// only with a handshake that leaves no room for two readings, and the incoming bytes
/// end as soon as a frame makes a message longer than `max` bytes. (What a key and a
/// version are, actix-ws looks at.)
///
/// # Errors
/// 403, for a page of another origin; 400, for a request that is no handshake (RFC 6455
/// §4.2.1), as from the address bar of a browser.
pub fn guard(
    request: &HttpRequest,
    body: web::Payload,
    max: usize,
) -> Result<web::Payload, Error> {
    same_origin(request)?;
    if let Some(expected) = lacks(request.head()) {
        return Err(ErrorBadRequest(format!(
            "{} is a WebSocket: expected {expected}; the page is at /",
            request.path()
        )));
    }
    let guarded = FrameGuard::new(body.into_inner(), max as u64);
    let guarded: Pin<Box<dyn Stream<Item = _>>> = Box::pin(guarded);
    let mut payload = Payload::Stream { payload: guarded };
    web::Payload::from_request(request, &mut payload).into_inner()
}

/// What a request needs to be a handshake, and has not.
fn lacks(head: &RequestHead) -> Option<&'static str> {
    let count = |name: HeaderName| head.headers().get_all(name).count();
    let connection = |option: &str| {
        let lines = head.headers().get_all(CONNECTION);
        let lines = lines.filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| line.split(','))
            .any(|o| o.trim().eq_ignore_ascii_case(option))
    };
    // In HTTP/1.0, Upgrade is to be ignored (RFC 9110 §7.8).
    if head.version < Version::HTTP_11
        || !asks_for_websocket(head)
        || count(UPGRADE) > 1
    {
        Some("`Upgrade: websocket`, alone, in HTTP/1.1")
    } else if connection("close") {
        Some("`Connection` without `close`, which ends what it upgrades")
    } else if !connection("upgrade") {
        Some("`Connection: Upgrade`")
    } else if has_content(head) {
        Some("a request without content, since frames follow its head")
    } else if count(SEC_WEBSOCKET_KEY) != 1 {
        Some("one `Sec-WebSocket-Key`")
    } else if count(SEC_WEBSOCKET_VERSION) != 1 {
        Some("one `Sec-WebSocket-Version`")
    } else {
        None
    }
}

/// Whether actix passes the bytes behind this head on as they are, and sends an endless
/// answer as it is: when a line of `Upgrade` is `websocket`. In a list with others
/// (RFC 9110 §7.8), it does not see it, and would put frames into chunks.
pub(crate) fn asks_for_websocket(head: &RequestHead) -> bool {
    let mut lines = head.headers().get_all(UPGRADE);
    lines.any(|line| line.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket"))
}
