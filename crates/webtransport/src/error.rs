//! Why a session ended, other than by our farewell.

use std::io;

use tokio::time::error::Elapsed;
use wtransport::error::{ConnectionError, StreamOpeningError, StreamWriteError};

/// Why a session ended, other than by our farewell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    /// The client left, or nothing came from it for longer than the idle time-out.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// A stream could not be opened.
    #[error(transparent)]
    Opening(#[from] StreamOpeningError),
    /// The client wants no more of a stream, or the connection is lost.
    #[error(transparent)]
    Writing(#[from] StreamWriteError),
    /// What the client sends on a stream is cut off.
    #[error("a stream of the client: {0}")]
    Reading(#[from] io::Error),
    /// No session was asked for in time.
    #[error("no request for a session within the time-out")]
    Handshake(#[from] Elapsed),
}
