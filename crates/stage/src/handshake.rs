use std::pin::Pin;

use actix_web::{
    Error, FromRequest, HttpRequest,
    dev::Payload,
    error::ErrorBadRequest,
    http::{Version, header},
    web,
};
use futures_core::Stream;

use crate::{frames::FrameGuard, origin::same_origin};

/// What stands before a WebSocket: only pages of this site get in (RFC 6455 §10.2),
/// and the incoming bytes end as soon as a frame makes a message longer than `max` bytes.
///
/// # Errors
/// 403, for a page of another site; 400, for a request that is no handshake at all,
/// as from the address bar of a browser.
pub fn guard(
    request: &HttpRequest,
    body: web::Payload,
    max: usize,
) -> Result<web::Payload, Error> {
    same_origin(request)?;
    let asked = request.headers().contains_key(header::UPGRADE);
    // HTTP/1.0 knows no Upgrade, whoever sends it (RFC 9110 §7.8).
    if !asked || request.version() < Version::HTTP_11 {
        return Err(ErrorBadRequest(format!(
            "{} is a WebSocket: expected `Upgrade: websocket` in HTTP/1.1; the \
             page is at /",
            request.path()
        )));
    }
    let guarded = FrameGuard::new(body.into_inner(), max as u64);
    let guarded: Pin<Box<dyn Stream<Item = _>>> = Box::pin(guarded);
    let mut payload = Payload::Stream { payload: guarded };
    web::Payload::from_request(request, &mut payload).into_inner()
}
