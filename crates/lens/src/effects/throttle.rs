use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Shape, Verdict};
use crate::queue::Queue;

/// How often bytes leave, at most: small enough that they seem to flow.
const STEP: Duration = Duration::from_millis(50);

/// A narrow way: so many bytes a second, and no more.
///
/// ```text
///  in   ─abcdefgh────────────
///  out  ─a─b─c─d─e─f─g─h─────     `bytes_per_second`
/// ```
///
/// What does not fit waits here, and when it is too much, at the sender: that is back
/// pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Throttle {
    /// In each direction of each connection; from 1 up.
    pub bytes_per_second: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { bytes_per_second: 200 }
    }
}

impl Throttle {
    pub(super) fn shape(self) -> Throttling {
        Throttling { rate: self.bytes_per_second as f64, free: None }
    }
}

pub(super) struct Throttling {
    rate: f64,
    /// When the bytes that left have been paid for.
    free: Option<Instant>,
}

impl Shape for Throttling {
    fn verdict(&mut self, _: &Queue, now: Instant) -> Verdict {
        match self.free {
            Some(free) if now < free => Verdict::Wait(Some(free)),
            _ => Verdict::Pass((self.rate * STEP.as_secs_f64()).ceil() as usize),
        }
    }

    fn passed(&mut self, bytes: usize, now: Instant) {
        self.free = Some(now + Duration::from_secs_f64(bytes as f64 / self.rate));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lets_its_bytes_through() {
        let start = Instant::now();
        let queue = Queue::of(&[0; 10_000], start);
        let mut throttle = Throttle { bytes_per_second: 200 }.shape();
        let (mut now, mut passed) = (start, 0);
        while now < start + Duration::from_secs(1) {
            match throttle.verdict(&queue, now) {
                Verdict::Pass(bytes) => {
                    passed += bytes;
                    throttle.passed(bytes, now);
                }
                Verdict::Wait(Some(until)) => now = until,
                Verdict::Wait(None) => unreachable!(),
            }
        }
        assert_eq!(passed, 200);
    }
}
