//! What the pages of the quiz are told, as types.

use notes::TalkPath;
use serde::Serialize;

/// What comes down to all pages: the whole state, so that the newest one is enough.
#[derive(Serialize)]
pub(crate) struct Results<'a> {
    pub(super) run: &'a str,
    /// When answers were saved that are in it from before the workshop was started, in
    /// Unix milliseconds.
    pub(super) kept: Option<u64>,
    pub(super) question: Option<Shown<'a>>,
    /// The ids of the questions that are asked, in their order.
    pub(super) asked: Vec<&'a str>,
    /// The number among them of the question that was opened last, also when it is
    /// closed; 0 before.
    pub(super) last: usize,
    /// The question that was closed last, if it was closed without a reveal and no other
    /// is on.
    pub(super) unrevealed: Option<Closed<'a>>,
    /// How many answered each of them so far.
    pub(super) answered: Vec<usize>,
    /// What came of each of them; nothing, until it is revealed.
    pub(super) outcomes: Vec<Option<Outcome<'a>>>,
}

/// What came of a question that is revealed.
#[derive(Serialize)]
pub(crate) struct Outcome<'a> {
    pub(super) right: &'a [usize],
    /// How many answered right.
    pub(super) correct: usize,
}

/// A question that is closed.
#[derive(Serialize)]
pub(crate) struct Closed<'a> {
    pub(super) number: usize,
    pub(super) id: &'a str,
}

/// The question that is on, as everybody may see it.
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    /// Its place among those that are asked, from 1.
    pub(super) number: usize,
    pub(super) id: &'a str,
    pub(super) chapter: &'a str,
    pub(super) text: &'a str,
    pub(super) answers: &'a [String],
    pub(super) counts: Vec<usize>,
    /// Nothing, until it is revealed.
    pub(super) right: Option<&'a [usize]>,
    pub(super) explanation: Option<&'a str>,
    pub(super) page: Option<&'a str>,
}

/// A question as it is listed.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    pub(super) id: &'a str,
    pub(super) chapter: &'a str,
    pub(super) paths: &'a [TalkPath],
    pub(super) text: &'a str,
    pub(super) answers: &'a [String],
    /// Nothing while the room takes the quiz and this was not revealed.
    pub(super) right: Option<&'a [usize]>,
    pub(super) explanation: Option<&'a str>,
    pub(super) page: Option<&'a str>,
}
