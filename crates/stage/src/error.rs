use std::{fmt, io::ErrorKind, net::IpAddr, path::PathBuf};

/// Why a demo could not run. Its message says what to do about it.
#[derive(Debug)]
pub enum Error {
    /// The folder of the pages is not where it was looked for.
    NoPages {
        /// The file that is not there.
        missing: PathBuf,
    },
    /// The address can't be listened on.
    Listen {
        /// The host asked for.
        host: IpAddr,
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else that the system refused.
    System(std::io::Error),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPages { missing } => write!(
                f,
                "there is no {}: say where the workshop's `static` folder is with \
                 --static-dir FOLDER",
                missing.display()
            ),
            Self::Listen { host, port, source } => match source.kind() {
                ErrorKind::AddrInUse => write!(
                    f,
                    "port {port} is in use: end the program that has it, or take \
                     another with --port {}",
                    port.wrapping_add(100).max(1024)
                ),
                ErrorKind::PermissionDenied => write!(
                    f,
                    "port {port} is for the system: take one from 1024 up with --port"
                ),
                ErrorKind::AddrNotAvailable => write!(
                    f,
                    "{host} is no address of this machine: leave --host out, or \
                     use --lan"
                ),
                _ => write!(
                    f,
                    "can't listen on {host} port {port}: {source}; try another with \
                     --host and --port"
                ),
            },
            Self::System(error) => {
                write!(f, "the system said: {error}; fix that and start again")
            }
        }
    }
}

impl std::error::Error for Error {}
