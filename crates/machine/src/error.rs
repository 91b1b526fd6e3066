//! What can go wrong with a process.

use std::{io, net::SocketAddr, path::PathBuf, process::ExitStatus};

/// Why a server could not be started, signalled or measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program that has to be built first.
    #[error("there is no {}: run `cargo build {release}-p {name}`", path.display())]
    NotBuilt {
        /// Its package.
        name: String,
        /// Where it would be.
        path: PathBuf,
        /// `--release `, when that is how this program was built.
        release: &'static str,
    },
    /// The system could not start a program.
    #[error("{command} did not start: {source}")]
    Start {
        /// The program, with its arguments.
        command: String,
        /// The system's error.
        source: io::Error,
    },
    /// A program that ended, or closed its output, without an address.
    #[error("{command} ended before it printed http://localhost:PORT")]
    NoAddress {
        /// The program, with its arguments.
        command: String,
    },
    /// A program that ended before it listened, or took too long.
    #[error("{command} does not listen at {address}")]
    NotListening {
        /// The program, with its arguments.
        command: String,
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// A process that can't be signalled any more.
    #[error("the process has ended already, with {status}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
    },
    /// No network of our own could be made, or what was tried in it did not work.
    #[error(
        "unshare, ip, ss, nsenter and curl are needed, and the right to use them: {0}"
    )]
    Network(String),
    /// A file of the system without what should be in it.
    #[error("{}: expected {expected}, and {came:?} came", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What is.
        came: String,
    },
    /// Anything else that the system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}
