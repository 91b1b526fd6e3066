//! Writes that arrive in small packets.

use std::time::Duration;

use tokio::time::Instant;

use super::decision::{Decision, Shaper};
use crate::queue::Queue;

/// The most that one write has.
const SLICE_BYTES: usize = 7;

/// The time between two writes, so that each travels as a packet of its own.
const SLICE_INTERVAL: Duration = Duration::from_millis(5);

/// A write arrives in pieces of 7 bytes, which end inside of lines,
/// frames and letters. TCP promises bytes in order, and no more than that.
///
/// ```text
///  in   ─abcdefghijklmnop───
///  out  ─abcdefg─hijklmn─op─
/// ```
#[derive(Default)]
pub(super) struct Slicing {
    next: Option<Instant>,
}

impl Shaper for Slicing {
    fn decide(&mut self, _: &Queue, now: Instant) -> Decision {
        match self.next {
            Some(next) if now < next => Decision::Hold(Some(next)),
            _ => Decision::Forward(SLICE_BYTES),
        }
    }

    fn forwarded(&mut self, _: usize, now: Instant) {
        self.next = Some(now + SLICE_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_bytes_then_a_pause() {
        let start = Instant::now();
        let queue = Queue::of(b"abcdefghijklmnop", start);
        let mut slices = Slicing::default();
        assert_eq!(slices.decide(&queue, start), Decision::Forward(7));
        slices.forwarded(7, start);
        assert_eq!(
            slices.decide(&queue, start),
            Decision::Hold(Some(start + SLICE_INTERVAL))
        );
        assert_eq!(
            slices.decide(&queue, start + SLICE_INTERVAL),
            Decision::Forward(7)
        );
    }
}
