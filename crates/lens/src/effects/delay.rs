//! Network delay, with jitter.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::decision::{Decision, Shaper};
use crate::queue::Queue;

/// Every byte arrives later, but in order.
///
/// ```text
///  in   ─a──b─c──────────
///  out  ──────a───b─c────     each after `ms` ± `jitter`
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delay {
    /// Milliseconds, in each direction.
    pub ms: u64,
    /// The delay varies by up to this many milliseconds, at random; at most `ms`.
    pub jitter: u64,
}

impl Default for Delay {
    fn default() -> Self {
        Self { ms: 300, jitter: 100 }
    }
}

impl Delay {
    pub(super) fn shaper(self) -> Delaying {
        Delaying { delay: self, front: None }
    }
}

pub(super) struct Delaying {
    delay: Delay,
    /// When the first bytes of the queue arrived, and when they may leave.
    front: Option<(Instant, Instant)>,
}

impl Shaper for Delaying {
    fn decide(&mut self, queue: &Queue, now: Instant) -> Decision {
        let arrived = queue.arrived();
        let due = match self.front {
            Some((known, due)) if known == arrived => due,
            _ => {
                let Delay { ms, jitter } = self.delay;
                let ms = rand::random_range(ms - jitter..=ms + jitter);
                arrived + Duration::from_millis(ms)
            }
        };
        self.front = Some((arrived, due));
        if now < due {
            Decision::Hold(Some(due))
        } else {
            Decision::Forward(queue.front().len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_waits_its_time_from_when_it_came() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut queue = Queue::of(b"a", start);
        let mut delay = Delay { ms: 300, jitter: 0 }.shaper();
        assert_eq!(delay.decide(&queue, start), Decision::Hold(Some(after(300))));
        queue.push_bytes(b"bc", after(200));
        assert_eq!(
            delay.decide(&queue, after(299)),
            Decision::Hold(Some(after(300)))
        );
        assert_eq!(delay.decide(&queue, after(300)), Decision::Forward(1));
        queue.advance(1);
        assert_eq!(
            delay.decide(&queue, after(300)),
            Decision::Hold(Some(after(500)))
        );
    }

    #[test]
    fn jitter_is_drawn_once_for_what_came_together() {
        let start = Instant::now();
        let queue = Queue::of(b"abc", start);
        let mut delay = Delay { ms: 300, jitter: 300 }.shaper();
        let first = delay.decide(&queue, start);
        assert_eq!(delay.decide(&queue, start), first);
    }
}
