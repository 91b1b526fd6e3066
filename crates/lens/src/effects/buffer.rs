use tokio::time::Instant;

use super::{Shape, Verdict};
use crate::queue::Queue;

/// Bytes that are collected before any of them leave: a page of memory, the size of
/// the buffers that proxies such as nginx have by default.
const SIZE: usize = 4 << 10;

/// A proxy that buffers: an answer is held back until it ends or is 4 KiB long.
///
/// ```text
///  in   ─a─b─c─d─e─f─g─h────
///  out  ───────abcd────efgh─     lumps; an answer that is short and whole passes
/// ```
///
/// Polls don't notice. A stream does: each sample waits for the ones after it. What
/// was upgraded (a WebSocket) is no answer any more, and passes.
#[derive(Default)]
pub(super) struct Buffering {
    /// How much of what is there may leave.
    leaving: usize,
}

impl Shape for Buffering {
    fn verdict(&mut self, queue: &Queue, _: Instant) -> Verdict {
        if self.leaving == 0 && (queue.len() >= SIZE || queue.is_whole()) {
            self.leaving = queue.len();
        }
        match (self.leaving, queue.len()) {
            // The end of the connection has no bytes.
            (0, 0) => Verdict::Pass(0),
            (0, _) => Verdict::Wait(None),
            (bytes, _) => Verdict::Pass(bytes),
        }
    }

    fn passed(&mut self, bytes: usize, _: Instant) {
        self.leaving = self.leaving.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lump_leaves_when_it_is_a_page() {
        let now = Instant::now();
        let mut queue = Queue::of(&[0; SIZE - 1], now);
        let mut buffer = Buffering::default();
        assert_eq!(buffer.verdict(&queue, now), Verdict::Wait(None));
        queue.push_bytes(b"ab", now);
        assert_eq!(buffer.verdict(&queue, now), Verdict::Pass(SIZE + 1));
        // An effect that allows fewer does not leave the rest behind.
        buffer.passed(SIZE, now);
        assert_eq!(buffer.verdict(&queue, now), Verdict::Pass(1));
    }

    #[test]
    fn a_whole_answer_passes() {
        let now = Instant::now();
        let mut queue = Queue::of(b"short", now);
        queue.set_whole(true);
        assert_eq!(Buffering::default().verdict(&queue, now), Verdict::Pass(5));
    }
}
