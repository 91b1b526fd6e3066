use std::collections::VecDeque;

use bytes::Bytes;
use tokio::time::Instant;

use crate::Decoded;

/// How many bytes wait in the lens, at most, in one direction of one connection.
/// Beyond that, nothing is read: a slow reader holds back its peer, not memory.
const MOST: usize = 64 << 10;

/// What came from one side and has not left to the other.
#[derive(Default)]
pub(crate) struct Queue {
    chunks: VecDeque<Chunk>,
    len: usize,
    whole: bool,
}

/// What one read gave. Without bytes, it is the end.
struct Chunk {
    arrived: Instant,
    bytes: Bytes,
    decoded: Decoded,
}

impl Queue {
    pub(crate) fn push(&mut self, bytes: Bytes, decoded: Decoded, now: Instant) {
        self.len += bytes.len();
        self.chunks.push_back(Chunk { arrived: now, bytes, decoded });
    }

    /// Says whether an answer ends with what is in the queue.
    pub(crate) fn set_whole(&mut self, whole: bool) {
        self.whole = whole;
    }

    /// Nothing that belongs to what waits is still to come.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len >= MOST
    }

    /// Bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes that came first; none, at the end.
    pub(crate) fn front(&self) -> &[u8] {
        self.chunks.front().map_or(&[], |chunk| &chunk.bytes)
    }

    /// When they came.
    pub(crate) fn arrived(&self) -> Instant {
        self.chunks.front().map_or_else(Instant::now, |chunk| chunk.arrived)
    }

    /// So many of them have left. With the last of a chunk, what it means.
    pub(crate) fn advance(&mut self, bytes: usize) -> Option<Decoded> {
        let front = self.chunks.front_mut()?;
        let _ = front.bytes.split_to(bytes);
        self.len -= bytes;
        if !front.bytes.is_empty() {
            return None;
        }
        self.chunks.pop_front().map(|chunk| chunk.decoded)
    }
}

#[cfg(test)]
impl Queue {
    pub(crate) fn of(bytes: &[u8], now: Instant) -> Self {
        let mut queue = Self::default();
        queue.push_bytes(bytes, now);
        queue
    }

    pub(crate) fn push_bytes(&mut self, bytes: &[u8], now: Instant) {
        self.push(Bytes::copy_from_slice(bytes), Decoded::default(), now);
    }
}
