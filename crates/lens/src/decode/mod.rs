//! Decoders: each byte of a connection gets exactly one label.
//!
//! ```text
//!                 ┌─ head, framing        HTTP/1.1 (RFC 9112)
//! Decoder ─ side ─┼─ chunks ─ content ─┬─ lines     the text stream
//!   up, down      │                    └─ events    server-sent events
//!                 └─ handshake, frames    WebSocket (RFC 6455)
//! ```
//!
//! A decoder is a state machine that writes labels with a pen. It takes bytes in
//! parts of any size, and however they are cut, the labels are the same. A byte is
//! labelled as soon as it is known what it is: at once, or, in a head and in the
//! size of a chunk, when that is complete. What is kept meanwhile is bounded.
//!
//! Nothing is guessed. What is not HTTP/1.1, or breaks a rule on which its meaning
//! depends, is [opaque](crate::Label::Opaque) from there on, with a note that says
//! why; and so is the answer to a request that was not understood.

mod chunks;
mod content;
mod events;
mod frames;
mod framing;
mod handshake;
mod head;
mod lines;
mod markers;
mod notes;
mod pen;
mod side;
mod talk;

use bytes::Bytes;
use serde::Serialize;

pub use self::markers::Markers;
use self::{side::Side, talk::Talk};
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
pub struct Span {
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
pub enum ProtocolEvent {
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
    /// A sample begins, on its way down: see [`Markers`].
    Sample,
    /// So many samples were announced to the client as missed: see [`Markers`].
    Missed(u64),
}

/// What became known with some bytes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Labelled bytes, in order.
    pub spans: Vec<Span>,
    /// What happened, in order.
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

/// The decoder of one connection, both directions.
#[derive(Debug)]
pub struct Decoder {
    up: Side,
    down: Side,
    talk: Talk,
    /// What the client said before a response decided what it is, and what nobody has
    /// asked for yet.
    decided: Option<Decoded>,
}

impl Decoder {
    /// For a connection that was just opened. With [`Markers`], it counts samples.
    pub fn new(markers: Markers) -> Self {
        Self {
            up: Side::new(Direction::Up, Markers::default()),
            down: Side::new(Direction::Down, markers),
            talk: Talk::default(),
            decided: None,
        }
    }

    /// Takes the next bytes of a direction, and labels them and what waited.
    pub fn push(&mut self, direction: Direction, bytes: Bytes) -> Decoded {
        match direction {
            Direction::Up => {
                let mut decoded = self.take_deferred().unwrap_or_default();
                decoded.append(self.up.push(bytes, &mut self.talk));
                decoded
            }
            Direction::Down => {
                self.down.begin(bytes);
                // Before the next response is read, the request must be known that
                // it answers.
                while self.down.run(&mut self.talk) {
                    self.look_again();
                }
                self.down.finish()
            }
        }
    }

    /// A direction has ended: what waited for more gets its label, at the latest when
    /// the other direction has ended, too.
    pub fn end(&mut self, direction: Direction) -> Decoded {
        match direction {
            Direction::Up => {
                let mut decoded = self.take_deferred().unwrap_or_default();
                decoded.append(self.up.end(&mut self.talk));
                decoded
            }
            Direction::Down => {
                let decoded = self.down.end(&mut self.talk);
                self.look_again();
                decoded
            }
        }
    }

    /// What the client sent after a request that could change the protocol: it waits
    /// for the response, and so becomes known with bytes of the server, or with their
    /// end. It comes before what the next push of the client's bytes returns, and if
    /// nobody asks, it is returned with that.
    pub fn take_deferred(&mut self) -> Option<Decoded> {
        self.decided.take()
    }

    /// Whether [`take_deferred`](Self::take_deferred) has something.
    pub(crate) fn has_deferred(&self) -> bool {
        self.decided.is_some()
    }

    /// Whether bytes of the client wait for a response that decides what they are.
    pub(crate) fn is_undecided(&self) -> bool {
        self.talk.is_undecided() && self.up.waits()
    }

    /// Labels what waited for the response that has come.
    fn look_again(&mut self) {
        let decoded = self.up.push(Bytes::new(), &mut self.talk);
        if decoded != Decoded::default() {
            self.decided.get_or_insert_default().append(decoded);
        }
    }

    /// Whether a request was seen whose response is not complete: that is how long
    /// a proxy that buffers would keep it. False once frames are exchanged, or
    /// the responses are not understood.
    pub fn response_pending(&self) -> bool {
        !self.down.beyond_http() && self.talk.response_pending()
    }
}

/// How a decoder goes on after some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// With the next bytes.
    On,
    /// When there are more bytes.
    Wait,
    /// Not at all: the message is complete.
    End,
}

/// Why a direction is not understood any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fault(&'static str);
