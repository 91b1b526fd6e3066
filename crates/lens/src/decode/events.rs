//! Server-sent events (WHATWG HTML §9.2.5 and §9.2.6).
//!
//! ```text
//! : heartbeat␊            sse-comment sse-line-end
//! retry: 2417␊            sse-field sse-retry sse-line-end
//! ␊                       sse-dispatch: no data, so no event
//! event: weather␊         sse-field sse-event sse-line-end
//! id: k3f9-17␊            sse-field sse-id sse-line-end
//! data: BERLIN 7.4␊       sse-field sse-data sse-line-end
//! ␊                       sse-dispatch
//! ```
//!
//! LF, CR and CR LF all end a line.

use super::{
    ProtocolEvent,
    labeler::{Labeler, truncated},
};
use crate::Label;

/// May stand at the very start, and is ignored.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// At most this many characters of an event's type are shown in a note.
const SHOWN_TYPE_LIMIT: usize = 40;
/// At most this many bytes of it are kept: in UTF-8, a character has 4 at most.
const EVENT_TYPE_BYTES: usize = 4 * (SHOWN_TYPE_LIMIT + 1);
/// No known name is longer.
const FIELD_NAME_LIMIT: usize = "event".len();

/// Labels events, wherever chunks cut their lines.
#[derive(Debug)]
pub(super) struct Events {
    state: State,
    /// Each event is a group of its own; not if chunks are.
    groups: bool,
    /// The next line is the first of an event.
    first_line: bool,
    /// Name of this line's field, but no more of it than needed.
    name: Vec<u8>,
    /// What `retry` says.
    retry: Retry,
    /// Type of this event.
    kind: Vec<u8>,
    /// This event has data.
    data: bool,
}

#[derive(Debug, Clone, Copy)]
enum Retry {
    Millis(u64),
    /// All are digits, and more than 64 bits count.
    Large,
    NotDigits,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// How many bytes of a byte order mark have come.
    Start(usize),
    LineStart,
    Comment,
    Name,
    /// After the colon of a field whose value has this label: a space is skipped.
    Colon(Label),
    Value(Label),
    /// After a CR with this label: an LF belongs to it.
    CarriageReturn(Label),
}

impl Events {
    pub(super) fn new(groups: bool) -> Self {
        Self {
            state: State::Start(0),
            groups,
            first_line: true,
            name: Vec::new(),
            retry: Retry::Millis(0),
            kind: Vec::new(),
            data: false,
        }
    }

    /// Labels the next `count` bytes.
    pub(super) fn write(&mut self, labeler: &mut Labeler, mut count: usize) {
        while count > 0 {
            count -= self.step(labeler, count);
        }
    }

    /// Labels some of the next `count` bytes, or only changes the state; returns
    /// how many.
    fn step(&mut self, labeler: &mut Labeler, count: usize) -> usize {
        let text = labeler.share(count);
        let first = text[0];
        match self.state {
            State::Start(at) => self.start(labeler, at, first),
            State::LineStart => self.begin_line(labeler, first),
            State::Comment if ends_line(first) => {
                self.end_line(labeler, first, Label::SseLineEnd)
            }
            State::Comment => {
                let length = position(&text, ends_line);
                labeler.label(length, Label::SseComment);
                length
            }
            State::Name if first == b':' => {
                labeler.label(1, Label::SseField);
                self.state = State::Colon(self.begin_value());
                1
            }
            State::Name if ends_line(first) => {
                self.begin_value();
                self.end_line(labeler, first, Label::SseLineEnd)
            }
            State::Name => {
                let length = position(&text, |byte| byte == b':' || ends_line(byte));
                self.name.extend(text[..length].iter().take(FIELD_NAME_LIMIT + 1));
                self.name.truncate(FIELD_NAME_LIMIT + 1);
                labeler.label(length, Label::SseField);
                length
            }
            State::Colon(label) => {
                self.state = State::Value(label);
                let space = usize::from(first == b' ');
                labeler.label(space, Label::SseField);
                space
            }
            State::Value(_) if ends_line(first) => {
                self.end_line(labeler, first, Label::SseLineEnd)
            }
            State::Value(label) => {
                let length = position(&text, ends_line);
                self.value(labeler, label, &text[..length]);
                length
            }
            State::CarriageReturn(label) => {
                self.state = State::LineStart;
                let line_feed = usize::from(first == b'\n');
                labeler.label(line_feed, label);
                line_feed
            }
        }
    }

