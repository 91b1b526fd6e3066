//! The bytes of a connection as [`Event`]s, however they are split.

use super::{
    event::{Event, change, gap, number, sample, snapshot},
    protocol::Protocol,
};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct Decoder {
    pub(super) protocol: Protocol,
    next: Next,
    /// The part of a chunked body that is not a whole line or event yet.
    body: Vec<u8>,
    /// What has to be answered: pongs.
    pub(super) replies: Vec<u8>,
    /// Bytes of samples' JSON so far.
    pub(super) payload: u64,
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Next {
    Head,
    /// A body of so many bytes.
    Counted(usize),
    Chunk,
    Frame,
    Line,
}

impl Decoder {
    pub(super) fn new(protocol: Protocol) -> Self {
        let lines = protocol == Protocol::Bare || protocol.is_session();
        let next = if lines { Next::Line } else { Next::Head };
        Self { protocol, next, body: Vec::new(), replies: Vec::new(), payload: 0 }
    }

    /// Takes all that is whole. Returns how many bytes that was.
    pub(super) fn decode(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<usize, Error> {
        let mut taken = 0;
        while let Some(count) = self.step(&bytes[taken..], on)? {
            taken += count;
        }
        Ok(taken)
    }

    fn step(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<Option<usize>, Error> {
        match self.next {
            Next::Head => {
                let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
                self.head(&bytes[..end + 2], on)?;
                Ok(Some(end + 4))
            }
            Next::Counted(length) => {
                let Some(body) = bytes.get(..length) else { return Ok(None) };
                if let Some(array) = body.strip_prefix(b"[") {
                    for json in array.split_inclusive(|&byte| byte == b'}') {
                        if json != b"]" {
                            let json = json.strip_prefix(b",").unwrap_or(json);
                            self.sample(json, on)?;
                        }
                    }
                }
                self.next = Next::Head;
                on(Event::End);
                Ok(Some(length))
            }
            Next::Chunk => self.chunk(bytes, on),
            Next::Frame => self.frame(bytes, on),
            Next::Line => {
                let Some(end) = find(bytes, b"\n") else { return Ok(None) };
                self.message(&bytes[..end], on)?;
                Ok(Some(end + 1))
            }
        }
    }

    /// The head of a response (RFC 9112 §4), with `\r\n` after each line.
    fn head(
        &mut self,
        head: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<(), Error> {
        let status = head.get(9..12).and_then(|digits| number(digits));
        let (status, _) = status.ok_or_else(|| unexpected("a status line", head))?;
        on(Event::Head(status as u16));
        self.next = Next::Counted(0);
        for line in head.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some(length) = field(line, b"content-length: ") {
                let (length, _) =
                    number(length).ok_or_else(|| unexpected("a length", line))?;
                self.next = Next::Counted(length as usize);
            } else if field(line, b"transfer-encoding: chunked").is_some() {
                self.next = Next::Chunk;
            } else if let Some(json) = field(line, b"feed-gap: ") {
                on(gap(json).ok_or_else(|| unexpected("a gap", line))?);
            }
        }
        if status == 101 {
            self.next = Next::Frame;
        }
        Ok(())
    }

    /// A chunk (RFC 9112 §7.1). Messages may begin and end anywhere in it.
    fn chunk(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<Option<usize>, Error> {
        let Some(line) = find(bytes, b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&bytes[..line]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.ok_or_else(|| unexpected("the size of a chunk", bytes))?;
        let (start, end) = (line + 2, line + 2 + size);
        if bytes.len() < end + 2 {
            return Ok(None);
        }
        if size == 0 {
            self.next = Next::Head;
            on(Event::End);
            return Ok(Some(end + 2));
        }
        let mut body = std::mem::take(&mut self.body);
        body.extend_from_slice(&bytes[start..end]);
        let ending: &[u8] = if self.protocol.has_events() { b"\n\n" } else { b"\n" };
        let mut rest = &body[..];
        while let Some(at) = find(rest, ending) {
            if self.protocol.has_events() {
                self.event(&rest[..at], on)?;
            } else {
                self.message(&rest[..at], on)?;
            }
            rest = &rest[at + ending.len()..];
        }
        let taken = body.len() - rest.len();
        body.drain(..taken);
        self.body = body;
        Ok(Some(end + 2))
    }

    /// An event (WHATWG HTML §9.2.6). Those with samples have no name.
    fn event(
        &mut self,
        event: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<(), Error> {
        let (mut name, mut id, mut data) = (&b""[..], &b""[..], &b""[..]);
        for line in event.split(|&byte| byte == b'\n') {
            if let Some(text) = line.strip_prefix(b"event: ") {
                name = text;
            } else if let Some(text) = line.strip_prefix(b"id: ") {
                id = text;
            } else if let Some(text) = line.strip_prefix(b"data: ") {
                data = text;
            }
        }
        match name {
            b"" if data.is_empty() => on(Event::Other), // a comment, or `retry`
            b"" => self.sample(data, on)?,
            b"snapshot" => {
                on(snapshot(id).ok_or_else(|| unexpected("an id", id))?);
            }
            b"price" | b"trading" => {
                self.payload += data.len() as u64;
                let change = change(id, data);
                let change = change.ok_or_else(|| unexpected("a change", data))?;
                on(Event::Sample(change));
            }
            b"gap" => on(gap(data).ok_or_else(|| unexpected("a gap", data))?),
            _ => on(Event::Other),
        }
        Ok(())
    }

    /// A frame (RFC 6455 §5.2). Servers neither mask them, nor split ours.
    fn frame(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<Option<usize>, Error> {
        let Some(&[first, length]) = bytes.first_chunk() else { return Ok(None) };
        let (length, start) = match (length, bytes.get(2..4)) {
            (126, Some(length)) => {
                (usize::from(length[0]) << 8 | usize::from(length[1]), 4)
            }
            (126, None) => return Ok(None),
            (0..=125, _) => (usize::from(length), 2),
            _ => return Err(unexpected("a frame of at most 64 KiB", bytes)),
        };
        let Some(payload) = bytes.get(start..start + length) else {
            return Ok(None);
        };
        match first {
            0x81 => self.message(payload, on)?,
            0x88 => on(Event::End),
            0x89 => {
                // A pong, under a mask of zeros.
                self.replies.extend([0x8a, 0x80 | length as u8, 0, 0, 0, 0]);
                self.replies.extend_from_slice(payload);
            }
            0x8a => {}
            _ => return Err(unexpected("text or a control frame", bytes)),
        }
        Ok(Some(start + length))
    }

    /// A line of a stream, or the text of a frame.
    fn message(
        &mut self,
        text: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<(), Error> {
        if text.starts_with(b"{\"id\":") {
            return self.sample(text, on);
        }
        on(match text.strip_prefix(b"{\"gap\":") {
            Some(json) => gap(json).ok_or_else(|| unexpected("a gap", text))?,
            None => Event::Other,
        });
        Ok(())
    }

    fn sample(
        &mut self,
        json: &[u8],
        on: &mut impl FnMut(Event),
    ) -> Result<(), Error> {
        self.payload += json.len() as u64;
        on(Event::Sample(sample(json).ok_or_else(|| unexpected("a sample", json))?));
        Ok(())
    }
}

/// What follows the name of a field, if the line is that field.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (begin, rest) = line.split_at_checked(name.len())?;
    begin.eq_ignore_ascii_case(name).then_some(rest)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn unexpected(expected: &'static str, came: &[u8]) -> Error {
    let came = String::from_utf8_lossy(&came[..came.len().min(100)]).into_owned();
    Error::Unexpected { expected, came }
}

#[cfg(test)]
mod tests {
    use feed::Cursor;

    use super::*;
    use crate::client::Sample;

    const SAMPLE: &str =
        r#"{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}"#;
    const GAP: &str = r#"{"missed":12,"restarted":true,"id":"k3f9-16"}"#;

    /// What a decoder makes of bytes that come in pieces of each size.
    fn decoded(protocol: Protocol, wire: &str, expected: &[Event]) {
        for size in 1..=wire.len() {
            let mut decoder = Decoder::new(protocol);
            let (mut unread, mut events) = (Vec::new(), Vec::new());
            for piece in wire.as_bytes().chunks(size) {
                unread.extend_from_slice(piece);
                let taken = decoder.decode(&unread, &mut |event| events.push(event));
                unread.drain(..taken.unwrap());
            }
            assert_eq!(events, expected, "{wire:?} in pieces of {size}");
        }
    }

    fn events(status: u16) -> [Event; 3] {
        let id: Cursor = "k3f9-17".parse().unwrap();
        let sample = Sample { id, at: 1_795_207_096_301, data: *b"ud8adpbt5tel0" };
        let id = Cursor { seq: 16, ..id };
        let gap = Event::Gap { missed: 12, restarted: true, id };
        [Event::Head(status), gap, Event::Sample(sample)]
    }

    #[test]
    fn an_array_after_a_gap_in_the_head() {
        let wire = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 69\r\nfeed-gap: {GAP}\r\n\r\n[{SAMPLE}]"
        );
        let [head, gap, sample] = events(200);
        decoded(Protocol::LongPoll, &wire, &[head, gap, sample, Event::End]);
    }

    #[test]
    fn no_content_has_no_length() {
        let wire = "HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n";
        decoded(Protocol::ShortPoll, wire, &[Event::Head(204), Event::End]);
    }

    #[test]
    fn lines_in_chunks_that_end_anywhere() {
        let (a, b) = SAMPLE.split_at(20);
        let gap = format!("{{\"gap\":{GAP}}}\n");
        let wire = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
             {:X}\r\n{gap}{a}\r\n{:x}\r\n{b}\n\r\n1\r\n\n\r\n0\r\n\r\n",
            gap.len() + a.len(),
            b.len() + 1,
        );
        let [head, gap, sample] = events(200);
        let expected = [head, gap, sample, Event::Other, Event::End];
        decoded(Protocol::HttpStream, &wire, &expected);
    }

    #[test]
    fn events_with_and_without_a_name() {
        let body = format!(
            "retry: 2000\n\nevent: gap\nid: k3f9-16\ndata: {GAP}\n\n\
             id: k3f9-17\ndata: {SAMPLE}\n\n"
        );
        let wire = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:X}\r\n{body}\r\n",
            body.len()
        );
        let [head, gap, sample] = events(200);
        decoded(Protocol::Sse, &wire, &[head, Event::Other, gap, sample]);
    }

    #[test]
    fn frames() {
        let gap = format!("{{\"gap\":{GAP}}}");
        let wire = format!(
            "HTTP/1.1 101 Switching Protocols\r\n\r\n{}{}{gap}{}{}{SAMPLE}{}",
            '\u{1}',
            gap.len() as u8 as char,
            '\u{1}',
            SAMPLE.len() as u8 as char,
            ""
        );
        // FIN set by hand: it is no character.
        let mut decoder = Decoder::new(Protocol::Websocket);
        let mut bytes = wire.into_bytes();
        for byte in &mut bytes {
            if *byte == 1 {
                *byte = 0x81;
            }
        }
        bytes.extend([0x89, 1, b'x', 0x88, 2, 3, 0xe8]);
        let mut came = Vec::new();
        let taken = decoder.decode(&bytes, &mut |event| came.push(event));
        assert_eq!(taken.unwrap(), bytes.len());
        let [head, gap, sample] = events(101);
        assert_eq!(came, [head, gap, sample, Event::End]);
        assert_eq!(decoder.replies, [0x8a, 0x81, 0, 0, 0, 0, b'x']);
        assert_eq!(decoder.payload, SAMPLE.len() as u64);
    }

    #[test]
    fn what_is_no_sample_is_an_error() {
        for wire in ["{\"id\":\"k3f9-17\",\"seq\":18}\n", "{\"id\":\n"] {
            let mut decoder = Decoder::new(Protocol::Bare);
            let error = decoder.decode(wire.as_bytes(), &mut |_| {}).unwrap_err();
            assert!(error.to_string().contains("a sample"), "{error}");
        }
    }
}
