//! One direction of a connection: heads, what is between them, and what comes
//! after the protocol was changed.
//!
//! ```text
//!         ┌──────────┐
//!         ▼          │
//! ─────► Head ────► Body: by length, chunked, until close
//!         ├───────► Frames, after a 101
//!         └───────► Opaque, after a fault
//! ```

use std::{collections::VecDeque, mem};

use bytes::Bytes;

use super::{
    Decoded, Direction, Fault, Flow, Happening,
    chunks::{Chunks, at_most},
    content::Content,
    frames::Frames,
    framing::{self, Length},
    handshake::Accept,
    head::{Head, MAX_HEAD},
    pen::{Pen, bytes, short},
};
use crate::Label;

/// A client that has sent so many requests, and got no answer, is not decoded any
/// more: each waits in memory. Browsers send one at a time.
const MAX_ASKED: usize = 1000;

/// What each direction has to know of the other.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// Requests that have no final response yet.
    asked: VecDeque<Asked>,
    /// A response is not complete.
    answering: bool,
    /// What the client speaks after its last request.
    protocol: Protocol,
    /// The client's requests are not understood any more.
    lost: bool,
}

/// What of a request is needed to understand its response.
#[derive(Debug, Default)]
struct Asked {
    /// HEAD: the response has no content, whatever it says.
    head: bool,
    /// CONNECT: a good response makes a tunnel.
    connect: bool,
    /// Offers a WebSocket.
    accept: Option<Accept>,
    /// The answer decides what the client speaks then. Only one request can do
    /// that: what comes after it waits for the answer.
    switches: bool,
}

#[derive(Debug, Default, Clone, Copy)]
enum Protocol {
    #[default]
    Http,
    /// The answer to the last request decides.
    Undecided,
    WebSocket {
        deflate: bool,
    },
    Unknown,
}

impl Asked {
    fn new(head: &Head) -> Self {
        let connect = head.method() == b"CONNECT";
        let upgrades: Vec<String> = head.list("upgrade").collect();
        let websocket = upgrades.iter().any(|protocol| protocol == "websocket");
        let mut key = head.values("sec-websocket-key").filter(|_| websocket);
        Self {
            head: head.method() == b"HEAD",
            connect,
            accept: key.next().map(Accept::of),
            switches: connect || !upgrades.is_empty(),
        }
    }
}

impl Talk {
    pub(super) fn answer_pending(&self) -> bool {
        self.answering || !self.asked.is_empty()
    }
}

/// The decoder of one direction.
#[derive(Debug)]
pub(super) struct Side {
    direction: Direction,
    pen: Pen,
    state: State,
}

