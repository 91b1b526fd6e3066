//! A flow: what passes between the same two ends, one link in each direction.

use std::{io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    conditions::Conditions,
    control::UdpControl,
    decode::DatagramDecoder,
    link::Link,
    watcher::{DatagramWatcher, Fate, FlowInfo, LossCause},
};
use crate::{Direction, Label};

/// How long a flow may be idle before it is forgotten. QUIC gives up after 30 s by
/// default (RFC 9000 §10.1 leaves it to the ends), ICE asks for consent every 5 s.
const FLOW_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// What all flows of a relay use.
pub(super) struct Shared<W> {
    pub(super) control: UdpControl,
    pub(super) watcher: W,
}

/// One flow.
pub(super) struct Flow {
    info: FlowInfo,
    up: Link,
    down: Link,
    decoder: DatagramDecoder,
    /// When the last datagram came, in either direction.
    last_arrival: Instant,
}

impl Flow {
    pub(super) fn open(
        id: u64,
        client: SocketAddr,
        shared: &mut Shared<impl DatagramWatcher>,
    ) -> Self {
        let info = FlowInfo { id, client };
        shared.control.count(|account| {
            account.opened += 1;
            account.open += 1;
        });
        shared.watcher.opened(&info);
        Self {
            info,
            up: Link::new(Direction::Up),
            down: Link::new(Direction::Down),
            decoder: DatagramDecoder::default(),
            last_arrival: Instant::now(),
        }
    }

    /// A datagram came. What is due leaves at once, by `send`.
    pub(super) fn push(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        shared: &mut Shared<impl DatagramWatcher>,
        send: impl FnMut(Direction, &[u8]) -> io::Result<usize>,
    ) {
        let now = Instant::now();
        self.last_arrival = now;
        let datagram = Bytes::copy_from_slice(bytes);
        let conditions = shared.control.conditions();
        let link = self.link(direction);
        let lost = shared.control.count(|account| {
            link.push(&datagram, now, &conditions, account.count_mut(direction))
        });
        if let Some(cause) = lost {
            self.report(direction, &datagram, Fate::Lost(cause), shared);
        }
        self.forward(shared, send);
    }

    /// Sends what is due, by `send`.
    pub(super) fn forward(
        &mut self,
        shared: &mut Shared<impl DatagramWatcher>,
        mut send: impl FnMut(Direction, &[u8]) -> io::Result<usize>,
    ) {
        let (now, cut) = (Instant::now(), shared.control.conditions().cut.cuts());
        for direction in [Direction::Up, Direction::Down] {
            loop {
                let link = self.link(direction);
                let due = shared
                    .control
                    .count(|account| link.pop(now, account.count_mut(direction)));
                let Some((datagram, held)) = due else { break };
                let fate = if cut {
                    Fate::Lost(LossCause::Cut)
                } else if send(direction, &datagram).is_ok() {
                    Fate::Delivered(held)
                } else {
                    Fate::Lost(LossCause::NotSent)
                };
                self.report(direction, &datagram, fate, shared);
            }
        }
    }

    /// Counts and tells what became of a datagram.
    fn report(
        &mut self,
        direction: Direction,
        datagram: &Bytes,
        fate: Fate,
        shared: &mut Shared<impl DatagramWatcher>,
    ) {
        let spans = self.decoder.decode(datagram);
        let opaque = spans
            .iter()
            .filter(|s| matches!(s.label, Label::Opaque | Label::Encrypted));
        let opaque: usize = opaque.map(|span| span.bytes.len()).sum();
        shared.control.count(|account| {
            let count = account.count_mut(direction);
            match fate {
                Fate::Delivered(_) => {
                    count.delivered += 1;
                    count.delivered_bytes += datagram.len() as u64;
                    count.opaque_bytes += opaque as u64;
                }
                Fate::Lost(LossCause::Lose | LossCause::Cut) => count.lost += 1,
                Fate::Lost(LossCause::QueueFull | LossCause::NotSent) => {
                    count.dropped += 1;
                }
            }
        });
        shared.watcher.passed(&self.info, direction, &spans, fate);
    }

    /// When the next datagram leaves.
    pub(super) fn next_due(&self) -> Option<Instant> {
        [self.up.next_due(), self.down.next_due()].into_iter().flatten().min()
    }

    /// When the flow is forgotten, if nothing comes until then.
    pub(super) fn idle_at(&self) -> Instant {
        self.last_arrival + FLOW_IDLE_TIMEOUT
    }

    /// The conditions have changed.
    pub(super) fn reschedule(&mut self, conditions: &Conditions) {
        self.up.reschedule(conditions);
        self.down.reschedule(conditions);
    }

    /// The flow is forgotten, with what waits in it.
    pub(super) fn close(mut self, shared: &mut Shared<impl DatagramWatcher>) {
        shared.control.count(|account| {
            account.open -= 1;
            self.up.clear(&mut account.up);
            self.down.clear(&mut account.down);
        });
        shared.watcher.closed(&self.info);
    }

    fn link(&mut self, direction: Direction) -> &mut Link {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
