use std::{
    io::ErrorKind,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{dev::Payload, error::PayloadError, web::Bytes};
use actix_ws::{CloseCode, CloseReason, ProtocolError};
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

/// The Close frame that an error of a client's asks for (RFC 6455 §7.4.1). actix-ws
/// leaves this to us, and has no variants for some of them.
#[must_use]
pub fn close_reason(error: &ProtocolError) -> CloseReason {
    let code = match error {
        ProtocolError::Io(io) if io.to_string().contains("reserved bits") => {
            CloseCode::Protocol // 1002
        }
        ProtocolError::Io(io) if io.kind() == ErrorKind::InvalidData => {
            CloseCode::Invalid // 1007: text that is not UTF-8
        }
        // 1009: of one frame, or of all frames of a message together
        ProtocolError::Io(_) | ProtocolError::Overflow => CloseCode::Size,
        // Of a Close frame itself: its code, or its reason.
        ProtocolError::BadOpCode => {
            return (CloseCode::Protocol, "malformed Close frame").into();
        }
        _ => CloseCode::Protocol,
    };
    (code, error.to_string()).into()
}

/// How long what is left of a frame that is too long is read and dropped. To close TCP
/// with bytes unread resets it (RFC 9293 §3.6.1), and then the client may never see
/// the Close frame that says why.
const DRAIN: Duration = Duration::from_secs(1);

/// The incoming bytes of a WebSocket, which end as soon as a frame header (RFC 6455 §5.2)
/// declares more than `max` bytes of payload.
///
/// actix-ws compares a frame with its limit when the whole frame is there: until
/// then, what a client declares and sends is kept in memory. This looks at the
/// headers as they pass, and changes nothing else:
///
/// ```text
/// socket ──► FrameLimit ──► actix-ws
///               │ header: FIN, opcode │ mask bit, length │ mask
///               └ length > max? the end
/// ```
pub(crate) struct FrameLimit {
    inner: Payload,
    max: u64,
    /// The header that is being read.
    header: Header,
    /// How many bytes of mask and payload follow until the next header.
    rest: u64,
    /// A frame was too long; its `rest` is dropped, until then at most.
    overflow: Option<Pin<Box<Sleep>>>,
}

impl FrameLimit {
    pub(crate) fn new(inner: Payload, max: u64) -> Self {
        Self { inner, max, header: Header::default(), rest: 0, overflow: None }
    }

    /// How many bytes of `chunk` are passed on: all, or those before the first frame
    /// that is too long.
    fn allowed(&mut self, chunk: &[u8]) -> usize {
        let mut at = 0;
        while at < chunk.len() {
            if self.rest > 0 {
                at += self.skip(chunk.len() - at);
                continue;
            }
            let start = at.saturating_sub(self.header.have);
            let length = self.header.push(chunk[at]);
            at += 1;
            if let Some(length) = length {
                let mask = if self.header.masked() { 4 } else { 0 };
                self.rest = length.saturating_add(mask);
                self.header = Header::default();
                if length > self.max {
                    self.overflow = Some(Box::pin(sleep(DRAIN)));
                    self.skip(chunk.len() - at);
                    return start;
                }
            }
        }
        chunk.len()
    }

    /// Goes past as many of `count` bytes as belong to the frame.
    fn skip(&mut self, count: usize) -> usize {
        let skipped = self.rest.min(count as u64);
        self.rest -= skipped;
        skipped as usize
    }
}

impl Stream for FrameLimit {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(end) = &mut this.overflow
                && (this.rest == 0 || end.as_mut().poll(context).is_ready())
            {
                return Poll::Ready(Some(Err(PayloadError::Overflow)));
            }
            let chunk = match ready!(Pin::new(&mut this.inner).poll_next(context)) {
                Some(Ok(chunk)) => chunk,
                end => return Poll::Ready(end),
            };
            if this.overflow.is_some() {
                this.skip(chunk.len());
                continue;
            }
            let allowed = this.allowed(&chunk);
            if this.overflow.is_none() || allowed > 0 {
                return Poll::Ready(Some(Ok(chunk.slice(..allowed))));
            }
        }
    }
}

/// A frame's first 2 to 10 bytes, up to its length; mask and payload follow.
#[derive(Default)]
struct Header {
    bytes: [u8; 10],
    have: usize,
}

impl Header {
    /// Adds a byte. With the last one: how long the payload is.
    fn push(&mut self, byte: u8) -> Option<u64> {
        self.bytes[self.have] = byte;
        self.have += 1;
        let extended = match self.bytes[1] & 0x7f {
            126 => 2,
            127 => 8,
            length => return (self.have == 2).then_some(u64::from(length)),
        };
        (self.have == 2 + extended).then(|| {
            let bytes = &self.bytes[2..self.have];
            bytes.iter().fold(0, |length, &byte| length << 8 | u64::from(byte))
        })
    }

    fn masked(&self) -> bool {
        self.bytes[1] & 0x80 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that pass when `wire` comes in pieces of `size`, and whether a
    /// frame was too long.
    fn pass(wire: &[u8], size: usize) -> (usize, bool) {
        let mut limit = FrameLimit::new(Payload::None, 1000);
        let mut passed = 0;
        for chunk in wire.chunks(size) {
            passed += limit.allowed(chunk);
            if limit.overflow.is_some() {
                break;
            }
        }
        (passed, limit.overflow.is_some())
    }

    fn frame(length: u64, masked: bool) -> Vec<u8> {
        let mask_bit = if masked { 0x80 } else { 0 };
        let mut frame = vec![0x81];
        match length {
            0..=125 => frame.push(mask_bit | length as u8),
            126..=65535 => {
                frame.push(mask_bit | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(mask_bit | 127);
                frame.extend(length.to_be_bytes());
            }
        }
        frame.extend(if masked { &[7; 4][..] } else { &[] });
        frame.resize(frame.len() + length.min(1000) as usize, b'x');
        frame
    }

    #[tokio::test]
    async fn frames_within_the_limit_pass_however_they_are_cut() {
        let wire: Vec<u8> = [0, 5, 125, 126, 1000, 0, 7]
            .into_iter()
            .flat_map(|length| [frame(length, true), frame(length, false)])
            .flatten()
            .collect();
        for size in 1..wire.len() {
            assert_eq!(pass(&wire, size), (wire.len(), false), "pieces of {size}");
        }
    }

    #[tokio::test]
    async fn a_longer_one_ends_it_at_its_header() {
        for length in [1001, 65536, 1 << 62, u64::MAX] {
            let before = frame(5, true);
            let wire = [before.clone(), frame(length, true)].concat();
            assert_eq!(pass(&wire, wire.len()), (before.len(), true));
            for size in 1..wire.len() {
                let (passed, overflow) = pass(&wire, size);
                assert!(overflow, "{length} in pieces of {size}");
                assert!(passed < before.len() + 10, "{length}: {passed} passed");
            }
        }
    }
}
