//! Decoders: each byte of a connection gets exactly one label.

use bytes::Bytes;
use serde::Serialize;

use crate::Label;

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From client to server.
    Up,
    /// From server to client.
    Down,
}

/// Some bytes of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Number of the whole that this is a part of: a chunk's size, a field's
    /// value, a frame's payload. The next piece of the same direction may go on
    /// with it. No two wholes of a connection have the same number.
    pub unit: u32,
    /// Number of what can be folded: a head, a chunk, an event, a frame.
    pub group: u32,
    /// What these bytes are.
    pub label: Label,
    /// The bytes as they were on the wire.
    pub bytes: Bytes,
    /// What they say, for a reader; at most 200 characters. If several pieces of
    /// a unit have one, the last holds for the whole unit.
    pub note: Option<String>,
}

/// What happened, as far as it can be seen in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The head of a request is complete.
    Request {
        /// What was asked for, at most 200 characters of it.
        target: String,
    },
    /// The head of a final response is complete.
    Response {
        /// Its status.
        status: u16,
        /// There will be no content. (A 101 is not empty: much may follow.)
        empty: bool,
    },
    /// The last byte of a response.
    ResponseEnd,
    /// The response was a 101, and both sides go on with WebSocket frames.
    Upgrade,
    /// A message is complete: a WebSocket message, an SSE event with data, a line
    /// of a text stream, or a body of JSON.
    Message,
    /// A sample of the feed begins, on its way down.
    Sample,
}

/// What became known with some bytes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Labelled bytes, in order.
    pub pieces: Vec<Piece>,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
}

/// The decoder of one connection, both directions.
#[derive(Debug, Default)]
pub struct Decoder {}

impl Decoder {
    /// For a connection that was just opened.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of a direction.
    pub fn push(&mut self, _direction: Direction, bytes: Bytes) -> Decoded {
        let piece =
            Piece { unit: 0, group: 0, label: Label::Opaque, bytes, note: None };
        Decoded { pieces: vec![piece], happenings: vec![] }
    }

    /// A direction has ended: what waited for more gets its label.
    pub fn end(&mut self, _direction: Direction) -> Decoded {
        Decoded::default()
    }

    /// Whether a request was seen whose response is not complete.
    pub fn answer_pending(&self) -> bool {
        false
    }
}
