//! What holds for every connection, whatever is on it. Shared with the fuzz
//! targets.

use std::fmt;

use bytes::Bytes;
use lens::{Decoded, Decoder, Direction, Markers, ProtocolEvent, Span};

/// Bytes of both directions, in the order in which they came.
pub(crate) type Bursts = Vec<(Direction, Vec<u8>)>;

/// What became known of a connection. Neighbours of the same unit are one piece. What
/// waited for the other direction is known at the same byte of that, however it is cut;
/// here it stands behind what came in the same part.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) up: Vec<Span>,
    pub(crate) down: Vec<Span>,
    pub(crate) events: Vec<(Direction, ProtocolEvent)>,
    pub(crate) response_pending: Vec<bool>,
}

impl Known {
    /// What must be the same, however the bytes are cut.
    fn facts(&self) -> impl PartialEq + fmt::Debug + '_ {
        let events = [Direction::Up, Direction::Down].map(|direction| {
            let told = self.events.iter().filter(move |(to, _)| *to == direction);
            told.collect::<Vec<_>>()
        });
        (&self.up, &self.down, events, &self.response_pending)
    }

    fn add(&mut self, direction: Direction, decoded: Decoded) {
        let spans = match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        };
        for span in decoded.spans {
            match spans.last_mut() {
                Some(last) if last.unit == span.unit => {
                    assert_eq!((last.label, last.group), (span.label, span.group));
                    last.bytes = [&last.bytes[..], &span.bytes].concat().into();
                    last.note = span.note.or(last.note.take());
                }
                _ => spans.push(span),
            }
        }
        let events = decoded.events.into_iter();
        self.events.extend(events.map(|event| (direction, event)));
    }
}

/// How samples are marked here.
pub(crate) const MARKERS: Markers = Markers {
    sample: "{\"id\":\"",
    missed: "{\"missed\":",
    missed_field: "Feed-Gap",
};

/// Decodes a whole connection; each burst is cut into parts of the next of these
/// sizes, or not at all, if there are none.
pub(crate) fn decode(bursts: &Bursts, sizes: &[u8]) -> Known {
    let mut decoder = Decoder::new(MARKERS);
    let mut known = Known::default();
    let mut sizes = sizes.iter().cycle();
    for (direction, bytes) in bursts {
        let mut rest = Bytes::copy_from_slice(bytes);
        while !rest.is_empty() {
            let size =
                sizes.next().map_or(rest.len(), |size| 1 + usize::from(*size));
            let part = rest.split_to(size.min(rest.len()));
            known.add(*direction, decoder.push(*direction, part));
            known.add(Direction::Up, decoder.take_deferred().unwrap_or_default());
        }
        known.response_pending.push(decoder.response_pending());
    }
    for direction in [Direction::Up, Direction::Down] {
        known.add(direction, decoder.end(direction));
    }
    known.add(Direction::Up, decoder.take_deferred().unwrap_or_default());
    known
}

/// Each byte has one label; the labels do not depend on how the bytes were cut;
/// the numbers of units only grow; notes are short.
pub(crate) fn check(bursts: &Bursts, sizes: &[u8]) -> Known {
    let known = decode(bursts, &[]);
    for (direction, spans) in
        [(Direction::Up, &known.up), (Direction::Down, &known.down)]
    {
        let labelled: Vec<u8> =
            spans.iter().flat_map(|span| span.bytes.clone()).collect();
        let sent = bursts.iter().filter(|(to, _)| *to == direction);
        let sent: Vec<u8> = sent.flat_map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(labelled, sent);
        let mut unit = None;
        for span in spans {
            assert!(!span.bytes.is_empty());
            assert!(unit < Some(span.unit));
            unit = Some(span.unit);
            let note = span.note.as_deref().unwrap_or_default();
            assert!(note.chars().count() <= 200);
        }
        assert!(spans.is_sorted_by_key(|span| span.group));
    }
    assert_eq!(decode(bursts, sizes).facts(), known.facts());
    known
}
