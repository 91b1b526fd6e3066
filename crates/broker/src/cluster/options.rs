//! What a cluster is made of.

use std::{ffi::OsString, net::IpAddr};

use super::ports::Ports;

/// What a cluster is to be like.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many servers, from 1 to [`SERVERS_LIMIT`](super::SERVERS_LIMIT).
    pub servers: usize,
    /// Where nginx listens. All else is for this machine alone.
    pub host: IpAddr,
    /// The ports.
    pub ports: Ports,
    /// Whether the broker writes its log to a file, and has it again after it was killed.
    pub persistent: bool,
    /// Flags for the servers, such as `--every 1s`.
    pub server_flags: Vec<OsString>,
}
