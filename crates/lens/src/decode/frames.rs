//! WebSocket frames (RFC 6455 §5.2).
//!
//! ```text
//! ┌─────┬─────┬────────┐┌──────┬────────┐┌──────────┐┌─────────┐┌─────────┐
//! │ FIN │ RSV │ opcode ││ MASK │ length ││ extended ││ masking ││ payload │
//! │  1  │  3  │ 4 bits ││  1   │ 7 bits ││ 0, 2, 8  ││ 0 or 4  ││         │
//! └─────┴─────┴────────┘└──────┴────────┘└──────────┘└─────────┘└─────────┘
//!        ws-first          ws-length     ws-extended   ws-mask   ws-payload
//! ```

use super::{
    Direction, ProtocolEvent,
    labeler::{Labeler, at_most, bytes},
    preview::Preview,
    step::Fault,
    subprotocol::{MessageDecoder, Subprotocol},
};
use crate::Label;

/// How many bytes of a message are unmasked at a time, to look at what is inside.
const LOOK_BYTES: usize = 4096;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Labels the frames of one direction.
#[derive(Debug)]
pub(super) struct Frames {
    direction: Direction,
    /// Whether messages may be compressed (RFC 7692).
    deflate: bool,
    state: State,
    frame: Frame,
    /// The message that has begun, which continuation frames continue.
    message: Option<Message>,
    /// Looks at what is in the messages.
    decoder: MessageDecoder,
}

#[derive(Debug, Clone, Copy)]
enum State {
    First,
    Length,
    /// How many bytes of the extended length are missing.
    Extended(usize),
    /// How many bytes of the masking key are missing.
    Mask(usize),
    Payload,
}

/// The frame that has begun. All fields are written as its bytes are labelled.
#[derive(Debug, Default)]
struct Frame {
    last: bool,
    opcode: u8,
    masked: bool,
    length: u64,
    /// How many bytes of an extended length have come.
    extended: u8,
    /// The masking key. It is zero without a mask, and then changes nothing.
    key: [u8; 4],
    /// How many bytes of the payload have come.
    done: u64,
    code: u16,
    /// The beginning of the payload, unmasked.
    preview: Preview,
}

#[derive(Debug, Clone, Copy)]
struct Message {
    text: bool,
    compressed: bool,
}

impl Frames {
    pub(super) fn new(
        direction: Direction,
        deflate: bool,
        subprotocol: Subprotocol,
    ) -> Self {
        let (state, frame) = (State::First, Frame::default());
        let decoder = MessageDecoder::new(subprotocol);
        Self { direction, deflate, state, frame, message: None, decoder }
    }

    /// Labels some bytes. The labeler has at least one.
    pub(super) fn step(&mut self, labeler: &mut Labeler) -> Result<(), Fault> {
        let first = labeler.rest()[0];
        self.state = match self.state {
            State::First => {
                self.first(labeler, first)?;
                State::Length
            }
            State::Length => self.length(labeler, first)?,
            State::Extended(left) => self.extended(labeler, first, left)?,
            State::Mask(left) => {
                labeler.label(1, Label::WsMask);
                self.frame.key[4 - left] = first;
                match left {
                    1 => self.begin_payload(labeler),
                    _ => State::Mask(left - 1),
                }
            }
            State::Payload => self.payload(labeler),
        };
        Ok(())
    }

