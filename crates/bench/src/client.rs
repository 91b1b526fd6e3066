//! A client that is cheap enough for ten thousand of them: one connection, no HTTP
//! library, and a decoder for just what the five techniques send.
//!
//! ```text
//!  socket ──► unread bytes ──► head │ chunk │ frame ──► line │ event ──► Event
//! ```

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
};

use clap::ValueEnum;
use serde::{Serialize, Serializer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Kind {
    ShortPoll,
    LongPoll,
    HttpStream,
    Sse,
    Websocket,
    /// No HTTP: from the beginning, a line a sample.
    #[value(skip)]
    Bare,
}

impl Kind {
    /// The five techniques.
    pub(crate) const ALL: [Self; 5] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::HttpStream,
        Self::Sse,
        Self::Websocket,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ShortPoll => "short-poll",
            Self::LongPoll => "long-poll",
            Self::HttpStream => "http-stream",
            Self::Sse => "sse",
            Self::Websocket => "websocket",
            Self::Bare => "bare",
        }
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::ShortPoll => "/short-polling",
            Self::LongPoll => "/long-polling",
            Self::HttpStream => "/stream",
            Self::Sse => "/api/v1/live-data",
            Self::Websocket => "/chat",
            Self::Bare => "",
        }
    }

    /// Whether each answer needs another request.
    pub(crate) fn polls(self) -> bool {
        matches!(self, Self::ShortPoll | Self::LongPoll)
    }

    /// A request with no more fields than it needs.
    pub(crate) fn request(self, after: Option<Id>) -> String {
        if self == Self::Bare {
            return String::new();
        }
        let mut request = format!("GET {}", self.path());
        if let Some(after) = after.filter(|_| self != Self::Sse) {
            request += &format!("?after={after}");
        }
        request += " HTTP/1.1\r\nHost: localhost\r\n";
        match self {
            Self::Sse => {
                if let Some(after) = after {
                    request += &format!("Last-Event-ID: {after}\r\n");
                }
            }
            Self::Websocket => {
                request += "Upgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\
                    Sec-WebSocket-Protocol: chat\r\n";
            }
            _ => {}
        }
        request + "\r\n"
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The id of a sample: `run-seq`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) run: [u8; 4],
    pub(crate) seq: u64,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", String::from_utf8_lossy(&self.run), self.seq)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A sample, as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) id: Id,
    /// When it was published, in Unix milliseconds.
    pub(crate) at: u64,
    pub(crate) data: [u8; 13],
}

/// What a client is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// An answer begins, with this status.
    Head(u16),
    Sample(Sample),
    /// Samples were missed, up to this one; or the server restarted.
    Gap {
        missed: u64,
        restarted: bool,
        id: Id,
    },
    /// Weather, a heartbeat, a welcome, a farewell.
    Other,
    /// An answer, a stream or a WebSocket has come to its proper end.
    End,
}

/// One connection, from the request on.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    decoder: Decoder,
    /// Bytes sent.
    pub(crate) up: u64,
    /// Bytes received.
    pub(crate) down: u64,
}

impl Connection {
    /// Connects, from an address of loopback.
    pub(crate) async fn open(
        kind: Kind,
        server: SocketAddr,
        from: Ipv4Addr,
    ) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if from != Ipv4Addr::LOCALHOST {
            socket.bind((from, 0).into())?;
        }
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let unread = Vec::with_capacity(2048);
        let decoder = Decoder::new(kind);
        Ok(Self { stream, unread, decoder, up: 0, down: 0 })
    }

    /// Asks for what comes after a sample, or for the newest.
    pub(crate) async fn ask(&mut self, after: Option<Id>) -> io::Result<()> {
        let request = self.decoder.kind.request(after);
        self.send(request.as_bytes()).await
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.up += bytes.len() as u64;
        self.stream.write_all(bytes).await
    }

    /// Waits for bytes, and says what they mean. `false`: the server has closed.
    ///
    /// # Errors
    /// When the connection was reset, or what came is not what the technique sends.
    pub(crate) async fn read(
        &mut self,
        mut on: impl FnMut(Event),
    ) -> io::Result<bool> {
        self.unread.reserve(1024);
        let count = self.stream.read_buf(&mut self.unread).await?;
        self.down += count as u64;
        let taken = self.decoder.decode(&self.unread, &mut on)?;
        if taken == self.unread.len() {
            self.unread.clear();
        } else {
            self.unread.drain(..taken);
        }
        if !self.decoder.replies.is_empty() {
            let replies = std::mem::take(&mut self.decoder.replies);
            self.send(&replies).await?;
        }
        Ok(count > 0)
    }

    /// How many bytes of JSON were in it.
    pub(crate) fn payload(&self) -> u64 {
        self.decoder.payload
    }
}

