//! What is inside of the messages of a WebSocket.

use super::{engine_io::EngineIo, mqtt::Mqtt, piece::Piece};
use crate::Label;

/// The protocol of a WebSocket's messages, as far as it is known here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Subprotocol {
    /// Messages of an application, which mean nothing to us.
    #[default]
    Unknown,
    /// Packets in binary messages.
    Mqtt,
    /// A packet in each text message.
    EngineIo,
}

/// Its decoder, of one direction.
#[derive(Debug)]
pub(super) enum Inside {
    Unknown,
    Mqtt(Mqtt),
    EngineIo(EngineIo),
}

impl Inside {
    pub(super) fn new(subprotocol: Subprotocol) -> Self {
        match subprotocol {
            Subprotocol::Unknown => Self::Unknown,
            Subprotocol::Mqtt => Self::Mqtt(Mqtt::default()),
            Subprotocol::EngineIo => Self::EngineIo(EngineIo::new(Label::WsPayload)),
        }
    }

    /// A message begins, of text or of bytes.
    pub(super) fn begin_message(&mut self) {
        // MQTT's packets do not end where messages do.
        if let Self::EngineIo(decoder) = self {
            *decoder = EngineIo::new(Label::WsPayload);
        }
    }

    /// The next bytes of a message, of which at least one is here; nothing, if this
    /// is no message of the protocol.
    pub(super) fn next(
        &mut self,
        plain: impl Iterator<Item = u8>,
        is_text: bool,
    ) -> Option<Piece> {
        match self {
            Self::Mqtt(decoder) if !is_text => {
                Some(decoder.next(&plain.collect::<Vec<_>>()))
            }
            Self::EngineIo(decoder) if is_text => {
                Some(decoder.next(&plain.collect::<Vec<_>>()))
            }
            _ => None,
        }
    }
}
