//! A part of an application's bytes, found by a decoder of what is inside of frames
//! and content. Those look at bytes without their mask, and do not label them.

use super::labeler::Labeler;
use crate::{Class, Label};

/// The next bytes, and what they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// How many, at least one.
    pub(super) count: usize,
    pub(super) label: Label,
    /// What their unit is, as far as it has come.
    pub(super) note: Option<String>,
}

impl Piece {
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

/// How many bytes of a part are kept, to be shown without their mask.
const KEPT_BYTES: usize = 150;

/// The beginning of a part.
#[derive(Debug, Default)]
pub(super) struct Kept(Vec<u8>);

impl Kept {
    pub(super) fn add(&mut self, plain: &[u8]) {
        let room = KEPT_BYTES - self.0.len();
        self.0.extend(plain.iter().take(room));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// It as text, without the character that its end cuts.
    pub(super) fn text(&self) -> String {
        let cut = str::from_utf8(&self.0).err();
        let whole = cut
            .filter(|error| error.error_len().is_none())
            .map_or(self.0.len(), |error| error.valid_up_to());
        let dots = if self.0.len() == KEPT_BYTES { "…" } else { "" };
        format!("{}{dots}", String::from_utf8_lossy(&self.0[..whole]))
    }
}
