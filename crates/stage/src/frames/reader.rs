//! Where frames end, and what is wrong with them before they are whole (RFC 6455 §5).

use std::{fmt, mem};

use actix_ws::CloseCode;

/// Why a frame is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A message has more bytes than this.
    TooLong(u64),
    /// A message came in more frames than this.
    TooManyFrames(u64),
    /// A control frame is longer than it may be.
    LongControl,
    /// A text, or the reason of a Close frame.
    NotUtf8,
}

impl Refusal {
    pub(crate) fn code(self) -> CloseCode {
        match self {
            Self::TooLong(_) | Self::TooManyFrames(_) => CloseCode::Size, // 1009
            Self::LongControl => CloseCode::Protocol,                     // 1002
            Self::NotUtf8 => CloseCode::Invalid,                          // 1007
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(max) => {
                write!(f, "message too long: expected {max} bytes at most")
            }
            Self::TooManyFrames(max) => {
                write!(f, "message in too many frames: expected {max} at most")
            }
            Self::LongControl => write!(
                f,
                "control frame too long: expected {CONTROL_LIMIT} bytes at most"
            ),
            Self::NotUtf8 => write!(f, "not UTF-8: expected text"),
        }
    }
}

impl std::error::Error for Refusal {}

/// How many bytes of payload a control frame has at most (RFC 6455 §5.5).
const CONTROL_LIMIT: u64 = 125;

/// How many frames a message of up to `max` bytes may have. Until the message is
/// complete, each frame takes about 120 bytes of memory, even an empty one. With
/// this limit, frames take as much as the payload may, and 128 KiB at least.
fn frame_limit(max: u64) -> u64 {
    (max / 128).max(1024)
}

/// Reads frames as they come, in pieces of any size.
pub(crate) struct Reader {
    /// How many bytes a message may have.
    max: u64,
    /// The header that is being read.
    header: Header,
    /// The frame whose mask and payload are being read.
    frame: Option<Frame>,
    /// How many bytes of it are to come.
    bytes_left: u64,
    message: Message,
    /// Of a Close frame.
    reason: Text,
}

/// A data message, in one frame or in several (RFC 6455 §5.4).
#[derive(Default)]
struct Message {
    frames: u64,
    bytes: u64,
    /// Whether its last frame has begun.
    last_frame_begun: bool,
    is_text: bool,
    text: Text,
}

struct Frame {
    /// Whether it is the last of its message.
    fin: bool,
    content: Payload,
    mask: [u8; 4],
    /// How many bytes of mask and payload were read.
    read: u64,
}

#[derive(Clone, Copy)]
enum Payload {
    Text,
    /// A code, and a text.
    Close,
    /// What is not looked into.
    Other,
}

impl Reader {
    pub(crate) fn new(max: u64) -> Self {
        let (message, reason) = (Message::default(), Text::default());
        Self {
            max,
            header: Header::default(),
            frame: None,
            bytes_left: 0,
            message,
            reason,
        }
    }

    /// Reads `bytes`, to the end of one frame at most, and returns how many it has
    /// read.
    ///
    /// # Errors
    /// When the frame is refused. Its bytes in `bytes` are then skipped.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut at = 0;
        while self.frame.is_none() {
            let Some(&byte) = bytes.get(at) else { return Ok(at) };
            at += 1;
            if let Some(length) = self.header.push(byte) {
                if let Err(refusal) = self.begin(length) {
                    self.skip(bytes.len() - at);
                    return Err(refusal);
                }
                self.header = Header::default();
            }
        }
        let end = at + self.skip(bytes.len() - at);
        self.check(&bytes[at..end])?;
        if self.bytes_left == 0 {
            self.frame = None;
        }
        Ok(end)
    }

    /// Whether the next byte begins a frame.
    pub(crate) fn is_between_frames(&self) -> bool {
        self.frame.is_none() && self.header.length == 0
    }

    /// How many bytes of the frame are to come.
    pub(crate) fn bytes_left(&self) -> u64 {
        self.bytes_left
    }

    /// Goes past as many of `count` bytes as belong to the frame.
    pub(crate) fn skip(&mut self, count: usize) -> usize {
        let skipped = self.bytes_left.min(count as u64);
        self.bytes_left -= skipped;
        skipped as usize
    }

    /// Begins the frame whose header is whole, with `length` bytes of payload.
    fn begin(&mut self, length: u64) -> Result<(), Refusal> {
        let [first, second, ..] = self.header.bytes;
        let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        self.bytes_left = length.saturating_add(mask);
        let content = match opcode {
            0x8.. if length > CONTROL_LIMIT => return Err(Refusal::LongControl),
            0x8 => Payload::Close,
            0x9.. => Payload::Other,
            _ => self.message.add(opcode, fin, length, self.max)?,
        };
        // actix-ws refuses a frame with reserved bits or without a mask: its payload
        // is not checked here.
        let well_formed = first & 0x70 == 0 && mask > 0;
        let content = if well_formed { content } else { Payload::Other };
        self.frame = Some(Frame { fin, content, mask: [0; 4], read: 0 });
        Ok(())
    }

    /// Checks the next bytes of the frame.
    fn check(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let Some(frame) = &mut self.frame else { return Ok(()) };
        let ends = frame.fin && self.bytes_left == 0;
        match frame.content {
            Payload::Text => self.message.text.push(frame.unmask(bytes, 0), ends),
            Payload::Close => self.reason.push(frame.unmask(bytes, 2), ends),
            Payload::Other => Ok(()),
        }
    }
}

