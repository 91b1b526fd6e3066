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
    Decoded, Direction, ProtocolEvent,
    chunks::Chunks,
    content::Content,
    exchange::{Exchange, PENDING_REQUESTS_LIMIT, PendingRequest, Protocol},
    field_context::FieldContext,
    frames::Frames,
    framing::{self, Bodiless, Length},
    head::{HEAD_LIMIT, Head},
    labeler::{Labeler, at_most, printable},
    markers::Markers,
    step::{Fault, Step},
    subprotocol::Subprotocol,
};
use crate::Label;

/// The decoder of one direction.
#[derive(Debug)]
pub(super) struct DirectionDecoder {
    direction: Direction,
    markers: Markers,
    labeler: Labeler,
    state: State,
    /// Nothing will come any more.
    ended: bool,
}

#[derive(Debug)]
enum State {
    Head {
        /// How many bytes were searched for its end.
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

impl DirectionDecoder {
    pub(super) fn new(direction: Direction, markers: Markers) -> Self {
        Self {
            direction,
            markers,
            labeler: Labeler::new(direction, markers),
            state: State::Head { looked: 0 },
            ended: false,
        }
    }

    /// Labels what waited and what came.
    pub(super) fn push(&mut self, bytes: Bytes, exchange: &mut Exchange) -> Decoded {
        self.begin(bytes);
        self.run(exchange);
        self.finish()
    }

    /// Takes what came, for [`run`](Self::run).
    pub(super) fn begin(&mut self, bytes: Bytes) {
        self.labeler.begin(bytes);
    }

    /// Labels as much as it can. Stops early, and returns true, when a response has
    /// settled the protocol of the client's waiting bytes.
    pub(super) fn run(&mut self, exchange: &mut Exchange) -> bool {
        while !self.labeler.rest().is_empty() {
            match self.step(exchange) {
                Ok(Step::Continue) => {}
                Ok(Step::NeedBytes) => break,
                Ok(Step::Complete) => self.end_message(exchange),
                Err(fault) => self.fault(fault, exchange),
            }
            if mem::take(&mut exchange.settled) {
                return true;
            }
        }
        if self.ended && !self.is_next_unsettled(exchange) {
            self.cut_off(exchange);
        }
        false
    }

    /// What was labelled since [`begin`](Self::begin).
    pub(super) fn finish(&mut self) -> Decoded {
        self.labeler.finish()
    }

    /// Labels what waited: nothing will come any more.
    pub(super) fn end(&mut self, exchange: &mut Exchange) -> Decoded {
        self.ended = true;
        let decoded = self.push(Bytes::new(), exchange);
        if self.direction == Direction::Down && exchange.is_unsettled() {
            exchange.protocol = Protocol::Unknown;
        }
        decoded
    }

    /// What is not complete will never be.
    fn cut_off(&mut self, exchange: &mut Exchange) {
        if let State::Body { framing: Framing::UntilClose, .. } = self.state {
            self.end_message(exchange);
        }
        if !matches!(self.state, State::Opaque(_)) {
            self.state = State::Opaque(Some("cut off"));
        }
        self.opaque();
    }

    /// Whether bytes are here that have no label yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.labeler.is_waiting()
    }

    /// Whether a response settles what comes next here.
    fn is_next_unsettled(&self, exchange: &Exchange) -> bool {
        let next = matches!(self.state, State::Head { .. });
        self.direction == Direction::Up && next && exchange.is_unsettled()
    }

    /// Whether nothing can be said about requests and responses.
    pub(super) fn beyond_http(&self) -> bool {
        matches!(self.state, State::Frames(_) | State::Opaque(_))
    }

    /// Labels some bytes, of which at least one is there.
    fn step(&mut self, exchange: &mut Exchange) -> Result<Step, Fault> {
        match &mut self.state {
            State::Head { .. } => match self.direction {
                Direction::Up => self.request(exchange),
                Direction::Down => self.response(exchange),
            },
            State::Body { framing: Framing::Length { left }, content } => {
                let count = at_most(*left, self.labeler.rest());
                content.write(&mut self.labeler, count);
                *left -= count as u64;
                Ok(if *left == 0 { Step::Complete } else { Step::Continue })
            }
            State::Body { framing: Framing::Chunks(chunks), content } => {
                chunks.step(&mut self.labeler, content)
            }
            State::Body { framing: Framing::UntilClose, content } => {
                let count = self.labeler.rest().len();
                content.write(&mut self.labeler, count);
                Ok(Step::Continue)
            }
            State::Frames(frames) => {
                frames.step(&mut self.labeler).map(|()| Step::Continue)
            }
            State::Opaque(_) => {
                self.opaque();
                Ok(Step::Continue)
            }
        }
    }

    /// The next head, if it is complete. Only a line end can complete it: so what
    /// trickles in is not parsed at each byte.
    fn head(
        &mut self,
        parse: impl Fn(&Labeler) -> Result<Option<Head>, Fault>,
    ) -> Result<Option<Head>, Fault> {
        let State::Head { looked } = &mut self.state else { return Ok(None) };
        let rest = self.labeler.rest();
        let new = &rest[mem::replace(looked, rest.len())..];
        if new.len() < rest.len() && rest.len() < HEAD_LIMIT && !new.contains(&b'\n')
        {
            return Ok(None);
        }
        let head = parse(&self.labeler)?;
        if head.is_some() {
            *looked = 0;
        }
        Ok(head)
    }

    fn request(&mut self, exchange: &mut Exchange) -> Result<Step, Fault> {
        match exchange.protocol {
            Protocol::Http => {}
            Protocol::Unsettled if self.labeler.rest().len() > HEAD_LIMIT => {
                return Err(Fault(
                    "more than 64 KiB before the response that settles the protocol",
                ));
            }
            Protocol::Unsettled => return Ok(Step::NeedBytes),
            Protocol::WebSocket { deflate, subprotocol } => {
                let frames = Frames::new(self.direction, deflate, subprotocol);
                self.state = State::Frames(frames);
                return Ok(Step::Continue);
            }
            Protocol::Unknown => return Err(Fault("an unknown protocol")),
        }
        // Empty lines before a request are ignored (RFC 9112 §2.2).
        if let Some(b'\r' | b'\n') = self.labeler.first() {
            self.labeler.label(1, Label::Delimiter);
            return Ok(Step::Continue);
        }
        let Some(head) = self.head(Head::request)? else {
            return Ok(Step::NeedBytes);
        };
        if exchange.pending.len() == PENDING_REQUESTS_LIMIT {
            return Err(Fault("more than 1000 requests without a response"));
        }
        let length = framing::of_request(&head);
        let context = FieldContext::Request(length.ok());
        head.write(&mut self.labeler, |name, value| context.note(name, value));
        let length = length?;
        self.labeler
            .emit(ProtocolEvent::Request { target: printable(&head.target()) });
        let asked = PendingRequest::new(&head);
        if asked.switches {
            exchange.protocol = Protocol::Unsettled;
        }
        let content = Content::of_request(asked.engine_io);
        exchange.pending.push_back(asked);
        self.begin_body(length, content, exchange);
        Ok(Step::Continue)
    }

    fn response(&mut self, exchange: &mut Exchange) -> Result<Step, Fault> {
        if exchange.requests_opaque && exchange.pending.is_empty() {
            return Err(Fault("a response to something that is not HTTP/1.1"));
        }
        let Some(head) = self.head(Head::response)? else {
            return Ok(Step::NeedBytes);
        };
        let status = head.status;
        // After an interim response, the final one is still to come.
        let interim = matches!(status, 100 | 102..=199);
        // A server may answer 408 before there is a request.
        let asked = match interim {
            true => PendingRequest::default(),
            false => exchange.pending.pop_front().unwrap_or_default(),
        };
        let bodiless = Bodiless::of(status, asked.head, asked.connect);
        let length = framing::of_response(&head, bodiless);
        let accept = asked.accept.as_ref().filter(|_| status == 101);
        let context =
            FieldContext::Response { length: length.ok(), bodiless, accept };
        head.write(&mut self.labeler, |name, value| context.note(name, value));
        if interim {
            return Ok(Step::Continue);
        }
        let length = length?;
        let empty = status != 101 && length == Length::Known(0);
        self.labeler.emit(ProtocolEvent::Response { status, empty });
        for value in head.values(self.markers.missed_field) {
            self.markers
                .missed_in(value)
                .into_iter()
                .for_each(|e| self.labeler.emit(e));
        }
        if status == 101 {
            return self.switch(&head, &asked, exchange);
        }
        if asked.connect && matches!(status, 200..=299) {
            return Err(Fault("a tunnel"));
        }
        if asked.switches {
            exchange.settle(Protocol::Http);
        }
        exchange.response_open = true;
        let content = Content::of_response(&head, length, asked.engine_io);
        self.begin_body(length, content, exchange);
        Ok(Step::Continue)
    }

    /// The protocol changes, here and in the other direction (RFC 9110 §7.8).
    fn switch(
        &mut self,
        head: &Head,
        asked: &PendingRequest,
        exchange: &mut Exchange,
    ) -> Result<Step, Fault> {
        // Several protocols are layers, and then frames are not on the outside.
        let websocket = head.list("upgrade").eq(["websocket"]);
        if asked.accept.is_none() || !websocket {
            exchange.settle(Protocol::Unknown);
            return Err(Fault(match websocket {
                true => "a WebSocket without a handshake that asked for it",
                false => "a protocol other than WebSocket",
            }));
        }
        let deflate = head.list("sec-websocket-extensions").any(|extension| {
            let name = extension.split(';').next().unwrap_or_default();
            name.trim_ascii() == "permessage-deflate"
        });
        let subprotocol = if head.list("sec-websocket-protocol").eq(["mqtt"]) {
            Subprotocol::Mqtt
        } else if asked.engine_io {
            Subprotocol::EngineIo
        } else {
            Subprotocol::Unknown
        };
        exchange.settle(Protocol::WebSocket { deflate, subprotocol });
        self.state =
            State::Frames(Frames::new(self.direction, deflate, subprotocol));
        Ok(Step::Continue)
    }

    fn begin_body(
        &mut self,
        length: Length,
        content: Content,
        exchange: &mut Exchange,
    ) {
        let framing = match length {
            Length::Known(0) => return self.end_message(exchange),
            Length::Known(left) => Framing::Length { left },
            Length::Chunked => Framing::Chunks(Chunks::default()),
            Length::UntilClose => Framing::UntilClose,
        };
        self.labeler.begin_group();
        self.state = State::Body { framing, content };
    }

    fn end_message(&mut self, exchange: &mut Exchange) {
        if let State::Body { content, .. } = &self.state {
            content.end(&mut self.labeler);
        }
        self.state = State::Head { looked: 0 };
        self.labeler.begin_unit();
        if self.direction == Direction::Down {
            exchange.response_open = false;
        }
    }

    /// From here on, this direction is not understood, and so what depends on it
    /// in the other.
    fn fault(&mut self, Fault(why): Fault, exchange: &mut Exchange) {
        self.state = State::Opaque(Some(why));
        match self.direction {
            Direction::Up => exchange.requests_opaque = true,
            Direction::Down if exchange.is_unsettled() => {
                exchange.settle(Protocol::Unknown);
            }
            Direction::Down => {}
        }
    }

    fn opaque(&mut self) {
        let count = self.labeler.rest().len();
        let State::Opaque(why) = &mut self.state else { return };
        if let Some(why) = why.take_if(|_| count > 0) {
            self.labeler.begin_group();
            self.labeler.label(count, Label::Opaque);
            self.labeler.note(why);
        } else {
            self.labeler.label(count, Label::Opaque);
        }
    }
}
