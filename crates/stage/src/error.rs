//! What can go wrong before a server runs, in words that say what to do about it.

use std::{
    io::{self, ErrorKind},
    net::IpAddr,
    path::PathBuf,
};

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A page is not where it was looked for.
    #[error(
        "{} can't be read ({source}): say where the workshop's `static` folder is with \
         --static-dir FOLDER",
        path.display()
    )]
    NoPages {
        /// The file, or its folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A page or a chapter is there, and can't be read.
    #[error(
        "{} can't be read ({source}): have it be text in UTF-8 that this user may read",
        path.display()
    )]
    Unreadable {
        /// The file, or its folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A browser would refuse the port.
    #[error("{}: take another with --port {}", no_page_at(*port), port.wrapping_add(100))]
    BadPort {
        /// The port asked for.
        port: u16,
    },
    /// The address can't be listened on.
    #[error("{}", listen_advice(*host, *port, source))]
    Listen {
        /// The host asked for.
        host: IpAddr,
        /// The port asked for.
        port: u16,
        /// The system's error.
        source: io::Error,
    },
    /// Anything else that the system refused.
    #[error("the operating system refused: {0}")]
    System(#[from] io::Error),
}

impl Error {
    /// Why a page or a chapter, or the folder of them, can't be read at this path.
    #[must_use]
    pub fn of_file(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => {
                Self::NoPages { path, source }
            }
            _ => Self::Unreadable { path, source },
        }
    }
}

/// What is wrong with a port of [`Error::BadPort`], for programs that take others with
/// another flag than `--port`.
#[must_use]
pub fn no_page_at(port: u16) -> String {
    format!(
        "no browser opens a page at port {port}, which is another protocol's (Fetch \
         Standard, \"bad port\")"
    )
}

fn listen_advice(host: IpAddr, port: u16, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "port {port} is in use: end the program that has it, or take another with \
             --port {}",
            port.wrapping_add(100).max(1024)
        ),
        ErrorKind::PermissionDenied => format!(
            "port {port} needs administrator rights: choose one from 1024 up with --port"
        ),
        ErrorKind::AddrNotAvailable => {
            format!("this machine has no address {host}: omit --host, or use --lan")
        }
        _ => format!(
            "can't listen on {host} port {port}: {error}; try another with --host and \
             --port"
        ),
    }
}

/// A flag was given a value that it can't have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidValue {
    /// What the flag takes, such as "an IP address".
    pub expected: &'static str,
}
