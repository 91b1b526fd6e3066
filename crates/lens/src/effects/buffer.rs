//! A proxy that buffers responses.

use tokio::time::Instant;

use super::decision::{Decision, Shaper};
use crate::queue::Queue;

/// How much is collected before any of it leaves: a page of memory, the size of the
/// buffers that proxies such as nginx have by default.
const BUFFER_BYTES: usize = 4 << 10;

/// A response is held back until it ends or is 4 KiB long.
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
    fn decide(&mut self, queue: &Queue, _: Instant) -> Decision {
        if self.leaving == 0 && (queue.len() >= BUFFER_BYTES || queue.is_complete())
        {
            self.leaving = queue.len();
        }
        match (self.leaving, queue.len()) {
            // The end of the connection has no bytes.
            (0, 0) => Decision::Forward(0),
            (0, _) => Decision::Hold(None),
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
        assert_eq!(buffer.decide(&queue, now), Decision::Hold(None));
        queue.push_bytes(b"ab", now);
        assert_eq!(buffer.decide(&queue, now), Decision::Forward(BUFFER_BYTES + 1));
        // An effect that allows fewer does not leave the rest behind.
        buffer.forwarded(BUFFER_BYTES, now);
        assert_eq!(buffer.decide(&queue, now), Decision::Forward(1));
    }

    #[test]
    fn a_complete_response_passes() {
        let now = Instant::now();
        let mut queue = Queue::of(b"short", now);
        queue.set_complete(true);
        assert_eq!(Buffering::default().decide(&queue, now), Decision::Forward(5));
    }
}
