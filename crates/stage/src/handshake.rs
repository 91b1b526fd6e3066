//! What actix-ws does not look at in the handshake of a WebSocket (RFC 6455 §4.2.1).

use actix_web::{
    HttpRequest, ResponseError,
    dev::RequestHead,
    http::{
        StatusCode, Version,
        header::{
            CONNECTION, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
            UPGRADE,
        },
    },
};

use crate::unread::has_content;

/// A request to a WebSocket endpoint that is no valid handshake (such as a browser's
/// for an address that was typed), or that proxies could read in two ways. The
/// response is 400.
#[derive(Debug, thiserror::Error)]
#[error(
    "{path} takes WebSocket handshakes only: expected {expected}; the page is at /"
)]
pub struct BadHandshake {
    path: String,
    expected: &'static str,
}

impl ResponseError for BadHandshake {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}

/// Refuses a request unless it is a handshake that can be read in one way only: a
/// proxy that took it for plain HTTP would read the frames as the next request.
/// (actix-ws checks the values of the key and the version.)
///
/// # Errors
/// When it is none.
pub fn strict_handshake(request: &HttpRequest) -> Result<(), BadHandshake> {
    match lacks(request.head()) {
        Some(expected) => {
            Err(BadHandshake { path: request.path().into(), expected })
        }
        None => Ok(()),
    }
}

/// What a request needs to be a handshake, and does not have.
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
        Some("one field `Upgrade: websocket`, in HTTP/1.1")
    } else if connection("close") {
        Some("`Connection` without `close`, which would end the WebSocket")
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

/// Whether actix takes this request for a WebSocket's: then it hands on the bytes
/// after the head undecoded, and sends an endless response without chunks. It does
/// so only if one `Upgrade` field is `websocket` alone: it does not look into a list
/// (RFC 9110 §7.8), and would put the frames into chunks.
pub(crate) fn asks_for_websocket(head: &RequestHead) -> bool {
    let mut lines = head.headers().get_all(UPGRADE);
    lines.any(|line| line.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket"))
}
