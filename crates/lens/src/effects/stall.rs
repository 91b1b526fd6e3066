use tokio::time::Instant;

use super::{Shape, Verdict};
use crate::queue::Queue;

/// Silent death: the connection stays, new ones are accepted, and nothing passes any
/// more, not even its end. A pulled cable looks like this to both sides.
///
/// ```text
///  in   ─a─b─c─d─e────
///  out  ─a─b──────────     and nobody is told
/// ```
///
/// Taken off, what waited arrives, as after a cable is plugged in again.
pub(super) struct Silence;

impl Shape for Silence {
    fn verdict(&mut self, _: &Queue, _: Instant) -> Verdict {
        Verdict::Wait(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes() {
        let now = Instant::now();
        let queue = Queue::of(b"a", now);
        assert_eq!(Silence.verdict(&queue, now), Verdict::Wait(None));
    }
}
