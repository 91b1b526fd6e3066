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

use std::mem;

use bytes::Bytes;

use super::{
    Decoded, Direction, Fault, Flow, ProtocolEvent,
    chunks::{Chunks, at_most},
    content::Content,
    frames::Frames,
    framing::{self, Bodiless, Length},
    head::{Head, MAX_HEAD},
    markers::Markers,
    notes::Notes,
    pen::{Pen, legible},
    talk::{Asked, MAX_ASKED, Protocol, Talk},
};
use crate::Label;

/// The decoder of one direction.
#[derive(Debug)]
pub(super) struct Side {
    direction: Direction,
    markers: Markers,
    pen: Pen,
    state: State,
    /// Nothing will come any more.
    ended: bool,
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
    pub(super) fn new(direction: Direction, markers: Markers) -> Self {
        Self {
            direction,
            markers,
            pen: Pen::new(direction, markers),
            state: State::Head { looked: 0 },
            ended: false,
        }
    }

    /// Labels what waited and what came.
    pub(super) fn push(&mut self, bytes: Bytes, talk: &mut Talk) -> Decoded {
        self.begin(bytes);
        self.run(talk);
        self.finish()
    }

    /// Takes what came, for [`run`](Self::run).
    pub(super) fn begin(&mut self, bytes: Bytes) {
        self.pen.begin(bytes);
    }

    /// Labels what it can. Stops early, and says so, when it has decided what the
    /// client's bytes are that wait.
    pub(super) fn run(&mut self, talk: &mut Talk) -> bool {
        while !self.pen.rest().is_empty() {
            match self.step(talk) {
                Ok(Flow::On) => {}
                Ok(Flow::Wait) => break,
                Ok(Flow::End) => self.end_message(talk),
                Err(fault) => self.fault(fault, talk),
            }
            if mem::take(&mut talk.decided) {
                return true;
            }
        }
        if self.ended && !self.is_next_undecided(talk) {
            self.cut_off(talk);
        }
        false
    }

    /// What was labelled since [`begin`](Self::begin).
    pub(super) fn finish(&mut self) -> Decoded {
        self.pen.finish()
    }

    /// Labels what waited: nothing will come any more.
    pub(super) fn end(&mut self, talk: &mut Talk) -> Decoded {
        self.ended = true;
        let decoded = self.push(Bytes::new(), talk);
        if self.direction == Direction::Down && talk.is_undecided() {
            talk.protocol = Protocol::Unknown;
        }
        decoded
    }

    /// What is not complete will never be.
    fn cut_off(&mut self, talk: &mut Talk) {
        if let State::Body { framing: Framing::UntilClose, .. } = self.state {
            self.end_message(talk);
        }
        if !matches!(self.state, State::Opaque(_)) {
            self.state = State::Opaque(Some("cut off"));
        }
        self.opaque();
    }

    /// Whether bytes are here that have no label yet.
    pub(super) fn waits(&self) -> bool {
        self.pen.waits()
    }

    /// Whether a response decides what comes next here.
    fn is_next_undecided(&self, talk: &Talk) -> bool {
        let next = matches!(self.state, State::Head { .. });
        self.direction == Direction::Up && next && talk.is_undecided()
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
        let length = framing::of_request(&head);
        let notes = Notes::Request(length.ok());
        head.write(&mut self.pen, |name, value| notes.field(name, value));
        let length = length?;
        self.pen.tell(ProtocolEvent::Request { target: legible(&head.target()) });
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
        // After an interim response, the final one is still to come.
        let interim = matches!(status, 100 | 102..=199);
        // A server may answer 408 before there is a request.
        let asked = match interim {
            true => Asked::default(),
            false => talk.asked.pop_front().unwrap_or_default(),
        };
        let bodiless = Bodiless::of(status, asked.head, asked.connect);
        let length = framing::of_response(&head, bodiless);
        let accept = asked.accept.as_ref().filter(|_| status == 101);
        let notes = Notes::Response { length: length.ok(), bodiless, accept };
        head.write(&mut self.pen, |name, value| notes.field(name, value));
        if interim {
            return Ok(Flow::On);
        }
        let length = length?;
        let empty = status != 101 && length == Length::Known(0);
        self.pen.tell(ProtocolEvent::Response { status, empty });
        for value in head.values(self.markers.missed_field) {
            self.markers.missed_in(value).into_iter().for_each(|e| self.pen.tell(e));
        }
        if status == 101 {
            return self.switch(&head, &asked, talk);
        }
        if asked.connect && matches!(status, 200..=299) {
            self.pen.tell(ProtocolEvent::ResponseEnd);
            return Err(Fault("a tunnel"));
        }
        if asked.switches {
            talk.decide(Protocol::Http);
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
        // Several protocols are layers, and then frames are not on the outside.
        let websocket = head.list("upgrade").eq(["websocket"]);
        if asked.accept.is_none() || !websocket {
            talk.decide(Protocol::Unknown);
            return Err(Fault(match websocket {
                true => "a WebSocket without a handshake that asked for it",
                false => "a protocol other than WebSocket",
            }));
        }
        let deflate = head.list("sec-websocket-extensions").any(|extension| {
            let name = extension.split(';').next().unwrap_or_default();
            name.trim_ascii() == "permessage-deflate"
        });
        talk.decide(Protocol::WebSocket { deflate });
        self.pen.tell(ProtocolEvent::Upgrade);
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
            self.pen.tell(ProtocolEvent::ResponseEnd);
        }
    }

    /// From here on, this direction is not understood, and so what depends on it
    /// in the other.
    fn fault(&mut self, Fault(why): Fault, talk: &mut Talk) {
        self.state = State::Opaque(Some(why));
        match self.direction {
            Direction::Up => talk.lost = true,
            Direction::Down if talk.is_undecided() => {
                talk.decide(Protocol::Unknown);
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
