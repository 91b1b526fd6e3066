//! What waits in one direction of one connection, with its labels, until it may leave.

use std::{collections::VecDeque, time::SystemTime};

use bytes::Bytes;
use tokio::time::Instant;

use crate::{Decoded, Direction, Write};

/// The most that waits in the lens in one direction of one connection. When it is full,
/// nothing is read: a slow receiver slows its peer down, and takes no memory.
const QUEUE_BYTES: usize = 64 << 10;

/// About what a read takes besides its bytes: its labels and their notes.
const READ_OVERHEAD_BYTES: usize = 512;

/// How many writes are kept until they are reported; the last stands for all after it.
const WRITES_LIMIT: usize = 512;

/// The writes of bytes that have left and are not reported yet: their labels may depend
/// on bytes that are still to come.
#[derive(Default)]
pub(crate) struct Writes(VecDeque<Write>);

impl Writes {
    pub(crate) fn push(&mut self, bytes: usize, arrived: Instant) {
        let waited = arrived.elapsed();
        let many = self.0.len() >= WRITES_LIMIT;
        if let Some(last) = self.0.back_mut().filter(|_| many) {
            last.bytes += bytes;
            return;
        }
        self.0.push_back(Write { bytes, at: SystemTime::now(), waited });
    }

    /// The writes in which the bytes left that are reported next.
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

/// One direction: the bytes that wait, and the writes that are not reported.
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

    /// When the connection is over: the labels of the bytes that have left and are not
    /// reported. `last` is what the decoder kept. Bytes that did not leave are dropped,
    /// and so are the events of a read whose last byte did not leave.
    pub(crate) fn finish(&mut self, last: Decoded) -> Decoded {
        let mut left = self.writes.0.iter().map(|write| write.bytes).sum::<usize>();
        let mut all = Decoded::default();
        let waiting = self.queue.reads.drain(..).map(|read| read.decoded);
        for part in waiting.chain([last]) {
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

/// Bytes of one side that have not left to the other.
#[derive(Default)]
pub(crate) struct Queue {
    reads: VecDeque<ReadBytes>,
    len: usize,
    complete: bool,
}

/// The bytes of one read.
struct ReadBytes {
    arrived: Instant,
    /// Empty at the end.
    bytes: Bytes,
    decoded: Decoded,
    end: Option<End>,
}

/// How one side ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It will send nothing more.
    Fin,
    /// It reset the connection, or was gone.
    Reset,
}

impl Queue {
    pub(crate) fn push(&mut self, bytes: Bytes, decoded: Decoded, now: Instant) {
        self.len += bytes.len();
        self.reads.push_back(ReadBytes { arrived: now, bytes, decoded, end: None });
    }

    /// The end waits for what came before it, and for the effects, as bytes do.
    pub(crate) fn push_end(&mut self, end: End, decoded: Decoded, now: Instant) {
        let (bytes, end) = (Bytes::new(), Some(end));
        self.complete = true;
        self.reads.push_back(ReadBytes { arrived: now, bytes, decoded, end });
    }

    /// Says whether a response ends with the bytes in the queue.
    pub(crate) fn set_complete(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// Whether the response, or the direction, ends with the bytes in the queue.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether the side has ended: nothing more comes.
    pub(crate) fn has_ended(&self) -> bool {
        self.reads.back().is_some_and(|last| last.end.is_some())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len + self.reads.len() * READ_OVERHEAD_BYTES >= QUEUE_BYTES
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Takes the end, if no bytes wait before it.
    pub(crate) fn end(&mut self) -> Option<(End, Decoded)> {
        let end = self.reads.front()?.end?;
        Some((end, self.reads.pop_front()?.decoded))
    }

    /// The bytes of the first read; none, at the end.
    pub(crate) fn front(&self) -> &[u8] {
        self.reads.front().map_or(&[], |read| &read.bytes)
    }

    /// When they came.
    pub(crate) fn arrived(&self) -> Instant {
        self.reads.front().map_or_else(Instant::now, |read| read.arrived)
    }

    /// Adds labels that became known later. If no bytes wait, they are given back.
    pub(crate) fn add(&mut self, decoded: Decoded) -> Option<Decoded> {
        match self.reads.back_mut() {
            None => Some(decoded),
            Some(read) => {
                read.decoded.append(decoded);
                None
            }
        }
    }

    /// Removes bytes that have left. Returns the labels of a read with its last byte.
    pub(crate) fn advance(&mut self, bytes: usize) -> Option<Decoded> {
        let front = self.reads.front_mut()?;
        let _ = front.bytes.split_to(bytes);
        self.len -= bytes;
        if !front.bytes.is_empty() {
            return None;
        }
        self.reads.pop_front().map(|read| read.decoded)
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
