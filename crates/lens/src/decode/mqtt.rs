//! Packets of MQTT 3.1.1, in the binary messages of a WebSocket. They need not end
//! where messages do.
//!
//! ```text
//! 32        13       00 05      room/  00 09      hello…
//! PUBLISH   length   mqtt-fields       packet id
//! mqtt-type mqtt-length         mqtt-topic         mqtt-payload
//!
//! 82 0c 00 01 00 07 samples 00   all behind the length: mqtt-fields
//! ```

use super::{labeler::bytes, preview::Preview, token::Token};
use crate::Label;

const CONNECT: u8 = 1;
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const SUBSCRIBE: u8 = 8;
const SUBACK: u8 = 9;
const UNSUBSCRIBE: u8 = 10;

/// Labels packets, however they are cut.
#[derive(Debug, Default)]
pub(super) struct Mqtt {
    state: State,
    /// The first byte of the packet that has begun.
    first: u8,
    /// Its length, as far as it is known, and then how much of that has not come.
    left: u64,
    /// The beginning of its fields or, in a PUBLISH, of the part that has begun.
    preview: Preview,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Type,
    /// How many bytes of the length have come.
    Length(u8),
    /// All of another packet than PUBLISH.
    Fields,
    /// The length of the topic.
    TopicLength,
    /// How many bytes of the topic are missing.
    Topic(u16),
    PacketId,
    Payload,
    /// Not of this protocol.
    Unknown,
}

impl Mqtt {
    /// The next bytes, of which at least one is here.
    pub(super) fn next(&mut self, plain: &[u8]) -> Token {
        match self.state {
            State::Type => self.packet_type(plain[0]),
            State::Length(place) => self.length(plain[0], place),
            State::Fields => {
                let count = self.take(plain, self.left);
                let note = self.fields();
                self.end_if_complete();
                Token::new(count, Label::MqttFields).with_note(note)
            }
            State::TopicLength => self.topic_length(plain),
            State::Topic(missing) => self.topic(plain, missing),
            State::PacketId => {
                let count = self.take(plain, 2 - self.preview.bytes().len() as u64);
                let note = format!(
                    "packet id {}",
                    number(self.preview.bytes()).unwrap_or_default()
                );
                if self.preview.bytes().len() == 2 {
                    self.begin(State::Payload);
                } else {
                    self.end_if_complete();
                }
                Token::new(count, Label::MqttFields).with_note(note)
            }
            State::Payload => {
                let count = self.take(plain, self.left);
                let note = self.preview.text(true);
                self.end_if_complete();
                Token::new(count, Label::MqttPayload).with_note(note)
            }
            State::Unknown => Token::new(plain.len(), Label::WsPayload),
        }
    }

    fn packet_type(&mut self, byte: u8) -> Token {
        let name = match byte >> 4 {
            CONNECT => "CONNECT",
            CONNACK => "CONNACK",
            PUBLISH => "PUBLISH",
            4 => "PUBACK",
            5 => "PUBREC",
            6 => "PUBREL",
            7 => "PUBCOMP",
            SUBSCRIBE => "SUBSCRIBE",
            SUBACK => "SUBACK",
            UNSUBSCRIBE => "UNSUBSCRIBE",
            11 => "UNSUBACK",
            12 => "PINGREQ",
            13 => "PINGRESP",
            14 => "DISCONNECT",
            _ => {
                self.state = State::Unknown;
                return Token::new(1, Label::WsPayload);
            }
        };
        let qos = if byte >> 4 == PUBLISH {
            format!(", QoS {}", byte >> 1 & 3)
        } else {
            String::new()
        };
        let retained =
            if byte >> 4 == PUBLISH && byte & 1 == 1 { ", retained" } else { "" };
        (self.first, self.left, self.state) = (byte, 0, State::Length(0));
        Token::new(1, Label::MqttType).with_note(format!("{name}{qos}{retained}"))
    }

    /// Seven bits a byte, the lowest first, in at most four bytes.
    fn length(&mut self, byte: u8, place: u8) -> Token {
        self.left |= u64::from(byte & 0x7f) << (7 * place);
        let token = Token::new(1, Label::MqttLength);
        if byte & 0x80 == 0 {
            let note = format!("{} follow", bytes(self.left));
            self.begin(match self.first >> 4 {
                PUBLISH => State::TopicLength,
                _ => State::Fields,
            });
            return token.with_note(note);
        }
        self.state =
            if place < 3 { State::Length(place + 1) } else { State::Unknown };
        token.with_note("goes on in the next byte")
    }

