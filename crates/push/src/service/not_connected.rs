//! Which WebSockets the push service takes: those of browsers on its machine, and of no page
//! but, perhaps, its own. Any other page could take all the boxes there are.

use actix_web::{
    HttpRequest, ResponseError,
    http::{StatusCode, header::ORIGIN},
};
use url::Url;

use super::origin::Origin;
use crate::refusal::only_this_machine;

/// Why a WebSocket is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotConnected {
    #[error("only a browser on the machine of this push service may connect")]
    OtherMachine,
    #[error("this Origin may not connect: expected none, or that of {0}")]
    OtherOrigin(String),
}

impl ResponseError for NotConnected {
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}

/// Looks at the peer and at `Origin`. A browser's own connection has no origin, or the
/// service's: Firefox says `ws://127.0.0.1:4009/push-service`.
pub(crate) fn only_browsers(
    request: &HttpRequest,
    service: &Origin,
) -> Result<(), NotConnected> {
    only_this_machine(request.peer_addr())
        .map_err(|_| NotConnected::OtherMachine)?;
    let own = place(service);
    let mut origins = request.headers().get_all(ORIGIN);
    if origins.all(|origin| origin.to_str().is_ok_and(|o| place(o) == own)) {
        Ok(())
    } else {
        Err(NotConnected::OtherOrigin(service.to_string()))
    }
}

/// The host and the port, which `ws:` and `http:` have in common.
fn place(url: &str) -> Option<(String, u16)> {
    let url = Url::parse(url).ok()?;
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}
