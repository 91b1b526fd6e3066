//! What an effect is asked about a connection, and what it may answer.

use tokio::time::Instant;

use crate::queue::Queue;

/// When a connection was opened, and when it was last in use: effects that end
/// connections decide by it.
#[derive(Debug)]
pub(crate) struct Lifetime {
    pub(crate) opened: Instant,
    /// When a byte was last forwarded, in either direction.
    pub(crate) last_byte: Instant,
    /// When the client first asked to change the protocol.
    pub(crate) upgrade_asked: Option<Instant>,
}

impl Lifetime {
    /// Of a connection that was just opened.
    pub(crate) fn new(opened: Instant) -> Self {
        Self { opened, last_byte: opened, upgrade_asked: None }
    }
}

/// What an effect decides about the bytes that wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// At most this many bytes may leave now.
    Forward(usize),
    /// No byte may leave before then, or, without a time, before something changes.
    Hold(Option<Instant>),
}

impl Decision {
    /// The stricter of two decisions.
    pub(crate) fn and(self, other: Self) -> Self {
        use Decision::{Forward, Hold};
        match (self, other) {
            (Forward(a), Forward(b)) => Forward(a.min(b)),
            (Hold(None), _) | (_, Hold(None)) => Hold(None),
            (Hold(a), Hold(b)) => Hold(a.max(b)),
            (Hold(until), Forward(_)) | (Forward(_), Hold(until)) => Hold(until),
        }
    }
}

/// An effect that holds bytes back, at work on one direction of one connection.
pub(crate) trait Shaper: Send {
    /// How many of the waiting bytes may leave now. The queue is never empty.
    fn decide(&mut self, queue: &Queue, now: Instant) -> Decision;

    /// Called when this many of the bytes have left.
    fn forwarded(&mut self, _bytes: usize, _now: Instant) {}
}

/// What all effects decide together.
pub(crate) fn decide(shapers: &mut [Box<dyn Shaper>], queue: &Queue) -> Decision {
    if queue.is_empty() {
        return Decision::Hold(None);
    }
    let now = Instant::now();
    shapers
        .iter_mut()
        .map(|shaper| shaper.decide(queue, now))
        .fold(Decision::Forward(usize::MAX), Decision::and)
}
