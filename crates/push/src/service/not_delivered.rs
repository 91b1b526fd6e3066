//! Why the push service does not take a message (RFC 8030 §5, RFC 8292 §4.2).

use std::time::Duration;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use super::mailboxes::NotQueued;
use crate::vapid::BadToken;

/// How long a server waits that has filled a box.
const RETRY_DELAY: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDelivered {
    #[error(
        "expected TTL, the seconds for which the message is kept (RFC 8030 §5.2)"
    )]
    NoTtl,
    #[error("expected Content-Encoding: aes128gcm (RFC 8291)")]
    OtherEncoding,
    #[error(
        "expected a Topic of at most 32 letters of base64url, or none (RFC 8030 §5.4)"
    )]
    BadTopic,
    #[error("no browser is subscribed here (any more)")]
    UnknownEndpoint,
    #[error("more than 4096 bytes (RFC 8030 §7.2)")]
    TooLong,
    #[error("the content has ended early")]
    Broken,
    #[error(
        "too many messages wait for this browser: try again in {} s",
        RETRY_DELAY.as_secs()
    )]
    QueueFull,
    #[error("{0} (RFC 8292)")]
    Token(#[from] BadToken),
}

impl From<NotQueued> for NotDelivered {
    fn from(reason: NotQueued) -> Self {
        match reason {
            NotQueued::UnknownEndpoint => Self::UnknownEndpoint,
            NotQueued::QueueFull => Self::QueueFull,
        }
    }
}

impl ResponseError for NotDelivered {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoTtl | Self::OtherEncoding | Self::BadTopic | Self::Broken => {
                StatusCode::BAD_REQUEST
            }
            Self::UnknownEndpoint => StatusCode::NOT_FOUND,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::QueueFull => StatusCode::TOO_MANY_REQUESTS,
            Self::Token(BadToken::Missing) => StatusCode::UNAUTHORIZED,
            Self::Token(_) => StatusCode::FORBIDDEN,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::QueueFull => {
                response.insert_header(("Retry-After", RETRY_DELAY.as_secs()))
            }
            Self::Token(BadToken::Missing) => {
                response.insert_header(("WWW-Authenticate", "vapid"))
            }
            _ => &mut response,
        };
        response.body(self.to_string())
    }
}
