//! What a lens tells its user of the connections that pass it.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use serde::Serialize;
use tokio::time::Instant;

use crate::{Decoded, Direction};

/// Told of all that passes a lens. While one of these methods runs, bytes wait.
pub trait Watcher: Send + Sync + 'static {
    /// A client has connected.
    fn opened(&self, connection: &Connection);

    /// The lens has connected to the server for it, from this address, and has sent nothing
    /// yet.
    fn connected(&self, _connection: &Connection, _local: SocketAddr) {}

    /// Bytes have left the lens in a direction, each with one label. The calls come in the
    /// order in which the bytes passed; `writes` says in which writes they left, and when.
    fn passed(
        &self,
        connection: &Connection,
        direction: Direction,
        decoded: Decoded,
        writes: Vec<Write>,
    );

    /// A connection has ended.
    fn closed(&self, connection: &Connection, cause: CloseCause);
}

/// No watcher.
impl Watcher for () {
    fn opened(&self, _: &Connection) {}
    fn passed(&self, _: &Connection, _: Direction, _: Decoded, _: Vec<Write>) {}
    fn closed(&self, _: &Connection, _: CloseCause) {}
}

/// One connection through a lens, for a watcher.
#[derive(Debug)]
pub struct Connection {
    /// A number of its own, in the order in which connections come.
    pub id: u64,
    /// The client's address.
    pub client: SocketAddr,
    /// When it was accepted.
    pub opened: SystemTime,
    /// The same, on a clock that is never set.
    pub(crate) accepted: Instant,
}

impl Connection {
    pub(crate) fn new(client: SocketAddr) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        // A client that came by IPv6 to a socket for both is known by its IPv4.
        let client = SocketAddr::new(client.ip().to_canonical(), client.port());
        Self { id, client, opened: SystemTime::now(), accepted: Instant::now() }
    }
}

/// Why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseCause {
    /// The client ended it first.
    Client,
    /// The server ended it first.
    Server,
    /// One of them reset it, or was gone.
    Reset,
    /// The server could not be reached.
    Unreachable,
    /// [`Effect::Cut`](crate::Effect::Cut).
    Cut,
    /// [`Effect::Refuse`](crate::Effect::Refuse).
    Refuse,
    /// [`Effect::RefuseUpgrade`](crate::Effect::RefuseUpgrade).
    RefuseUpgrade,
    /// [`Effect::IdleKill`](crate::Effect::IdleKill).
    IdleKill,
    /// The lens itself ended.
    Shutdown,
}

impl CloseCause {
    /// Whether both sides get a TCP reset.
    pub(crate) fn is_reset(self) -> bool {
        use CloseCause::{Cut, Refuse, RefuseUpgrade, Reset, Unreachable};
        matches!(self, Reset | Unreachable | Cut | Refuse | RefuseUpgrade)
    }
}

/// Bytes that left a lens together. What comes together leaves together, unless an
/// effect or a slow reader prevents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// How many.
    pub bytes: usize,
    /// When they left.
    pub at: SystemTime,
    /// How long they were held back in the lens.
    pub waited: Duration,
}
