use std::{collections::VecDeque, time::SystemTime};

use bytes::Bytes;
use tokio::time::Instant;

use crate::{Decoded, Direction, Write};

/// How much waits in the lens in one direction of one connection, in bytes. Beyond
/// that, nothing is read: a slow reader holds back its peer, not memory.
const MOST: usize = 64 << 10;

/// What a read takes besides its bytes, about: its labels and their notes.
const CHUNK: usize = 512;

/// So many writes are told apart that are not reported; the last stands for all after it.
const MOST_WRITES: usize = 512;

/// What has left, for as long as it is not reported: its labels may still wait for
/// what comes.
#[derive(Default)]
pub(crate) struct Writes(VecDeque<Write>);

impl Writes {
    pub(crate) fn push(&mut self, bytes: usize, arrived: Instant) {
        let waited = arrived.elapsed();
        let many = self.0.len() >= MOST_WRITES;
        if let Some(last) = self.0.back_mut().filter(|_| many) {
            last.bytes += bytes;
            return;
        }
        self.0.push_back(Write { bytes, at: SystemTime::now(), waited });
    }

    /// How the bytes left that are reported next.
    pub(crate) fn of(&mut self, decoded: &Decoded) -> Vec<Write> {
        let mut bytes = decoded.bytes();
        let mut writes = Vec::new();
        while bytes > 0
            && let Some(first) = self.0.front_mut()
        {
            let part = Write { bytes: bytes.min(first.bytes), ..*first };
            bytes -= part.bytes;
            first.bytes -= part.bytes;
            if first.bytes == 0 {
                self.0.pop_front();
            }
            writes.push(part);
        }
        writes
    }
}

/// One direction: what waits in it, and what has left and is not reported.
pub(crate) struct Pending {
    pub(crate) direction: Direction,
    pub(crate) queue: Queue,
    pub(crate) writes: Writes,
}

impl Pending {
    pub(crate) fn new(direction: Direction) -> Self {
        let (queue, writes) = (Queue::default(), Writes::default());
        Self { direction, queue, writes }
    }

    /// The labels of what has left and is not reported, when the connection is over;
    /// `last` is what the decoder kept. What did not leave is forgotten, and what
    /// happened in a part of which the end did not leave has not happened.
    pub(crate) fn finish(&mut self, last: Decoded) -> Decoded {
        let mut left = self.writes.0.iter().map(|write| write.bytes).sum::<usize>();
        let mut all = Decoded::default();
        let waits = self.queue.chunks.drain(..).map(|chunk| chunk.decoded);
        for part in waits.chain([last]) {
            if part.bytes() <= left {
                left -= part.bytes();
                all.append(part);
                continue;
            }
            for mut span in part.spans {
                span.bytes.truncate(left);
                left -= span.bytes.len();
                if !span.bytes.is_empty() {
                    all.spans.push(span);
                }
            }
            break;
        }
        all
    }
}

/// What came from one side and has not left to the other.
#[derive(Default)]
pub(crate) struct Queue {
    chunks: VecDeque<Chunk>,
    len: usize,
    whole: bool,
}

/// What one read gave.
struct Chunk {
    arrived: Instant,
    /// None at the end.
    bytes: Bytes,
    decoded: Decoded,
    end: Option<End>,
}

/// How one side ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It has said all.
    Fin,
    /// It broke the connection off, or was gone.
    Reset,
}

impl Queue {
    pub(crate) fn push(&mut self, bytes: Bytes, decoded: Decoded, now: Instant) {
        self.len += bytes.len();
        self.chunks.push_back(Chunk { arrived: now, bytes, decoded, end: None });
    }

    /// The end waits for what came before it, and for the effects, as bytes do.
    pub(crate) fn push_end(&mut self, end: End, decoded: Decoded, now: Instant) {
        let (bytes, end) = (Bytes::new(), Some(end));
        self.whole = true;
        self.chunks.push_back(Chunk { arrived: now, bytes, decoded, end });
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
        self.len + self.chunks.len() * CHUNK >= MOST
    }

    /// Bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Takes the end, if nothing is before it.
    pub(crate) fn end(&mut self) -> Option<(End, Decoded)> {
        let end = self.chunks.front()?.end?;
        Some((end, self.chunks.pop_front()?.decoded))
    }

    /// The bytes that came first; none, at the end.
    pub(crate) fn front(&self) -> &[u8] {
        self.chunks.front().map_or(&[], |chunk| &chunk.bytes)
    }

    /// When they came.
    pub(crate) fn arrived(&self) -> Instant {
        self.chunks.front().map_or_else(Instant::now, |chunk| chunk.arrived)
    }

    /// Adds what became known later of what waits. Without anything that waits, it is
    /// given back.
    pub(crate) fn add(&mut self, decoded: Decoded) -> Option<Decoded> {
        match self.chunks.back_mut() {
            None => Some(decoded),
            Some(chunk) => {
                chunk.decoded.append(decoded);
                None
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decoder, ProtocolEvent};

    #[test]
    fn of_what_waits_at_the_end_only_what_has_left_is_reported() {
        let ask = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        for left in 0..=ask.len() {
            let (mut decoder, now) =
                (Decoder::new(crate::Markers::default()), Instant::now());
            let mut pending = Pending::new(Direction::Up);
            for part in [&ask[..10], &ask[10..]] {
                let bytes = Bytes::copy_from_slice(part);
                let decoded = decoder.push(Direction::Up, bytes.clone());
                pending.queue.push(bytes, decoded, now);
            }
            let mut open = left;
            while open > 0 {
                let bytes = open.min(pending.queue.front().len());
                pending.writes.push(bytes, now);
                if let Some(decoded) = pending.queue.advance(bytes) {
                    assert!(pending.writes.of(&decoded).is_empty() || open == bytes);
                }
                open -= bytes;
            }
            let decoded = pending.finish(decoder.end(Direction::Up));
            let whole = left == ask.len();
            assert_eq!(decoded.bytes(), if whole { 0 } else { left });
            let asks =
                |it: &ProtocolEvent| matches!(it, ProtocolEvent::Request { .. });
            assert!(!decoded.events.iter().any(asks), "{left}");
        }
    }
}
