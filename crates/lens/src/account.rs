//! What a connection, or many of them, cost: counted, not estimated.

use serde::Serialize;

use crate::{Class, Decoded, Direction, ProtocolEvent};

/// Sums over connections. Each byte is in one of `up` and `down`, and in one of
/// `head`, `framing`, `payload`, `control` and `opaque`: both add up to the bytes
/// that went over the wire (and whose label is known: see [`crate::Decoder`]).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Connections that were opened.
    pub opened: u64,
    /// Connections that are open now.
    pub open: u64,
    /// HTTP requests.
    pub requests: u64,
    /// Final HTTP responses.
    pub responses: u64,
    /// Those of them without content.
    pub empty: u64,
    /// Bytes from client to server.
    pub up: u64,
    /// Bytes from server to client.
    pub down: u64,
    /// Bytes of heads of requests and responses.
    pub head: u64,
    /// Bytes that say where messages begin and end.
    pub framing: u64,
    /// Bytes of what the application said.
    pub payload: u64,
    /// Bytes that keep the connection going, or end it.
    pub control: u64,
    /// Bytes that the decoders do not understand.
    pub opaque: u64,
    /// Messages, as [`ProtocolEvent::Message`] defines them.
    pub messages: u64,
    /// Samples, as [`Markers`](crate::Markers) define them.
    pub samples: u64,
    /// Samples that were announced to the client as missed.
    pub missed: u64,
}

impl Account {
    /// A connection was opened.
    pub fn opened(&mut self) {
        self.opened += 1;
        self.open += 1;
    }

    /// A connection was closed.
    pub fn closed(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// Adds what was decoded of one direction.
    pub fn add(&mut self, direction: Direction, decoded: &Decoded) {
        for span in &decoded.spans {
            let bytes = span.bytes.len() as u64;
            *match direction {
                Direction::Up => &mut self.up,
                Direction::Down => &mut self.down,
            } += bytes;
            *match span.label.class() {
                Class::Head => &mut self.head,
                Class::Framing => &mut self.framing,
                Class::Payload => &mut self.payload,
                Class::Control => &mut self.control,
                Class::Opaque => &mut self.opaque,
            } += bytes;
        }
        for event in &decoded.events {
            match event {
                ProtocolEvent::Request { .. } => self.requests += 1,
                ProtocolEvent::Response { empty, .. } => {
                    self.responses += 1;
                    self.empty += u64::from(*empty);
                }
                ProtocolEvent::Message => self.messages += 1,
                ProtocolEvent::Sample => self.samples += 1,
                ProtocolEvent::Missed(samples) => {
                    self.missed = self.missed.saturating_add(*samples);
                }
            }
        }
    }
}
