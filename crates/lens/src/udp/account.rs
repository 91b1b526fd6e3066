//! What became of the datagrams: counted, not estimated.

use serde::Serialize;

use crate::Direction;

/// Sums over the flows of a relay.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UdpAccount {
    /// Flows that were opened.
    pub opened: u64,
    /// Flows that are open now.
    pub open: u64,
    /// Datagrams that belong to no flow: those of new clients over the limit, and in a
    /// pair those that came before their sender was known.
    pub refused: u64,
    /// From client to server, or from the first peer to the second.
    pub up: DatagramCount,
    /// The other way.
    pub down: DatagramCount,
}

/// The datagrams of one direction. `received + duplicated` is always
/// `delivered + lost + dropped + held`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DatagramCount {
    /// Datagrams that came.
    pub received: u64,
    /// Their bytes, without the headers of UDP and IP.
    pub received_bytes: u64,
    /// Those of them that the relay can't read, nearly always because they are encrypted.
    pub opaque_bytes: u64,
    /// Datagrams that left.
    pub delivered: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Lost on request, by [`Lose`](super::Lose) or a cut.
    pub lost: u64,
    /// Dropped although nobody asked for it: the queue or the system's buffer was full,
    /// or the address of the receiver was not known.
    pub dropped: u64,
    /// Copies that were made on request.
    pub duplicated: u64,
    /// Datagrams that wait here now.
    pub held: u64,
}

impl UdpAccount {
    /// The datagrams of one direction.
    #[must_use]
    pub fn count(&self, direction: Direction) -> &DatagramCount {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    pub(super) fn count_mut(&mut self, direction: Direction) -> &mut DatagramCount {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