impl Message {
    /// Adds a frame with `length` bytes of payload, or begins the next message with it.
    fn add(
        &mut self,
        opcode: u8,
        fin: bool,
        length: u64,
        max: u64,
    ) -> Result<Payload, Refusal> {
        if self.frames == 0 || self.last_frame_begun {
            *self = Self { is_text: opcode == 0x1, ..Self::default() };
        }
        self.last_frame_begun = fin;
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > max {
            return Err(Refusal::TooLong(max));
        }
        if self.frames > frame_limit(max) {
            return Err(Refusal::TooManyFrames(frame_limit(max)));
        }
        Ok(if self.is_text { Payload::Text } else { Payload::Other })
    }
}

impl Frame {
    /// The payload in its next `bytes`, without its first `skip` bytes.
    fn unmask<'a>(
        &'a mut self,
        bytes: &'a [u8],
        skip: u64,
    ) -> impl Iterator<Item = u8> + 'a {
        bytes.iter().filter_map(move |&byte| {
            let mask = &mut self.mask[(self.read % 4) as usize];
            self.read += 1;
            if self.read <= 4 {
                *mask = byte;
            }
            (self.read > 4 + skip).then_some(byte ^ *mask)
        })
    }
}

/// Checks text that comes in pieces. Keeps only the bytes of a character that is not
/// complete yet.
#[derive(Default)]
struct Text(Vec<u8>);

impl Text {
    fn push(
        &mut self,
        bytes: impl Iterator<Item = u8>,
        ends: bool,
    ) -> Result<(), Refusal> {
        let mut text = mem::take(&mut self.0);
        text.extend(bytes);
        match str::from_utf8(&text) {
            Ok(_) => {}
            Err(error) if error.error_len().is_none() && !ends => {
                self.0 = text.split_off(error.valid_up_to());
            }
            Err(_) => return Err(Refusal::NotUtf8),
        }
        Ok(())
    }
}

/// A frame's first 2 to 10 bytes, up to its length; mask and payload follow.
#[derive(Default)]
struct Header {
    bytes: [u8; 10],
    length: usize,
}

