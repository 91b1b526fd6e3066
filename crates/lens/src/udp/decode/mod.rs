//! Labels for datagrams: what can be read of them without a key. That is little, since
//! what browsers send over UDP is encrypted; and this is the point.
//!
//! The first byte says what a datagram may be (RFC 7983, RFC 9443); it is labelled only
//! when all its lengths fit, too. Nothing is guessed: the rest is opaque.

mod dtls;
mod parts;
mod quic;
mod stun;

use bytes::Bytes;

use self::parts::Parts;
use crate::{Label, Span};

/// The decoder of one flow, both directions.
#[derive(Debug, Default)]
pub struct DatagramDecoder {
    /// A long header of QUIC was seen, so what looks like a short one is one.
    quic: bool,
    /// A record of DTLS was seen, so what looks like the short header of DTLS 1.3 is one.
    dtls: bool,
}

impl DatagramDecoder {
    /// All bytes of a datagram, labelled. Those that belong to one packet, record or
    /// attribute have one group.
    pub fn decode(&mut self, datagram: &Bytes) -> Vec<Span> {
        let mut parts = Parts::new(datagram.clone());
        match datagram.first() {
            Some(0..=3) => stun::label(&mut parts),
            Some(20..=63) => dtls::label(&mut parts, &mut self.dtls),
            Some(64..=127 | 192..=255) => quic::label(&mut parts, &mut self.quic),
            _ => {}
        }
        parts.rest(Label::Opaque, None);
        parts.spans
    }
}
