//! What a relay tells its user of the datagrams that pass it.

use std::{net::SocketAddr, time::Duration};

use crate::{Direction, Span};

/// Told of all that a relay receives. While one of these methods runs, datagrams wait.
pub trait DatagramWatcher: Send + 'static {
    /// The first datagram of a flow came.
    fn opened(&mut self, flow: &FlowInfo);

    /// The fate of a datagram is known. `spans` are all its bytes, labelled.
    fn passed(
        &mut self,
        flow: &FlowInfo,
        direction: Direction,
        spans: &[Span],
        fate: Fate,
    );

    /// A flow was idle for so long that it is forgotten, or the relay ended.
    fn closed(&mut self, flow: &FlowInfo);
}

/// No watcher.
impl DatagramWatcher for () {
    fn opened(&mut self, _: &FlowInfo) {}
    fn passed(&mut self, _: &FlowInfo, _: Direction, _: &[Span], _: Fate) {}
    fn closed(&mut self, _: &FlowInfo) {}
}

/// Datagrams between the same two ends. UDP has no connections; what comes from one
/// address belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowInfo {
    /// A number of its own in the relay, in the order in which flows come.
    pub id: u64,
    /// The client's address. In a pair, the relay's own, where the first peer sends to.
    pub client: SocketAddr,
}

/// What became of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It left, after it was held for so long.
    Delivered(Duration),
    /// It did not.
    Lost(LossCause),
}

/// Why a datagram did not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossCause {
    /// [`Lose`](super::Lose).
    Lose,
    /// [`Conditions::cut`](super::Conditions::cut).
    Cut,
    /// Too much waits in the flow's queue.
    QueueFull,
    /// The system did not take it, or the receiver's address is not known.
    NotSent,
}
