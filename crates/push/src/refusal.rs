//! Why a request of a page is refused.

use std::net::SocketAddr;

use actix_web::{ResponseError, http::StatusCode};

use crate::{endpoint::BadEndpoint, state::Full, subscription::BadSubscription};

/// Why a request is refused, which its response says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// A page of another origin: a browser would send it there in its user's name.
    #[error("only a page of this server may ask for this")]
    ForeignOrigin(#[from] stage::ForeignOrigin),
    /// Everyone in the room may look; notifications on all screens are the presenter's.
    #[error(
        "only a page on the machine of this server may push: open it at localhost"
    )]
    NotPresenter,
    #[error("this sample is not kept any more: push a newer one")]
    NoSample,
    #[error(transparent)]
    Subscription(#[from] BadSubscription),
    #[error(transparent)]
    Full(#[from] Full),
}

/// Lets in a program on the machine of this server, where the presenter sits.
pub(crate) fn only_this_machine(peer: Option<SocketAddr>) -> Result<(), Refusal> {
    match peer {
        Some(peer) if peer.ip().is_loopback() => Ok(()),
        _ => Err(Refusal::NotPresenter),
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        use BadSubscription::Endpoint;
        match self {
            Self::ForeignOrigin(_)
            | Self::NotPresenter
            | Self::Subscription(Endpoint(BadEndpoint::Private { .. })) => {
                StatusCode::FORBIDDEN
            }
            Self::NoSample => StatusCode::NOT_FOUND,
            Self::Subscription(_) => StatusCode::BAD_REQUEST,
            Self::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_machine_of_the_server_pushes() {
        let is_let_in = |peer: &str| only_this_machine(peer.parse().ok()).is_ok();
        assert!(is_let_in("127.0.0.1:5000"));
        assert!(is_let_in("[::1]:5000"));
        for other in ["192.168.1.20:5000", "10.0.0.1:5000", "[fe80::1]:5000", ""] {
            assert!(!is_let_in(other), "{other}");
        }
    }
}
