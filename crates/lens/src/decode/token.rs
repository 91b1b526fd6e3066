//! A token of a protocol inside of frames and content. Its decoders look at bytes without
//! their mask, and do not label them.

use super::labeler::Labeler;
use crate::{Class, Label};

/// The next bytes, and what they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// How many, at least one.
    pub(super) count: usize,
    pub(super) label: Label,
    /// What their unit is, as far as it has come.
    pub(super) note: Option<String>,
}

impl Token {
    pub(super) fn new(count: usize, label: Label) -> Self {
        Self { count, label, note: None }
    }

    pub(super) fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// Labels it.
    pub(super) fn write(&self, labeler: &mut Labeler) {
        match self.label.class() {
            Class::Payload => labeler.label_payload(self.count, self.label),
            _ => labeler.label(self.count, self.label),
        }
        if let Some(note) = &self.note {
            labeler.note(note);
        }
    }
}
