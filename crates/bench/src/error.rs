//! Why a client was not served, or a server can't be measured.

use std::{io, path::PathBuf};

/// What ends a client or a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server sent what its technique does not send.
    #[error("expected {expected}, and {came:?} came")]
    Unexpected {
        /// What its technique sends there.
        expected: &'static str,
        /// How what came begins.
        came: String,
    },
    /// A response with a status of refusal.
    #[error("the response was {0}")]
    Refused(u16),
    /// The server ended the connection.
    #[error("the server closed a connection")]
    Closed,
    /// The server ended a stream or a WebSocket.
    #[error("the server ended a stream")]
    StreamEnded,
    /// Not all clients had a response in time.
    #[error("only {connected} of {clients} clients had a response after a minute")]
    NotServed {
        /// Those that had one.
        connected: usize,
        /// All.
        clients: usize,
    },
    /// A session of WebTransport has nothing to be compared with.
    #[error("webtransport is measured alone: without --peers and --cluster")]
    NoPeers,
    /// There is nothing to measure.
    #[error(
        "no sample came in {seconds:.1} s: measure for longer than --every, with --for"
    )]
    NoSample {
        /// How long it was measured.
        seconds: f64,
    },
    /// The system allows too few open files.
    #[error(
        "{clients} clients need {needed} files, and only {allowed} may be open: raise \
         the limit with `ulimit -n {needed}` as root, or take fewer clients"
    )]
    TooFewFiles {
        /// How many there are to be.
        clients: u64,
        /// What they need.
        needed: u64,
        /// What the system allows.
        allowed: u64,
    },
    /// A peer could not be built.
    #[error("{command}: {problem}")]
    Build {
        /// What builds it.
        command: String,
        /// How that failed.
        problem: String,
    },
    /// A file can't be written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A session of WebTransport was not opened.
    #[error(transparent)]
    Session(#[from] wtransport::error::ConnectingError),
    /// A record, or the hash of a certificate, is no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A server's process can't be started or measured.
    #[error(transparent)]
    Machine(#[from] machine::Error),
    /// Anything else that the system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}
