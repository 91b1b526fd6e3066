//! How Engine.IO says that it does not take a request: `{"code":1,"message":"…"}`. Codes,
//! texts and status codes are those of the npm package `engine.io`, also where HTTP has a
//! better one.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

use crate::packets::BadPacket;

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// `transport` is neither `polling` nor `websocket`.
    #[error("Transport unknown")]
    UnknownTransport,
    /// There is no session `sid`: it has ended, or another server has it.
    #[error("Session ID unknown")]
    UnknownSid,
    /// A session is opened by GET.
    #[error("Bad handshake method")]
    BadHandshakeMethod,
    /// Two polls at once, a poll after the upgrade, a WebSocket without Upgrade …
    #[error("Bad request")]
    BadRequest,
    /// A page of another origin.
    #[error("{0}")]
    Forbidden(stage::ForeignOrigin),
    /// `EIO` is not 4.
    #[error("Unsupported protocol version")]
    UnsupportedVersion,
    /// The session has ended for this packet.
    #[error("{0}")]
    BadPacket(#[from] BadPacket),
    /// The body has more than `maxPayload` bytes.
    #[error("a body of more than {0} bytes: send less at once")]
    TooLarge(usize),
    /// As many sessions are open as this server keeps.
    #[error(
        "one more session: {0} are open, the most that this server keeps; close a page, or \
         try again later"
    )]
    Full(usize),
}

#[derive(Debug, Serialize)]
struct Body {
    code: u8,
    message: String,
}

impl Refusal {
    fn code(&self) -> u8 {
        match self {
            Self::UnknownTransport => 0,
            Self::UnknownSid => 1,
            Self::BadHandshakeMethod => 2,
            Self::BadRequest | Self::BadPacket(_) | Self::TooLarge(_) => 3,
            Self::Forbidden(_) | Self::Full(_) => 4,
            Self::UnsupportedVersion => 5,
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let body = Body { code: self.code(), message: self.to_string() };
        HttpResponse::build(self.status_code()).json(body)
    }
}