    fn start(&mut self, labeler: &mut Labeler, at: usize, first: u8) -> usize {
        if first != BYTE_ORDER_MARK[at] {
            self.state = match at {
                0 => State::LineStart,
                // It was the beginning of a name that nobody knows.
                _ => State::Name,
            };
            self.name = vec![0; at];
            return 0;
        }
        labeler.label(1, Label::SseUnknown);
        self.state = State::Start(at + 1);
        if at + 1 == BYTE_ORDER_MARK.len() {
            labeler.note("byte order mark");
            self.state = State::LineStart;
        }
        1
    }

    fn begin_line(&mut self, labeler: &mut Labeler, first: u8) -> usize {
        if self.groups && self.first_line {
            labeler.begin_group();
        }
        labeler.begin_unit();
        self.first_line = ends_line(first);
        if ends_line(first) {
            self.end_line(labeler, first, Label::SseDispatch);
            self.dispatch(labeler);
            return 1;
        }
        self.name.clear();
        self.state = if first == b':' { State::Comment } else { State::Name };
        0
    }

    /// The name is complete: what its value will be.
    fn begin_value(&mut self) -> Label {
        match self.name.as_slice() {
            b"data" => {
                self.data = true;
                Label::SseData
            }
            b"event" => {
                self.kind.clear();
                Label::SseEvent
            }
            b"id" => Label::SseId,
            b"retry" => {
                self.retry = Retry::Millis(0);
                Label::SseRetry
            }
            _ => Label::SseUnknown,
        }
    }

    /// Some of a value.
    fn value(&mut self, labeler: &mut Labeler, label: Label, value: &[u8]) {
        if label == Label::SseData {
            return labeler.label_payload(value.len(), label);
        }
        labeler.label(value.len(), label);
        if label == Label::SseEvent {
            self.kind.extend(value);
            self.kind.truncate(EVENT_TYPE_BYTES);
        }
        if label == Label::SseRetry {
            self.retry = value.iter().fold(self.retry, Retry::with);
            labeler.note(match self.retry {
                Retry::Millis(millis) => {
                    format!("wait {millis} ms before reconnecting")
                }
                Retry::Large => "wait more ms than 64 bits can count".into(),
                Retry::NotDigits => "not only digits, so ignored".into(),
            });
        }
        if label == Label::SseId && value.contains(&0) {
            labeler.note("has a NUL in it, so ignored");
        }
    }

    fn end_line(&mut self, labeler: &mut Labeler, first: u8, label: Label) -> usize {
        labeler.label(1, label);
        self.state = match first {
            b'\r' => State::CarriageReturn(label),
            _ => State::LineStart,
        };
        1
    }

    /// The empty line.
    fn dispatch(&mut self, labeler: &mut Labeler) {
        if self.data {
            labeler.emit(ProtocolEvent::Message);
            labeler.note(match self.kind.as_slice() {
                b"" | b"message" => "the page gets a message".into(),
                kind => {
                    let kind =
                        truncated(&String::from_utf8_lossy(kind), SHOWN_TYPE_LIMIT);
                    format!("the page gets an event “{kind}”")
                }
            });
        } else {
            labeler.note("no data, so the page gets nothing");
        }
        self.kind.clear();
        self.data = false;
    }
}

fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Where the first such byte is, or the end.
fn position(text: &[u8], found: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| found(*byte)).unwrap_or(text.len())
}

impl Retry {
    /// With one more digit, if it is one.
    fn with(self, digit: &u8) -> Self {
        match (self, char::from(*digit).to_digit(10)) {
            (Self::NotDigits, _) | (_, None) => Self::NotDigits,
            (Self::Large, _) => Self::Large,
            (Self::Millis(millis), Some(digit)) => millis
                .checked_mul(10)
                .and_then(|millis| millis.checked_add(digit.into()))
                .map_or(Self::Large, Self::Millis),
        }
    }
}
