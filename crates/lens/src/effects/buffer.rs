//! A proxy that buffers responses.

use std::time::Duration;

use tokio::time::Instant;

use super::decision::{Decision, Shaper};
use crate::queue::Queue;

/// How much is collected before any of it leaves: a page of memory, the size of the
/// buffers that proxies such as nginx have by default.
const BUFFER_BYTES: usize = 4 << 10;

/// How long the first byte of a block waits at most. haproxy collects for 0.2 s, nginx
/// until its buffer is full. A few short samples never fill one before the pages give up
/// (40 s without a byte); in 8 s, some of them come together at the usual rhythm.
const FLUSH_DELAY: Duration = Duration::from_secs(8);

/// A response is held back until it ends, is 4 KiB long, or has waited for 8 s.
///
/// ```text
///  in   ─a─b─c─d─e─f─g─h────
///  out  ───────abcd────efgh─     in blocks; a short, complete response passes at once
/// ```
///
/// Polls don't notice. Streams do: each sample waits for the ones after it. After an
/// upgrade (to WebSocket), bytes belong to no response any more, and pass.
#[derive(Default)]
pub(super) struct Buffering {
    /// How many of the waiting bytes may leave.
    leaving: usize,
}

impl Shaper for Buffering {
    fn decide(&mut self, queue: &Queue, now: Instant) -> Decision {
        let due = queue.arrived() + FLUSH_DELAY;
        let full = queue.len() >= BUFFER_BYTES;
        if self.leaving == 0 && (full || queue.is_complete() || now >= due) {
            self.leaving = queue.len();
        }
        match (self.leaving, queue.len()) {
            // The end of the connection has no bytes.
            (0, 0) => Decision::Forward(0),
            (0, _) => Decision::Hold(Some(due)),
            (bytes, _) => Decision::Forward(bytes),
        }
    }

    fn forwarded(&mut self, bytes: usize, _: Instant) {
        self.leaving = self.leaving.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_leaves_when_the_buffer_is_full() {
        let now = Instant::now();
        let mut queue = Queue::of(&[0; BUFFER_BYTES - 1], now);
        let mut buffer = Buffering::default();
        let due = now + FLUSH_DELAY;
        assert_eq!(buffer.decide(&queue, now), Decision::Hold(Some(due)));
        queue.push_bytes(b"ab", now);
        assert_eq!(buffer.decide(&queue, now), Decision::Forward(BUFFER_BYTES + 1));
        // An effect that allows fewer does not leave the rest behind.
        buffer.forwarded(BUFFER_BYTES, now);
        assert_eq!(buffer.decide(&queue, now), Decision::Forward(1));
    }

    #[test]
    fn a_block_leaves_when_its_first_byte_has_waited() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut queue = Queue::of(b"a", start);
        queue.push_bytes(b"b", after(7));
        let mut buffer = Buffering::default();
        assert_eq!(buffer.decide(&queue, after(7)), Decision::Hold(Some(after(8))));
        assert_eq!(buffer.decide(&queue, after(8)), Decision::Forward(2));
        for _ in 0..2 {
            buffer.forwarded(1, after(8));
            queue.advance(1);
        }
        // The next block has a time of its own.
        queue.push_bytes(b"c", after(9));
        assert_eq!(buffer.decide(&queue, after(9)), Decision::Hold(Some(after(17))));
    }

    #[test]
    fn a_complete_response_passes() {
        let now = Instant::now();
        let mut queue = Queue::of(b"short", now);
        queue.set_complete(true);
        assert_eq!(Buffering::default().decide(&queue, now), Decision::Forward(5));
    }
}
