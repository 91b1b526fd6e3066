//! What a decoder finds out: labelled bytes, and what happened in the protocol.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::Label;

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From client to server.
    Up,
    /// From server to client.
    Down,
}

/// Some bytes with one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Number of the whole that this is a part of: a chunk's size, a field's
    /// value, a frame's payload. The next span of the same direction may go on
    /// with it. No two wholes of a connection have the same number.
    pub unit: u32,
    /// Number of what a page can fold: a head, a chunk, an event, a frame.
    pub group: u32,
    /// What these bytes are.
    pub label: Label,
    /// The bytes as they were on the wire.
    pub bytes: Bytes,
    /// What they mean, for a reader; at most 200 characters. If several spans of
    /// a unit have one, the last holds for the whole unit.
    pub note: Option<String>,
}

/// An event of the protocol, as far as it can be seen in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtocolEvent {
    /// The head of a request is complete.
    Request {
        /// The request target, at most 200 characters of it.
        target: String,
    },
    /// The head of a final response is complete.
    Response {
        /// Its status code.
        status: u16,
        /// There will be no content. (A 101 is not empty: much may follow.)
        empty: bool,
    },
    /// A message is complete: a WebSocket message, an SSE event with data, a line
    /// of a text stream, or a body of JSON.
    Message,
    /// A sample begins, on its way down: see [`Markers`](crate::Markers).
    Sample,
    /// This many samples were announced to the client as missed: see
    /// [`Markers`](crate::Markers).
    Missed(u64),
}

/// What became known with some bytes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Labelled bytes, in order.
    pub spans: Vec<Span>,
    /// Events, in order.
    pub events: Vec<ProtocolEvent>,
}

impl Decoded {
    /// How many bytes have a label.
    pub(crate) fn bytes(&self) -> usize {
        self.spans.iter().map(|span| span.bytes.len()).sum()
    }

    /// Appends what became known later, of the same direction.
    pub(crate) fn append(&mut self, later: Decoded) {
        self.spans.extend(later.spans);
        self.events.extend(later.events);
    }
}