    fn topic_length(&mut self, plain: &[u8]) -> Token {
        let count = self.take(plain, 2 - self.preview.bytes().len() as u64);
        let length = number(self.preview.bytes());
        let note =
            format!("a topic of {}", bytes(length.unwrap_or_default().into()));
        if let Some(length) = length {
            self.begin(match length {
                0 => self.after_topic(),
                _ => State::Topic(length),
            });
        } else {
            self.end_if_complete();
        }
        Token::new(count, Label::MqttFields).with_note(note)
    }

    fn topic(&mut self, plain: &[u8], missing: u16) -> Token {
        let count = self.take(plain, missing.into());
        let note = self.preview.text(true);
        let missing = missing - count as u16;
        if missing == 0 {
            self.begin(self.after_topic());
        } else {
            self.state = State::Topic(missing);
            self.end_if_complete();
        }
        Token::new(count, Label::MqttTopic).with_note(note)
    }

    fn after_topic(&self) -> State {
        if self.first & 6 == 0 { State::Payload } else { State::PacketId }
    }

    /// The next part of a packet begins, unless nothing of that is left.
    fn begin(&mut self, state: State) {
        self.preview.clear();
        self.state = state;
        self.end_if_complete();
    }

    fn end_if_complete(&mut self) {
        if self.left == 0 {
            self.preview.clear();
            self.state = State::Type;
        }
    }

    /// Takes what is here of so many bytes, but no more than the packet has.
    fn take(&mut self, plain: &[u8], wanted: u64) -> usize {
        let count = wanted.min(self.left).min(plain.len() as u64) as usize;
        self.left -= count as u64;
        self.preview.add(plain[..count].iter().copied());
        count
    }

    /// What the fields of the packet say, as far as they have come.
    fn fields(&self) -> String {
        let mut rest = self.preview.bytes();
        match self.first >> 4 {
            CONNECT => connect(rest),
            CONNACK => match rest {
                [_, 0] => "accepted".into(),
                [_, code] => format!("refused, code {code}"),
                _ => String::new(),
            },
            kind => {
                let id = read_number(&mut rest).unwrap_or_default();
                let more = match kind {
                    SUBSCRIBE => filters(rest, 1),
                    UNSUBSCRIBE => filters(rest, 0),
                    SUBACK => rest
                        .iter()
                        .map(|code| match code {
                            0..=2 => format!(", QoS {code}"),
                            _ => ", refused".into(),
                        })
                        .collect(),
                    _ => String::new(),
                };
                format!("packet id {id}{more}")
            }
        }
    }
}

fn connect(mut rest: &[u8]) -> String {
    let mut note = String::new();
    let name = read_string(&mut rest);
    let Some((&[level, flags], mut rest)) = rest.split_first_chunk::<2>() else {
        return note;
    };
    note += &format!("{} level {level}", name.unwrap_or_default());
    if let Some(seconds) = read_number(&mut rest) {
        note += &format!(", keep alive {seconds} s");
    }
    if let Some(id) = read_string(&mut rest) {
        note += &format!(", client id {id}");
    }
    if flags & 4 != 0
        && let Some(topic) = read_string(&mut rest)
    {
        note += &format!(", will to {topic}");
        if let Some(will) = read_string(&mut rest) {
            note += &format!(": {will}");
        }
    }
    note
}

/// Topic filters, each with so many bytes behind it.
fn filters(mut rest: &[u8], behind: usize) -> String {
    let mut note = String::new();
    while let Some(filter) = read_string(&mut rest) {
        note += &format!(", {filter}");
        rest = rest.get(behind..).unwrap_or_default();
    }
    note
}

fn number(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.first_chunk()?))
}

fn read_number(rest: &mut &[u8]) -> Option<u16> {
    let number = number(rest)?;
    *rest = &rest[2..];
    Some(number)
}

fn read_string(rest: &mut &[u8]) -> Option<String> {
    let length = usize::from(number(rest)?);
    let text = rest.get(2..2 + length)?;
    *rest = &rest[2 + length..];
    Some(String::from_utf8_lossy(text).into_owned())
}
