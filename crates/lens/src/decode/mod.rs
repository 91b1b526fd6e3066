//! Decoders: each byte of a connection gets exactly one label.
//!
//! ```text
//!                          ┌─ head, framing         HTTP/1.1 (RFC 9112)
//! Decoder ─ direction ─────┼─ chunks ─ content ─┬─ lines      the text stream
//!   up, down  decoder      │                    ├─ events     server-sent events
//!           └─ exchange ─┘ │                    └─ engine_io  Engine.IO and Socket.IO
//!                          └─ handshake, frames ─ inside ─┬─ engine_io
//!                               WebSocket (RFC 6455)      └─ mqtt
//! ```
//!
//! A decoder is a state machine that writes labels through a labeler. It takes bytes in
//! parts of any size, and however they are cut, the labels are the same. A byte is
//! labelled as soon as it is known what it is: at once, or, in a head and in the
//! size of a chunk, when that is complete. What is kept meanwhile is bounded.
//!
//! Nothing is guessed. What is not HTTP/1.1, or breaks a rule on which its meaning
//! depends, is [opaque](crate::Label::Opaque) from there on, with a note that says
//! why; and so is the response to a request that was not understood.

mod chunks;
mod content;
mod decoded;
mod direction_decoder;
mod engine_io;
mod events;
mod exchange;
mod field_context;
mod frames;
mod framing;
mod handshake;
mod head;
mod labeler;
mod lines;
mod markers;
mod mqtt;
mod preview;
mod step;
mod subprotocol;
mod token;

use bytes::Bytes;

pub use self::{
    decoded::{Decoded, Direction, ProtocolEvent, Span},
    markers::Markers,
};
use self::{direction_decoder::DirectionDecoder, exchange::Exchange};

/// The decoder of one connection, both directions.
#[derive(Debug)]
pub struct Decoder {
    up: DirectionDecoder,
    down: DirectionDecoder,
    exchange: Exchange,
    /// Labels of what the client sent before a response settled its protocol, until
    /// they are taken.
    deferred: Option<Decoded>,
}

impl Decoder {
    /// For a connection that was just opened. With [`Markers`], it counts samples.
    pub fn new(markers: Markers) -> Self {
        Self {
            up: DirectionDecoder::new(Direction::Up, Markers::default()),
            down: DirectionDecoder::new(Direction::Down, markers),
            exchange: Exchange::default(),
            deferred: None,
        }
    }

    /// Takes the next bytes of a direction, and labels them and what waited.
    pub fn push(&mut self, direction: Direction, bytes: Bytes) -> Decoded {
        match direction {
            Direction::Up => {
                let mut decoded = self.take_deferred().unwrap_or_default();
                decoded.append(self.up.push(bytes, &mut self.exchange));
                decoded
            }
            Direction::Down => {
                self.down.begin(bytes);
                // Before the next response is read, the request must be known to
                // which it responds.
                while self.down.run(&mut self.exchange) {
                    self.label_deferred();
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
                decoded.append(self.up.end(&mut self.exchange));
                decoded
            }
            Direction::Down => {
                let decoded = self.down.end(&mut self.exchange);
                self.label_deferred();
                decoded
            }
        }
    }

    /// Labels of what the client sent after a request that could change the
    /// protocol: they are known only when the server has responded or ended. They
    /// belong before the labels of the client's next [`push`](Self::push), which
    /// returns them if they are not taken before.
    pub fn take_deferred(&mut self) -> Option<Decoded> {
        self.deferred.take()
    }

    /// Whether [`take_deferred`](Self::take_deferred) has something.
    pub(crate) fn has_deferred(&self) -> bool {
        self.deferred.is_some()
    }

    /// Whether bytes of the client wait for the response that settles their
    /// protocol.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.exchange.is_unsettled() && self.up.is_waiting()
    }

    /// Whether the client has asked for another protocol, or speaks it.
    pub(crate) fn asks_to_upgrade(&self) -> bool {
        self.exchange.is_beyond_http()
    }

    /// Labels what waited for the response that has come.
    fn label_deferred(&mut self) {
        let decoded = self.up.push(Bytes::new(), &mut self.exchange);
        if decoded != Decoded::default() {
            self.deferred.get_or_insert_default().append(decoded);
        }
    }

    /// Whether a response is still to come, or has begun and is not complete: a
    /// buffering proxy would hold it until then. False after an upgrade, and when
    /// the responses are not understood.
    pub fn response_pending(&self) -> bool {
        !self.down.beyond_http() && self.exchange.response_pending()
    }
}