impl Header {
    /// Adds a byte. With the last one: how long the payload is.
    fn push(&mut self, byte: u8) -> Option<u64> {
        self.bytes[self.length] = byte;
        self.length += 1;
        let extended = match self.bytes[1] & 0x7f {
            126 => 2,
            127 => 8,
            short => return (self.length == 2).then_some(u64::from(short)),
        };
        (self.length == 2 + extended).then(|| {
            let bytes = &self.bytes[2..self.length];
            bytes.iter().fold(0, |length, &byte| length << 8 | u64::from(byte))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes pass when `wire` comes in pieces of `size`, and why no more do.
    fn pass(wire: &[u8], size: usize) -> (usize, Option<Refusal>) {
        let mut reader = Reader::new(1000);
        let mut passed = 0;
        for mut piece in wire.chunks(size) {
            while !piece.is_empty() {
                match reader.read(piece) {
                    Ok(count) => (passed, piece) = (passed + count, &piece[count..]),
                    Err(refusal) => return (passed, Some(refusal)),
                }
            }
        }
        (passed, None)
    }

    fn frame(first: u8, payload: &[u8], declared: u64, masked: bool) -> Vec<u8> {
        let mask_bit = if masked { 0x80 } else { 0 };
        let mut frame = vec![first];
        match declared {
            0..=125 => frame.push(mask_bit | declared as u8),
            126..=65535 => {
                frame.push(mask_bit | 126);
                frame.extend((declared as u16).to_be_bytes());
            }
            _ => {
                frame.push(mask_bit | 127);
                frame.extend(declared.to_be_bytes());
            }
        }
        let mask = if masked { [1, 2, 3, 4] } else { [0; 4] };
        frame.extend(mask.iter().filter(|_| masked));
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
        frame
    }

    fn masked(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
        let payload = payload.as_ref();
        frame(first, payload, payload.len() as u64, true)
    }

    #[test]
    fn what_is_right_passes_however_it_is_cut() {
        let mut wire: Vec<u8> = [0, 5, 125, 126, 1000, 0, 7]
            .into_iter()
            .flat_map(|length| {
                let payload = vec![b'x'; length as usize];
                [true, false].map(|masked| frame(0x81, &payload, length, masked))
            })
            .flatten()
            .collect();
        wire.extend(masked(0x82, [0xff; 9]));
        wire.extend(masked(0x01, [0xce]));
        wire.extend(masked(0x89, [0xff; 125]));
        wire.extend(masked(0x80, [0xba]));
        wire.extend(masked(0x88, [&[3, 232], "µ".as_bytes()].concat()));
        for size in 1..wire.len() {
            assert_eq!(pass(&wire, size), (wire.len(), None), "pieces of {size}");
        }
    }

    #[test]
    fn what_is_too_long_ends_at_its_header() {
        let first = masked(0x01, [b'x'; 900]);
        for (before, opcode, length, why) in [
            (masked(0x81, "hello"), 0x81, 1001, Refusal::TooLong(1000)),
            (masked(0x81, "hello"), 0x82, 65536, Refusal::TooLong(1000)),
            (masked(0x81, "hello"), 0x82, u64::MAX, Refusal::TooLong(1000)),
            (first.clone(), 0x80, 101, Refusal::TooLong(1000)),
            (first.clone(), 0x00, u64::MAX, Refusal::TooLong(1000)),
            (first, 0x89, 126, Refusal::LongControl),
        ] {
            let wire = [before.clone(), frame(opcode, &[], length, true)].concat();
            assert_eq!(pass(&wire, wire.len()), (before.len(), Some(why)));
            for size in 1..wire.len() {
                let (passed, refusal) = pass(&wire, size);
                assert_eq!(refusal, Some(why), "{length} in pieces of {size}");
                assert!(passed < before.len() + 10, "{length}: {passed} passed");
            }
        }
    }

    #[test]
    fn a_wrong_byte_is_seen_when_it_comes() {
        let text = b"\xce\xba\xf4\x90";
        for (before, first, payload) in [
            (vec![], 0x81, &text[..]),
            (masked(0x01, &text[..3]), 0x00, &text[3..]),
            (masked(0x81, "hello"), 0x88, &b"\x03\xe8\xce\xba\xff"[..]),
        ] {
            // Of 99 bytes, those up to the wrong one.
            let wire = [before, frame(first, payload, 99, true)].concat();
            for size in 1..=wire.len() {
                assert_eq!(pass(&wire, size).1, Some(Refusal::NotUtf8), "{size}");
            }
            assert_eq!(pass(&wire[..wire.len() - 1], 1).1, None);
        }
        for cut in [masked(0x81, [0xce]), masked(0x88, [3, 232, 0xce])] {
            assert_eq!(pass(&cut, cut.len()), (0, Some(Refusal::NotUtf8)));
        }
    }

    #[test]
    fn a_message_comes_in_so_many_frames_and_the_next_one_again() {
        let message = [masked(0x02, ""), masked(0x00, "").repeat(1022)].concat();
        let whole = [message.clone(), masked(0x80, "")].concat();
        assert_eq!(pass(&whole.repeat(2), 100), (2 * whole.len(), None));
        let wire = [message, masked(0x00, "").repeat(2)].concat();
        let many = Some(Refusal::TooManyFrames(1024));
        assert_eq!(pass(&wire, wire.len()), (wire.len() - 6, many));
    }
}
