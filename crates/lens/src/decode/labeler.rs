//! Gives the bytes of one direction their labels, as the decoders say.

use std::mem;

use bytes::{Buf, Bytes, BytesMut};

use super::{
    Decoded, Direction, ProtocolEvent, Span,
    markers::{Markers, Scanner},
};
use crate::Label;

/// At most this many characters of a note are kept: two lines on a projector.
const NOTE_LIMIT: usize = 200;

/// Labels the bytes of one direction, from the first to the last. A decoder looks
/// at [`rest`](Self::rest) and labels some of it with [`label`](Self::label); what
/// it can't label yet waits for the next push.
///
/// ```text
/// input   4 4 \r \n { " i d …
///         ─┬─       └─ rest
///          └ taken: chunk-size
/// ```
///
/// Spans share the bytes that were pushed. Only what waited is copied, so that
/// it stands before what came.
#[derive(Debug)]
pub(super) struct Labeler {
    input: Bytes,
    taken: usize,
    waiting: BytesMut,
    decoded: Decoded,
    /// Where the newest span begins in `input`.
    span: usize,
    /// What the newest unit is, as long as it may go on.
    open: Option<Label>,
    unit: u32,
    group: u32,
    scanner: Scanner,
}

impl Labeler {
    /// Both directions count by two, one even and one odd: so the numbers differ,
    /// however the directions take turns.
    pub(super) fn new(direction: Direction, markers: Markers) -> Self {
        let (number, markers) = match direction {
            // What a client sends is no sample, whatever it looks like.
            Direction::Up => (0, Markers::default()),
            Direction::Down => (1, markers),
        };
        Self {
            input: Bytes::new(),
            taken: 0,
            waiting: BytesMut::new(),
            decoded: Decoded::default(),
            span: 0,
            open: None,
            unit: number,
            group: number,
            scanner: Scanner::new(markers),
        }
    }

    /// Appends to what waited.
    pub(super) fn begin(&mut self, bytes: Bytes) {
        self.taken = 0;
        self.input = if self.waiting.is_empty() {
            bytes
        } else {
            self.waiting.extend_from_slice(&bytes);
            mem::take(&mut self.waiting).freeze()
        };
    }

    /// What was labelled since `begin`; the rest waits.
    pub(super) fn finish(&mut self) -> Decoded {
        let mut rest = mem::take(&mut self.input);
        rest.advance(self.taken);
        self.taken = 0;
        self.waiting = rest.into();
        mem::take(&mut self.decoded)
    }

    /// Whether something waits for the next push.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What has no label yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.input[self.taken..]
    }

    /// The next byte without a label.
    pub(super) fn first(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// The next bytes without a label, shared.
    pub(super) fn share(&self, count: usize) -> Bytes {
        self.input.slice(self.taken..self.taken + count)
    }

    /// Labels the next bytes. They go on with the unit before, if that has the
    /// same label and was not [`begin_unit`](Self::begin_unit).
    pub(super) fn label(&mut self, count: usize, label: Label) {
        if count == 0 {
            return;
        }
        let begins = self.open != Some(label);
        if begins {
            self.open = Some(label);
            self.unit = self.unit.wrapping_add(2);
        }
        let start = self.taken;
        self.taken += count;
        match self.decoded.spans.last_mut() {
            Some(span) if !begins => {
                span.bytes = self.input.slice(self.span..self.taken);
            }
            _ => {
                self.span = start;
                self.decoded.spans.push(Span {
                    unit: self.unit,
                    group: self.group,
                    label,
                    bytes: self.input.slice(start..self.taken),
                    note: None,
                });
            }
        }
    }

    /// Labels the next bytes, in which the markers are looked for.
    pub(super) fn label_payload(&mut self, count: usize, label: Label) {
        let bytes = &self.input[self.taken..self.taken + count];
        self.scanner.scan(bytes, &mut self.decoded.events);
        self.label(count, label);
    }

    /// Says what the unit is, of which bytes were just taken. Of several notes on
    /// a unit the last holds, so each says what is known so far.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        if let Some(span) = self.decoded.spans.last_mut() {
            span.note = Some(printable(&note.into()));
        }
    }

    /// The next byte begins a new unit.
    pub(super) fn begin_unit(&mut self) {
        self.open = None;
    }

    /// The next byte begins a new group.
    pub(super) fn begin_group(&mut self) {
        self.begin_unit();
        self.group = self.group.wrapping_add(2);
    }

    /// Something happened.
    pub(super) fn emit(&mut self, event: ProtocolEvent) {
        self.decoded.events.push(event);
    }
}

/// Text of a peer, made safe to show: at most [`NOTE_LIMIT`] characters, with a dot
/// for each that is invisible or would control a terminal.
pub(super) fn printable(text: &str) -> String {
    truncated(text, NOTE_LIMIT)
        .chars()
        .map(|char| if is_invisible(char) { '·' } else { char })
        .collect()
}

/// At most `limit` characters; an ellipsis says that there were more.
pub(super) fn truncated(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.into(),
        Some(_) => text.chars().take(limit - 1).chain(['…']).collect(),
    }
}

/// Controls, and what turns text around, breaks its lines or can't be seen.
fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// `1 byte`, `77 bytes`.
pub(super) fn bytes(count: u64) -> String {
    match count {
        1 => "1 byte".into(),
        _ => format!("{count} bytes"),
    }
}

/// As many bytes as there are, but no more than are left.
pub(super) fn at_most(left: u64, rest: &[u8]) -> usize {
    usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()))
}