#[derive(Debug)]
struct Decoder {
    kind: Kind,
    stage: Stage,
    /// The part of a chunked body that is not a whole line or event yet.
    body: Vec<u8>,
    /// What has to be answered: pongs.
    replies: Vec<u8>,
    payload: u64,
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Head,
    /// A body of so many bytes.
    Counted(usize),
    Chunk,
    Frame,
    Line,
}

impl Decoder {
    fn new(kind: Kind) -> Self {
        let stage = if kind == Kind::Bare { Stage::Line } else { Stage::Head };
        Self { kind, stage, body: Vec::new(), replies: Vec::new(), payload: 0 }
    }

    /// Takes all that is whole. Returns how many bytes that was.
    fn decode(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> io::Result<usize> {
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
    ) -> io::Result<Option<usize>> {
        match self.stage {
            Stage::Head => {
                let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
                self.head(&bytes[..end + 2], on)?;
                Ok(Some(end + 4))
            }
            Stage::Counted(length) => {
                let Some(body) = bytes.get(..length) else { return Ok(None) };
                if let Some(array) = body.strip_prefix(b"[") {
                    for json in array.split_inclusive(|&byte| byte == b'}') {
                        if json != b"]" {
                            let json = json.strip_prefix(b",").unwrap_or(json);
                            self.sample(json, on)?;
                        }
                    }
                }
                self.stage = Stage::Head;
                on(Event::End);
                Ok(Some(length))
            }
            Stage::Chunk => self.chunk(bytes, on),
            Stage::Frame => self.frame(bytes, on),
            Stage::Line => {
                let Some(end) = find(bytes, b"\n") else { return Ok(None) };
                self.message(&bytes[..end], on)?;
                Ok(Some(end + 1))
            }
        }
    }

    /// The head of an answer (RFC 9112 §4), with `\r\n` after each line.
    fn head(&mut self, head: &[u8], on: &mut impl FnMut(Event)) -> io::Result<()> {
        let status = head.get(9..12).and_then(|digits| number(digits));
        let (status, _) = status.ok_or_else(|| odd("a status line", head))?;
        on(Event::Head(status as u16));
        self.stage = Stage::Counted(0);
        for line in head.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some(length) = field(line, b"content-length: ") {
                let (length, _) =
                    number(length).ok_or_else(|| odd("a length", line))?;
                self.stage = Stage::Counted(length as usize);
            } else if field(line, b"transfer-encoding: chunked").is_some() {
                self.stage = Stage::Chunk;
            } else if let Some(json) = field(line, b"feed-gap: ") {
                on(gap(json).ok_or_else(|| odd("a gap", line))?);
            }
        }
        if status == 101 {
            self.stage = Stage::Frame;
        }
        Ok(())
    }

