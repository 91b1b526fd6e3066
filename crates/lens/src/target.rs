//! The value of `--to`: where the server is.

use std::{fmt, io, net::SocketAddr, str::FromStr};

use stage::InvalidValue;
use tokio::net::lookup_host;

/// `3004`, `localhost:3004`, `192.168.1.20:3004` or `[::1]:3004`.
#[derive(Debug, Clone)]
pub(crate) struct Target(String);

impl FromStr for Target {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let is_port = |port: &str| port.parse().is_ok_and(|port: u16| port > 0);
        if is_port(text) {
            return Ok(Self(format!("localhost:{text}")));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if is_port(port) && is_host(host) => {
                Ok(Self(text.into()))
            }
            _ => Err(InvalidValue {
                expected: "a port, as in 3004, or a host and a port, as in \
                           localhost:3004",
            }),
        }
    }
}

/// The host of `--to` was not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error("can't find the host of --to {0}: {1}")]
    Failed(Target, io::Error),
    #[error("can't find the host of --to {0}: it has no address")]
    NoAddress(Target),
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    let bracketed = host.starts_with('[') && host.ends_with(']');
    !host.is_empty() && !host.contains('/') && (bracketed || !host.contains(':'))
}

impl Target {
    /// Its address: of several, the first one of IPv4, since most servers listen there.
    pub(crate) async fn resolve(&self) -> Result<SocketAddr, Unresolved> {
        let found = lookup_host(&self.0)
            .await
            .map_err(|error| Unresolved::Failed(self.clone(), error))?;
        let found: Vec<SocketAddr> = found.collect();
        let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
        first.copied().ok_or_else(|| Unresolved::NoAddress(self.clone()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
