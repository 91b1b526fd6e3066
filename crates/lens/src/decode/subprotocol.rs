//! The protocol inside of the messages of a WebSocket.

use super::{engine_io::EngineIo, mqtt::Mqtt, token::Token};
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
pub(super) enum MessageDecoder {
    Unknown,
    Mqtt(Mqtt),
    EngineIo(EngineIo),
}

impl MessageDecoder {
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

    /// Whether messages of this type are of the protocol.
    pub(super) fn decodes(&self, is_text: bool) -> bool {
        match self {
            Self::Unknown => false,
            Self::Mqtt(_) => !is_text,
            Self::EngineIo(_) => is_text,
        }
    }

    /// The next bytes of a message of the protocol, of which at least one is here.
    pub(super) fn next(&mut self, plain: &[u8]) -> Token {
        match self {
            Self::Unknown => Token::new(plain.len(), Label::WsPayload),
            Self::Mqtt(decoder) => decoder.next(plain),
            Self::EngineIo(decoder) => decoder.next(plain),
        }
    }
}
