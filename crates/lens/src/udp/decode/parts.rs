//! The parts of a datagram, cut off one after the other, each with its label.

use bytes::Bytes;

use crate::{Label, Span};

/// How many spans a datagram has at most; the rest of it is one more.
const SPAN_LIMIT: usize = 100;

/// A datagram that is taken apart.
pub(super) struct Parts {
    /// What has no label yet.
    left: Bytes,
    /// What has one.
    pub(super) spans: Vec<Span>,
    group: u32,
}

impl Parts {
    pub(super) fn new(datagram: Bytes) -> Self {
        Self { left: datagram, spans: Vec::new(), group: 0 }
    }

    /// What has no label yet.
    pub(super) fn left(&self) -> &[u8] {
        &self.left
    }

    /// Whether more can be labelled.
    pub(super) fn has_more(&self) -> bool {
        !self.left.is_empty() && self.spans.len() < SPAN_LIMIT
    }

    /// What follows is another packet, record or attribute.
    pub(super) fn next_group(&mut self) {
        self.group += 1;
    }

    /// Labels the next bytes; fewer, if there are not so many.
    pub(super) fn take(&mut self, bytes: usize, label: Label, note: Option<String>) {
        let bytes = self.left.split_to(bytes.min(self.left.len()));
        if !bytes.is_empty() {
            let unit = self.spans.len() as u32;
            self.spans.push(Span { unit, group: self.group, label, bytes, note });
        }
    }

    /// Labels all that is left.
    pub(super) fn rest(&mut self, label: Label, note: Option<String>) {
        self.take(self.left.len(), label, note);
    }
}

/// A number of two bytes, if they are there (network byte order).
pub(super) fn two_bytes(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Bytes in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