#[derive(Debug)]
enum State {
    Head {
        /// So many bytes of it are known not to be complete.
        looked: usize,
    },
    Body {
        framing: Framing,
        content: Content,
    },
    Frames(Frames),
    /// Not understood, for this reason, which is told once.
    Opaque(Option<&'static str>),
}

#[derive(Debug)]
enum Framing {
    Length { left: u64 },
    Chunks(Chunks),
    UntilClose,
}

impl Side {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            pen: Pen::new(direction),
            state: State::Head { looked: 0 },
        }
    }

    /// Labels what waited and what came.
    pub(super) fn push(&mut self, bytes: Bytes, talk: &mut Talk) -> Decoded {
        if bytes.is_empty() {
            return Decoded::default();
        }
        self.pen.begin(bytes);
        while !self.pen.rest().is_empty() {
            match self.step(talk) {
                Ok(Flow::On) => {}
                Ok(Flow::Wait) => break,
                Ok(Flow::End) => self.end_message(talk),
                Err(fault) => self.fault(fault, talk),
            }
        }
        self.pen.finish()
    }

    /// Labels what waited: nothing will come any more.
    pub(super) fn end(&mut self, talk: &mut Talk) -> Decoded {
        self.pen.begin(Bytes::new());
        if let State::Body { framing: Framing::UntilClose, .. } = self.state {
            self.end_message(talk);
        }
        if !matches!(self.state, State::Opaque(_)) {
            self.state = State::Opaque(Some("cut off"));
        }
        self.opaque();
        self.pen.finish()
    }

    /// Whether nothing can be said about requests and responses.
    pub(super) fn beyond_http(&self) -> bool {
        matches!(self.state, State::Frames(_) | State::Opaque(_))
    }

    /// Labels some bytes, of which at least one is there.
    fn step(&mut self, talk: &mut Talk) -> Result<Flow, Fault> {
        match &mut self.state {
            State::Head { .. } => match self.direction {
                Direction::Up => self.request(talk),
                Direction::Down => self.response(talk),
            },
            State::Body { framing: Framing::Length { left }, content } => {
                let count = at_most(*left, self.pen.rest());
                content.write(&mut self.pen, count);
                *left -= count as u64;
                Ok(if *left == 0 { Flow::End } else { Flow::On })
            }
            State::Body { framing: Framing::Chunks(chunks), content } => {
                chunks.step(&mut self.pen, content)
            }
            State::Body { framing: Framing::UntilClose, content } => {
                let count = self.pen.rest().len();
                content.write(&mut self.pen, count);
                Ok(Flow::On)
            }
            State::Frames(frames) => frames.step(&mut self.pen).map(|()| Flow::On),
            State::Opaque(_) => {
                self.opaque();
                Ok(Flow::On)
            }
        }
    }

    /// The next head, if it is complete. Only a line end can complete it: so what
    /// trickles in is not parsed at each byte.
    fn head(
        &mut self,
        parse: impl Fn(&Pen) -> Result<Option<Head>, Fault>,
    ) -> Result<Option<Head>, Fault> {
        let State::Head { looked } = &mut self.state else { return Ok(None) };
        let rest = self.pen.rest();
        let new = &rest[mem::replace(looked, rest.len())..];
        if new.len() < rest.len() && rest.len() < MAX_HEAD && !new.contains(&b'\n') {
            return Ok(None);
        }
        let head = parse(&self.pen)?;
        if head.is_some() {
            *looked = 0;
        }
        Ok(head)
    }

    fn request(&mut self, talk: &mut Talk) -> Result<Flow, Fault> {
        match talk.protocol {
            Protocol::Http => {}
            Protocol::Undecided if self.pen.rest().len() > MAX_HEAD => {
                return Err(Fault("too much before the answer"));
            }
            Protocol::Undecided => return Ok(Flow::Wait),
            Protocol::WebSocket { deflate } => {
                self.state = State::Frames(Frames::new(self.direction, deflate));
                return Ok(Flow::On);
            }
            Protocol::Unknown => return Err(Fault("an unknown protocol")),
        }
        // Empty lines before a request are ignored (RFC 9112 §2.2).
        if let Some(b'\r' | b'\n') = self.pen.first() {
            self.pen.take(1, Label::Delimiter);
            return Ok(Flow::On);
        }
        let Some(head) = self.head(Head::request)? else { return Ok(Flow::Wait) };
        if talk.asked.len() == MAX_ASKED {
            return Err(Fault("too many requests without an answer"));
        }
        head.write(&mut self.pen, field_note);
        let length = framing::of_request(&head)?;
        self.pen.tell(Happening::Request { target: short(head.target()) });
        let asked = Asked::new(&head);
        if asked.switches {
            talk.protocol = Protocol::Undecided;
        }
        talk.asked.push_back(asked);
        self.begin_body(length, Content::Plain, talk);
        Ok(Flow::On)
    }

    fn response(&mut self, talk: &mut Talk) -> Result<Flow, Fault> {
        if talk.lost && talk.asked.is_empty() {
            return Err(Fault("an answer to something that is not HTTP/1.1"));
        }
        let Some(head) = self.head(Head::response)? else { return Ok(Flow::Wait) };
        let status = head.status;
        if matches!(status, 100 | 102..=199) {
            // An interim response: the final one is still to come.
            head.write(&mut self.pen, field_note);
            return Ok(Flow::On);
        }
        // A server may answer 408 before there is a request.
        let asked = talk.asked.pop_front().unwrap_or_default();
        head.write(&mut self.pen, |name, value| match (name, &asked.accept) {
            ("sec-websocket-accept", Some(accept)) => Some(accept.note(value)),
            _ => field_note(name, value),
        });
        let length = framing::of_response(&head, asked.head)?;
        let tunnel = asked.connect && matches!(status, 200..=299);
        let empty = status != 101 && (tunnel || length == Length::Known(0));
        self.pen.tell(Happening::Response { status, empty });
        if status == 101 {
            return self.switch(&head, &asked, talk);
        }
        if tunnel {
            self.pen.tell(Happening::ResponseEnd);
            return Err(Fault("a tunnel"));
        }
        if asked.switches {
            talk.protocol = Protocol::Http;
        }
        talk.answering = true;
        let content = Content::of_response(&head, length);
        self.begin_body(length, content, talk);
        Ok(Flow::On)
    }

    /// The protocol changes, here and in the other direction (RFC 9110 §7.8).
    fn switch(
        &mut self,
        head: &Head,
        asked: &Asked,
        talk: &mut Talk,
    ) -> Result<Flow, Fault> {
        let websocket = head.list("upgrade").any(|protocol| protocol == "websocket");
        if asked.accept.is_none() || !websocket {
            talk.protocol = Protocol::Unknown;
            return Err(Fault("a protocol other than WebSocket"));
        }
        let deflate = head
            .list("sec-websocket-extensions")
            .any(|extension| extension.starts_with("permessage-deflate"));
        talk.protocol = Protocol::WebSocket { deflate };
        self.pen.tell(Happening::Upgrade);
        self.state = State::Frames(Frames::new(self.direction, deflate));
        Ok(Flow::On)
    }

    fn begin_body(&mut self, length: Length, content: Content, talk: &mut Talk) {
        let framing = match length {
            Length::Known(0) => return self.end_message(talk),
            Length::Known(left) => Framing::Length { left },
            Length::Chunked => Framing::Chunks(Chunks::default()),
            Length::UntilClose => Framing::UntilClose,
        };
        self.pen.fold();
        self.state = State::Body { framing, content };
    }

    fn end_message(&mut self, talk: &mut Talk) {
        if let State::Body { content, .. } = &self.state {
            content.end(&mut self.pen);
        }
        self.state = State::Head { looked: 0 };
        self.pen.cut();
        if self.direction == Direction::Down {
            talk.answering = false;
            self.pen.tell(Happening::ResponseEnd);
        }
    }

    /// From here on, this direction is not understood, and so what depends on it
    /// in the other.
    fn fault(&mut self, Fault(why): Fault, talk: &mut Talk) {
        self.state = State::Opaque(Some(why));
        match self.direction {
            Direction::Up => talk.lost = true,
            Direction::Down if matches!(talk.protocol, Protocol::Undecided) => {
                talk.protocol = Protocol::Unknown;
            }
            Direction::Down => {}
        }
    }

    fn opaque(&mut self) {
        let count = self.pen.rest().len();
        let State::Opaque(why) = &mut self.state else { return };
        if let Some(why) = why.take_if(|_| count > 0) {
            self.pen.fold();
            self.pen.take(count, Label::Opaque);
            self.pen.note(why);
        } else {
            self.pen.take(count, Label::Opaque);
        }
    }
}

/// What a reader wants to know of a field.
fn field_note(name: &str, value: &[u8]) -> Option<String> {
    match name {
        "content-length" => {
            let length = str::from_utf8(value).ok()?.parse().ok()?;
            Some(format!("{} of content", bytes(length)))
        }
        "transfer-encoding" => Some("the content comes in chunks".into()),
        "last-event-id" => Some("go on after this event".into()),
        "sec-websocket-key" => Some("16 random bytes in base64".into()),
        _ => None,
    }
}
