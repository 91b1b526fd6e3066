//! Counts an application's messages by how they begin. How that is, the user of the
//! decoder says: the lens itself knows nothing of any application.

use super::ProtocolEvent;

/// What marks the samples of an application, and the announcements of samples that a
/// client missed. The default marks nothing, and nothing is counted.
///
/// ```text
/// {"id":"k3f9-17",…}        sample: {"id":"
/// {"gap":{"missed":12,…}}   missed: {"missed":     the number follows
/// Feed-Gap: {"missed":12,…} missed_field: feed-gap
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Markers {
    /// How each sample begins; empty, if there are none.
    pub sample: &'static str,
    /// What stands before the number of missed samples, in content or in the field;
    /// empty, if they are not announced.
    pub missed: &'static str,
    /// The field of a response that announces missed samples, in any case.
    pub missed_field: &'static str,
}

impl Markers {
    /// What a value of the field announces.
    pub(super) fn missed_in(self, value: &[u8]) -> Vec<ProtocolEvent> {
        let mut scanner = Scanner::new(Self { sample: "", ..self });
        let mut events = Vec::new();
        scanner.scan(value, &mut events);
        scanner.scan(b"\n", &mut events);
        events
    }
}

/// Finds markers in the payload of one direction, however it is cut.
#[derive(Debug)]
pub(super) struct Scanner {
    sample: Pattern,
    missed: Pattern,
    /// The number that goes on, after a `missed`.
    number: Option<u64>,
}

impl Scanner {
    pub(super) fn new(markers: Markers) -> Self {
        Self {
            sample: Pattern::new(markers.sample),
            missed: Pattern::new(markers.missed),
            number: None,
        }
    }

    /// What is marked in these bytes. A number is known when something else follows it.
    pub(super) fn scan(&mut self, bytes: &[u8], events: &mut Vec<ProtocolEvent>) {
        for byte in bytes {
            match (self.number, char::from(*byte).to_digit(10)) {
                (Some(number), Some(digit)) => {
                    let number = number.saturating_mul(10);
                    self.number = Some(number.saturating_add(digit.into()));
                }
                (Some(number), None) => {
                    events.push(ProtocolEvent::Missed(number));
                    self.number = None;
                }
                (None, _) => {}
            }
            if self.sample.ends_with(*byte) {
                events.push(ProtocolEvent::Sample);
            }
            if self.missed.ends_with(*byte) {
                self.number = Some(0);
            }
        }
    }
}

/// A text that is looked for byte by byte.
#[derive(Debug)]
struct Pattern {
    text: &'static [u8],
    /// How much of it the latest bytes are.
    matched: usize,
}

impl Pattern {
    fn new(text: &'static str) -> Self {
        Self { text: text.as_bytes(), matched: 0 }
    }

    /// Whether the text ends with this byte.
    fn ends_with(&mut self, byte: u8) -> bool {
        while self.text.get(self.matched) != Some(&byte) {
            if self.matched == 0 {
                return false;
            }
            // The text may have begun again within what has matched.
            let seen = &self.text[..self.matched];
            let begins = |length: &usize| seen.ends_with(&seen[..*length]);
            self.matched = (0..self.matched).rev().find(begins).unwrap_or(0);
        }
        self.matched += 1;
        let complete = self.matched == self.text.len();
        if complete {
            self.matched = 0;
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProtocolEvent::{Missed, Sample};

    fn scan(markers: Markers, parts: &[&str]) -> Vec<ProtocolEvent> {
        let (mut scanner, mut events) = (Scanner::new(markers), Vec::new());
        for part in parts {
            scanner.scan(part.as_bytes(), &mut events);
        }
        events
    }

    #[test]
    fn a_marker_that_begins_again_within_itself_is_found() {
        let markers = Markers { sample: "aab", ..Markers::default() };
        assert_eq!(scan(markers, &["aaab", "a", "ab"]), [Sample, Sample]);
    }

    #[test]
    fn a_number_is_whole_however_it_is_cut_and_however_long() {
        let markers = Markers { missed: "n=", ..Markers::default() };
        assert_eq!(scan(markers, &["n", "=1", "2", ";n=7"]), [Missed(12)]);
        let long = format!("n={};", "9".repeat(40));
        assert_eq!(scan(markers, &[&long]), [Missed(u64::MAX)]);
    }

    #[test]
    fn without_markers_nothing_is_counted() {
        assert_eq!(scan(Markers::default(), &["{\"id\":\"", "n=1;"]), []);
    }
}
