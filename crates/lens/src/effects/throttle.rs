//! Low bandwidth.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::decision::{Decision, Shaper};
use crate::queue::Queue;

/// The time between two writes: so short that bytes seem to flow.
const WRITE_INTERVAL: Duration = Duration::from_millis(50);

/// At most this many bytes leave in a second.
///
/// ```text
///  in   ─abcdefgh────────────
///  out  ─a─b─c─d─e─f─g─h─────     `bytes_per_second`
/// ```
///
/// Bytes over the rate wait here, and when the queue is full, at the sender: that is
/// back pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Throttle {
    /// In each direction of each connection; at least 1.
    pub bytes_per_second: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { bytes_per_second: 200 }
    }
}

impl Throttle {
    pub(super) fn shaper(self) -> Throttling {
        Throttling { rate: self.bytes_per_second as f64, free: None }
    }
}

pub(super) struct Throttling {
    rate: f64,
    /// When the next bytes may leave, after those that left.
    free: Option<Instant>,
}

impl Shaper for Throttling {
    fn decide(&mut self, _: &Queue, now: Instant) -> Decision {
        match self.free {
            Some(free) if now < free => Decision::Hold(Some(free)),
            _ => Decision::Forward(
                (self.rate * WRITE_INTERVAL.as_secs_f64()).ceil() as usize,
            ),
        }
    }

    fn forwarded(&mut self, bytes: usize, now: Instant) {
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
        let mut throttle = Throttle { bytes_per_second: 200 }.shaper();
        let (mut now, mut passed) = (start, 0);
        while now < start + Duration::from_secs(1) {
            match throttle.decide(&queue, now) {
                Decision::Forward(bytes) => {
                    passed += bytes;
                    throttle.forwarded(bytes, now);
                }
                Decision::Hold(Some(until)) => now = until,
                Decision::Hold(None) => unreachable!(),
            }
        }
        assert_eq!(passed, 200);
    }
}
