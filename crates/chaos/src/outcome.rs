//! What became of a case, and how much of it is tried.

use std::time::Duration;

use crate::error::Error;

/// What became of a case: what was tried, and what was seen.
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Held,
    Broken,
    /// Not here, or not all of it: nothing is known.
    NotTried,
}

/// Whether it held.
pub(crate) fn judge(held: bool, text: impl Into<String>) -> Result<Outcome, Error> {
    let verdict = if held { Verdict::Held } else { Verdict::Broken };
    Ok(Outcome { verdict, text: text.into() })
}

pub(crate) fn not_tried(why: impl Into<String>) -> Result<Outcome, Error> {
    Ok(Outcome { verdict: Verdict::NotTried, text: why.into() })
}

/// How much is done: all of it, or what a test has time for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Clients that never read, and clients that do.
    pub(crate) crowd: usize,
    pub(crate) idle: usize,
    pub(crate) flood: usize,
    pub(crate) watch: Duration,
    pub(crate) short: bool,
}