    /// FIN, RSV and opcode.
    fn first(&mut self, labeler: &mut Labeler, byte: u8) -> Result<(), Fault> {
        let opcode = byte & 0x0f;
        let last = byte & 0x80 != 0;
        let compressed = byte & 0x40 != 0;
        let name = match opcode {
            CONTINUATION => "continuation",
            TEXT => "text",
            BINARY => "binary",
            CLOSE => "close",
            PING => "ping",
            PONG => "pong",
            _ => return Err(Fault("a frame with an undefined opcode")),
        };
        let begins = matches!(opcode, TEXT | BINARY);
        if byte & 0x30 != 0 || compressed && !(self.deflate && begins) {
            return Err(Fault("a frame of an extension that was not agreed on"));
        }
        if opcode >= CLOSE && !last {
            return Err(Fault("a fragmented control frame"));
        }
        if begins && self.message.is_some() {
            return Err(Fault("a new message before the last fragment of another"));
        }
        if opcode == CONTINUATION && self.message.is_none() {
            return Err(Fault("a continuation frame without a first fragment"));
        }
        if begins {
            let text = opcode == TEXT && !compressed;
            self.message = Some(Message { text, compressed });
            self.decoder.begin_message();
        }
        labeler.begin_group();
        labeler.label(1, Label::WsFirst);
        let place = match (opcode >= CLOSE, last) {
            (true, _) => "",
            (false, true) => ", final frame",
            (false, false) => ", more frames follow",
        };
        let compressed = if compressed { ", compressed" } else { "" };
        labeler.note(format!("{name}{place}{compressed}"));
        self.frame = Frame { last, opcode, ..Frame::default() };
        Ok(())
    }

    /// Mask bit and length.
    fn length(&mut self, labeler: &mut Labeler, byte: u8) -> Result<State, Fault> {
        let frame = &mut self.frame;
        frame.masked = byte & 0x80 != 0;
        let length = byte & 0x7f;
        if frame.opcode >= CLOSE && length > 125 {
            // Either it is too long, or it is not in the shortest form.
            return Err(Fault("a control frame with an extended length"));
        }
        if frame.opcode == CLOSE && length == 1 {
            return Err(Fault("a close frame with half a close code"));
        }
        let mask = match (self.direction, frame.masked) {
            (Direction::Up, true) => "masked, ",
            (Direction::Up, false) => "not masked as it must be, ",
            (Direction::Down, true) => "masked as it must not be, ",
            (Direction::Down, false) => "",
        };
        labeler.label(1, Label::WsLength);
        let extended = match length {
            126 => 2,
            127 => 8,
            length => {
                labeler.note(format!("{mask}{}", bytes(length.into())));
                frame.length = length.into();
                return Ok(self.after_length(labeler));
            }
        };
        labeler.note(format!("{mask}length in the next {extended} bytes"));
        Ok(State::Extended(extended))
    }

    fn extended(
        &mut self,
        labeler: &mut Labeler,
        byte: u8,
        left: usize,
    ) -> Result<State, Fault> {
        if left == 8 && byte & 0x80 != 0 {
            return Err(Fault("a length of more than 63 bits"));
        }
        labeler.label(1, Label::WsExtendedLength);
        let frame = &mut self.frame;
        frame.length = frame.length << 8 | u64::from(byte);
        frame.extended += 1;
        if left > 1 {
            return Ok(State::Extended(left - 1));
        }
        let shorter = match frame.extended {
            2 => frame.length < 126,
            _ => frame.length <= u16::MAX.into(),
        };
        let form = if shorter { ", in a longer form than allowed" } else { "" };
        labeler.note(format!("{}{form}", bytes(frame.length)));
        Ok(self.after_length(labeler))
    }

    fn after_length(&mut self, labeler: &mut Labeler) -> State {
        if self.frame.masked { State::Mask(4) } else { self.begin_payload(labeler) }
    }

    fn begin_payload(&mut self, labeler: &mut Labeler) -> State {
        if self.frame.length == 0 { self.end(labeler) } else { State::Payload }
    }

