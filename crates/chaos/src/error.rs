//! Why a case could not be tried to its end.

use std::io;

use tokio::{task::JoinError, time::error::Elapsed};

/// What ends a case without a verdict of its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A server that gives no sample to a client that polls.
    #[error("the server does not answer")]
    NoAnswer,
    /// A server that does not publish any more.
    #[error("in the calm, nothing was published")]
    NothingPublished,
    /// A client was not served.
    #[error(transparent)]
    Bench(#[from] bench::Error),
    /// A server can't be started, signalled or measured.
    #[error(transparent)]
    Machine(#[from] machine::Error),
    /// The server of this program can't listen, or has no pages.
    #[error(transparent)]
    Stage(#[from] stage::Error),
    /// A cluster can't start.
    #[error(transparent)]
    Cluster(#[from] broker::cluster::Error),
    /// No broker is at such a URL.
    #[error(transparent)]
    Url(#[from] broker::InvalidUrl),
    /// An effect that a lens does not take.
    #[error("the lens refuses an effect: {0}")]
    Effect(#[from] lens::OutOfRange),
    /// A task of this program panicked.
    #[error(transparent)]
    Task(#[from] JoinError),
    /// Nothing came in time.
    #[error("nothing came in time: {0}")]
    Timeout(#[from] Elapsed),
    /// Anything else that the system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}
