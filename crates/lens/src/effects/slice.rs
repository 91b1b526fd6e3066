use std::time::Duration;

use tokio::time::Instant;

use super::{Shape, Verdict};
use crate::queue::Queue;

/// Bytes of one write.
const SIZE: usize = 7;

/// Between two writes, so that each travels as a packet of its own.
const PAUSE: Duration = Duration::from_millis(5);

/// Small packets: a write arrives in pieces of 7 bytes, which end inside of lines,
/// frames and letters. TCP promises bytes in order, and no more than that.
///
/// ```text
///  in   ─abcdefghijklmnop───
///  out  ─abcdefg─hijklmn─op─
/// ```
#[derive(Default)]
pub(super) struct Slices {
    next: Option<Instant>,
}

impl Shape for Slices {
    fn verdict(&mut self, _: &Queue, now: Instant) -> Verdict {
        match self.next {
            Some(next) if now < next => Verdict::Wait(Some(next)),
            _ => Verdict::Pass(SIZE),
        }
    }

    fn passed(&mut self, _: usize, now: Instant) {
        self.next = Some(now + PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_bytes_then_a_pause() {
        let start = Instant::now();
        let queue = Queue::of(b"abcdefghijklmnop", start);
        let mut slices = Slices::default();
        assert_eq!(slices.verdict(&queue, start), Verdict::Pass(7));
        slices.passed(7, start);
        assert_eq!(
            slices.verdict(&queue, start),
            Verdict::Wait(Some(start + PAUSE))
        );
        assert_eq!(slices.verdict(&queue, start + PAUSE), Verdict::Pass(7));
    }
}