    /// A chunk (RFC 9112 §7.1). Messages may begin and end anywhere in it.
    fn chunk(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> io::Result<Option<usize>> {
        let Some(line) = find(bytes, b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&bytes[..line]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.ok_or_else(|| odd("the size of a chunk", bytes))?;
        let (start, end) = (line + 2, line + 2 + size);
        if bytes.len() < end + 2 {
            return Ok(None);
        }
        if size == 0 {
            self.stage = Stage::Head;
            on(Event::End);
            return Ok(Some(end + 2));
        }
        let mut body = std::mem::take(&mut self.body);
        body.extend_from_slice(&bytes[start..end]);
        let ending: &[u8] = if self.kind == Kind::Sse { b"\n\n" } else { b"\n" };
        let mut rest = &body[..];
        while let Some(at) = find(rest, ending) {
            if self.kind == Kind::Sse {
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
    fn event(&mut self, event: &[u8], on: &mut impl FnMut(Event)) -> io::Result<()> {
        let (mut name, mut data) = (&b""[..], &b""[..]);
        for line in event.split(|&byte| byte == b'\n') {
            if let Some(text) = line.strip_prefix(b"event: ") {
                name = text;
            } else if let Some(text) = line.strip_prefix(b"data: ") {
                data = text;
            }
        }
        match name {
            b"" if data.is_empty() => on(Event::Other), // a comment, or `retry`
            b"" => self.sample(data, on)?,
            b"gap" => on(gap(data).ok_or_else(|| odd("a gap", data))?),
            _ => on(Event::Other),
        }
        Ok(())
    }

    /// A frame (RFC 6455 §5.2). Servers neither mask them, nor split ours.
    fn frame(
        &mut self,
        bytes: &[u8],
        on: &mut impl FnMut(Event),
    ) -> io::Result<Option<usize>> {
        let Some(&[first, length]) = bytes.first_chunk() else { return Ok(None) };
        let (length, start) = match (length, bytes.get(2..4)) {
            (126, Some(length)) => {
                (usize::from(length[0]) << 8 | usize::from(length[1]), 4)
            }
            (126, None) => return Ok(None),
            (0..=125, _) => (usize::from(length), 2),
            _ => return Err(odd("a frame of at most 64 KiB", bytes)),
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
            _ => return Err(odd("text or a control frame", bytes)),
        }
        Ok(Some(start + length))
    }

    /// A line of a stream, or the text of a frame.
    fn message(
        &mut self,
        text: &[u8],
        on: &mut impl FnMut(Event),
    ) -> io::Result<()> {
        if text.starts_with(b"{\"id\":") {
            return self.sample(text, on);
        }
        on(match text.strip_prefix(b"{\"gap\":") {
            Some(json) => gap(json).ok_or_else(|| odd("a gap", text))?,
            None => Event::Other,
        });
        Ok(())
    }

    fn sample(&mut self, json: &[u8], on: &mut impl FnMut(Event)) -> io::Result<()> {
        self.payload += json.len() as u64;
        on(Event::Sample(sample(json).ok_or_else(|| odd("a sample", json))?));
        Ok(())
    }
}

/// `{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}`, to the byte.
fn sample(json: &[u8]) -> Option<Sample> {
    let (id, rest) = id(json.strip_prefix(b"{\"id\":\"")?)?;
    let (seq, rest) = number(rest.strip_prefix(b"\",\"seq\":")?)?;
    let (at, rest) = number(rest.strip_prefix(b",\"at\":")?)?;
    let (data, rest) = rest.strip_prefix(b",\"data\":\"")?.split_first_chunk()?;
    (seq == id.seq && rest == b"\"}").then_some(Sample { id, at, data: *data })
}

/// `{"missed":12,"restarted":false,"id":"k3f9-29"}`, and perhaps more after it.
fn gap(json: &[u8]) -> Option<Event> {
    let (missed, rest) = number(json.strip_prefix(b"{\"missed\":")?)?;
    let rest = rest.strip_prefix(b",\"restarted\":")?;
    let restarted = rest.starts_with(b"true");
    let rest = rest.strip_prefix(if restarted { &b"true"[..] } else { b"false" })?;
    let (id, _) = id(rest.strip_prefix(b",\"id\":\"")?)?;
    Some(Event::Gap { missed, restarted, id })
}

fn id(text: &[u8]) -> Option<(Id, &[u8])> {
    let (run, rest) = text.split_first_chunk()?;
    let (seq, rest) = number(rest.strip_prefix(b"-")?)?;
    Some((Id { run: *run, seq }, rest))
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = text[..digits].iter();
    let value = value.fold(0u64, |n, d| n.wrapping_mul(10) + u64::from(d - b'0'));
    (1..20).contains(&digits).then_some((value, &text[digits..]))
}

/// What follows the name of a field, if the line is that field.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (begin, rest) = line.split_at_checked(name.len())?;
    begin.eq_ignore_ascii_case(name).then_some(rest)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn odd(expected: &str, came: &[u8]) -> io::Error {
    let came = String::from_utf8_lossy(&came[..came.len().min(100)]).into_owned();
    let text = format!("expected {expected}, and {came:?} came");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str =
        r#"{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}"#;
    const GAP: &str = r#"{"missed":12,"restarted":true,"id":"k3f9-16"}"#;

    /// What a decoder makes of bytes that come in pieces of each size.
    fn decoded(kind: Kind, wire: &str, expected: &[Event]) {
        for size in 1..=wire.len() {
            let mut decoder = Decoder::new(kind);
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
        let id = Id { run: *b"k3f9", seq: 17 };
        let sample = Sample { id, at: 1_795_207_096_301, data: *b"ud8adpbt5tel0" };
        let id = Id { seq: 16, ..id };
        let gap = Event::Gap { missed: 12, restarted: true, id };
        [Event::Head(status), gap, Event::Sample(sample)]
    }

    #[test]
    fn an_array_after_a_gap_in_the_head() {
        let wire = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 69\r\nfeed-gap: {GAP}\r\n\r\n[{SAMPLE}]"
        );
        let [head, gap, sample] = events(200);
        decoded(Kind::LongPoll, &wire, &[head, gap, sample, Event::End]);
    }

    #[test]
    fn no_content_has_no_length() {
        let wire = "HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n";
        decoded(Kind::ShortPoll, wire, &[Event::Head(204), Event::End]);
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
        decoded(Kind::HttpStream, &wire, &expected);
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
        decoded(Kind::Sse, &wire, &[head, Event::Other, gap, sample]);
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
        let mut decoder = Decoder::new(Kind::Websocket);
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
            let mut decoder = Decoder::new(Kind::Bare);
            let error = decoder.decode(wire.as_bytes(), &mut |_| {}).unwrap_err();
            assert!(error.to_string().contains("a sample"), "{error}");
        }
    }
}
