//! Why a cluster can't start, or a member of it not be found.

use std::io;

use super::member::{Member, NoMember};

/// Why a cluster can't start, or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program of others.
    #[error(
        "{name} is not installed: sudo apt-get install {name} (Debian, Ubuntu), or brew \
         install {} (macOS)", name.trim_end_matches("-server")
    )]
    NotInstalled {
        /// Its name, and that of its package.
        name: &'static str,
    },
    /// A process has ended, or takes too long.
    #[error("{member} does not start; what it said is above")]
    NotUp {
        /// Which.
        member: Member,
    },
    /// No such member, or it is dead.
    #[error(transparent)]
    NoMember(#[from] NoMember),
    /// A port is in use.
    #[error(transparent)]
    Port(#[from] stage::Error),
    /// A process can't be started.
    #[error(transparent)]
    Machine(#[from] machine::Error),
    /// Anything else that the system refused.
    #[error("the operating system refused: {0}")]
    Io(#[from] io::Error),
}
