//! The processes of a cluster, by name.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// No such member, or it is dead.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no such process: expected broker, nginx, or server-1 and so on")]
pub struct NoMember;

/// One of the processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// redis-server.
    Broker,
    /// A server of all five techniques; they are counted from 1.
    Server(usize),
    /// nginx.
    Proxy,
}

/// What has become of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It accepts connections.
    Running,
    /// It does not yet.
    Starting,
    /// It was killed, or has ended.
    Dead,
}

/// As in the paths of requests: `server-2`.
impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker => f.write_str("broker"),
            Self::Server(number) => write!(f, "server-{number}"),
            Self::Proxy => f.write_str("nginx"),
        }
    }
}

impl FromStr for Member {
    type Err = NoMember;

    fn from_str(text: &str) -> Result<Self, NoMember> {
        let number = || text.strip_prefix("server-")?.parse().ok();
        match text {
            "broker" => Ok(Self::Broker),
            "nginx" => Ok(Self::Proxy),
            _ => number().map(Self::Server).ok_or(NoMember),
        }
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