    fn payload(&mut self, labeler: &mut Labeler) -> State {
        let done = self.frame.done;
        let left = self.frame.length - done;
        if self.is_of_protocol() {
            return self.look_inside(labeler, left);
        }
        let (label, left) = match self.frame.opcode {
            CLOSE if done < 2 => (Label::WsCloseCode, 2 - done),
            CLOSE => (Label::WsCloseReason, left),
            PING => (Label::WsPing, left),
            PONG => (Label::WsPong, left),
            _ => (Label::WsPayload, left),
        };
        let count = at_most(left, labeler.rest());
        let part = labeler.share(count);
        if label == Label::WsPayload {
            labeler.label_payload(count, label);
        } else {
            labeler.label(count, label);
        }
        self.frame.done += count as u64;
        let plain = unmasked(&part, self.frame.key, done);
        if label == Label::WsCloseCode {
            let code = plain
                .fold(self.frame.code, |code, byte| code << 8 | u16::from(byte));
            self.frame.code = code;
            if self.frame.done == 2 {
                labeler.note(format!("{code}: {}", close_meaning(code)));
            }
        } else if self.frame.masked && !self.frame.preview.is_full() {
            self.frame.preview.add(plain);
            labeler.note(self.readable());
        }
        self.after_payload(labeler)
    }

    /// Whether the payload is of the protocol of the messages, if that is known.
    fn is_of_protocol(&self) -> bool {
        let decodes = |message: Message| {
            !message.compressed && self.decoder.decodes(message.text)
        };
        self.frame.opcode < CLOSE && self.message.is_some_and(decodes)
    }

    /// Labels the next bytes as what they are in the protocol of the messages.
    fn look_inside(&mut self, labeler: &mut Labeler, left: u64) -> State {
        let part = labeler.share(at_most(left, labeler.rest()).min(LOOK_BYTES));
        let plain: Vec<_> =
            unmasked(&part, self.frame.key, self.frame.done).collect();
        let mut rest = &plain[..];
        while !rest.is_empty() {
            let token = self.decoder.next(rest);
            token.write(labeler);
            rest = &rest[token.count..];
        }
        self.frame.done += plain.len() as u64;
        self.after_payload(labeler)
    }

    fn after_payload(&mut self, labeler: &mut Labeler) -> State {
        match self.frame.length - self.frame.done {
            0 => self.end(labeler),
            _ => State::Payload,
        }
    }

    /// The payload as text or hex, as far as it has come.
    fn readable(&self) -> String {
        let Frame { opcode, length, preview, .. } = &self.frame;
        let text =
            *opcode >= CLOSE || self.message.is_some_and(|message| message.text);
        let skipped = if *opcode == CLOSE { 2 } else { 0 };
        let goes_on = length - skipped > preview.bytes().len() as u64;
        let shown = if text { preview.text(goes_on) } else { preview.hex(goes_on) };
        format!("unmasked: {shown}")
    }

    /// The frame is complete.
    fn end(&mut self, labeler: &mut Labeler) -> State {
        if self.frame.opcode < CLOSE && self.frame.last {
            self.message = None;
            labeler.emit(ProtocolEvent::Message);
        }
        State::First
    }
}

/// Bytes of a payload without their mask; so many came before them.
fn unmasked(part: &[u8], key: [u8; 4], done: u64) -> impl Iterator<Item = u8> {
    let key = key.into_iter().cycle().skip((done % 4) as usize);
    part.iter().zip(key).map(|(byte, key)| byte ^ key)
}

/// What a close code means (RFC 6455 §7.4, and the IANA registry of them).
fn close_meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away: the server goes down, or the page was left",
        1002 => "protocol error",
        1003 => "data of a type that can't be accepted",
        1005 | 1006 | 1015 => {
            "not allowed on the wire: browsers report it when no close code came"
        }
        1007 => "data that does not fit its type, such as text that is not UTF-8",
        1008 => "against a policy",
        1009 => "message too big",
        1010 => "the server lacks an extension that the client needs",
        1011 => "an error in the server",
        1012 => "the server restarts",
        1013 => "try again later",
        1014 => "bad gateway",
        3000..=3999 => "registered by a library or an application",
        4000..=4999 => "private: the application says what it means",
        _ => "undefined",
    }
}
