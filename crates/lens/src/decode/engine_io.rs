//! Packets of Engine.IO v4, and those of Socket.IO v5 in its messages: in WebSocket
//! messages, one each, or in the content of polls, with U+001E between.
//!
//! ```text
//! 4 2 0 ["say","hello"]     engine-type socket-type socket-header socket-data
//! 2 probe                   engine-type engine-data
//! ␞                         engine-separator
//! ```

use super::{preview::Preview, token::Token};
use crate::Label;

const SEPARATOR: u8 = 0x1e;

/// Labels packets, however they are cut.
#[derive(Debug)]
pub(super) struct EngineIo {
    state: State,
    /// The beginning of the newest part.
    preview: Preview,
    /// What bytes are that are no packet.
    other: Label,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Type,
    /// After a 4: Socket.IO, or a message of another application.
    Message,
    /// After the type of Socket.IO: a namespace or a number may come.
    Header {
        begun: bool,
        in_namespace: bool,
    },
    Data(Label),
    /// Not of this protocol.
    Unknown,
}

impl EngineIo {
    /// Bytes that are no packet are `other`.
    pub(super) fn new(other: Label) -> Self {
        Self { state: State::Type, preview: Preview::default(), other }
    }

    /// The next bytes, of which at least one is here.
    pub(super) fn next(&mut self, plain: &[u8]) -> Token {
        let first = plain[0];
        if first == SEPARATOR && self.state != State::Unknown {
            self.state = State::Type;
            return Token::new(1, Label::EngineSeparator)
                .with_note("the next packet");
        }
        match self.state {
            State::Type => self.engine_type(first),
            State::Message => self.socket_type(first),
            State::Header { begun, in_namespace } => {
                self.header(first, begun, in_namespace)
            }
            State::Data(label) => {
                let end = plain.iter().position(|byte| *byte == SEPARATOR);
                self.data(&plain[..end.unwrap_or(plain.len())], label)
            }
            State::Unknown => Token::new(plain.len(), self.other),
        }
    }

    fn engine_type(&mut self, first: u8) -> Token {
        let name = match first {
            b'0' => "open",
            b'1' => "close",
            b'2' => "ping",
            b'3' => "pong",
            b'4' => "message",
            b'5' => "upgrade: all goes through the WebSocket from here",
            b'6' => "noop: ends a poll that has nothing",
            b'b' => "binary, in base64",
            _ => {
                self.state = State::Unknown;
                return Token::new(1, self.other);
            }
        };
        let message = first == b'4';
        self.begin(if message {
            State::Message
        } else {
            State::Data(Label::EngineData)
        });
        Token::new(1, Label::EngineType).with_note(name)
    }

    fn socket_type(&mut self, first: u8) -> Token {
        let name = match first {
            b'0' => "connect",
            b'1' => "disconnect",
            b'2' => "event",
            b'3' => "acknowledgement",
            b'4' => "connect error",
            b'5' => "binary event",
            b'6' => "binary acknowledgement",
            _ => return self.data(&[first], Label::EngineData),
        };
        self.begin(State::Header { begun: false, in_namespace: false });
        Token::new(1, Label::SocketType).with_note(name)
    }

    /// How many attachments of bytes follow, up to a hyphen; a namespace up to its
    /// comma; and the number of an event that is to be acknowledged.
    fn header(&mut self, first: u8, begun: bool, in_namespace: bool) -> Token {
        let opens = !begun && first == b'/';
        let digits = self.preview.bytes();
        let counts = first == b'-'
            && !digits.is_empty()
            && digits.iter().all(u8::is_ascii_digit);
        if !in_namespace && !opens && !counts && !first.is_ascii_digit() {
            self.preview.clear();
            return self.data(&[first], Label::SocketData);
        }
        let in_namespace = (in_namespace || opens) && first != b',';
        self.state = State::Header { begun: !counts, in_namespace };
        self.preview.add([first]);
        Token::new(1, Label::SocketHeader).with_note(self.preview.text(true))
    }

    fn data(&mut self, plain: &[u8], label: Label) -> Token {
        self.state = State::Data(label);
        self.preview.add(plain.iter().copied());
        Token::new(plain.len(), label).with_note(self.preview.text(true))
    }

    fn begin(&mut self, state: State) {
        self.preview.clear();
        self.state = state;
    }
}
