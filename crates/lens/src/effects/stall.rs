//! A connection on which nothing passes any more, and neither side is told.

use tokio::time::Instant;

use super::decision::{Decision, Shaper};
use crate::queue::Queue;

/// The connection stays, and nothing passes any more, not even its end. A pulled cable
/// looks like this to both sides. New ones are accepted, and their server does not learn
/// of them until the effect is removed.
///
/// ```text
///  in   ─a─b─c─d─e────
///  out  ─a─b──────────     and neither side is told
/// ```
///
/// When the effect is removed, the bytes that waited arrive, as when the cable is
/// plugged in again.
pub(super) struct Stalling;

impl Shaper for Stalling {
    fn decide(&mut self, _: &Queue, _: Instant) -> Decision {
        Decision::Hold(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes() {
        let now = Instant::now();
        let queue = Queue::of(b"a", now);
        assert_eq!(Stalling.decide(&queue, now), Decision::Hold(None));
    }
}
