//! What was found when one thing was looked at, and what to do about it.

use std::fmt;

use serde::Serialize;

/// How what was found bears on the talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    Ok,
    /// Nothing is wrong: something is left out, or can't be seen.
    Note,
    /// It may go wrong.
    Warning,
    /// The talk will not work like this.
    Problem,
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    name: &'static str,
    pub(super) outcome: Outcome,
    found: String,
    /// What to do; none, when there is nothing.
    advice: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Ok, found: found.into(), advice: None }
    }

    pub(super) fn note(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(name, Outcome::Note, found, advice)
    }

    pub(super) fn warning(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(name, Outcome::Warning, found, advice)
    }

    pub(super) fn problem(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(name, Outcome::Problem, found, advice)
    }

    fn new(
        name: &'static str,
        outcome: Outcome,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { name, outcome, found: found.into(), advice: Some(advice.into()) }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, outcome, found, advice } = self;
        let outcome = match outcome {
            Outcome::Ok => "ok",
            Outcome::Note => "note",
            Outcome::Warning => "WARNING",
            Outcome::Problem => "PROBLEM",
        };
        write!(f, "{outcome:<8} {name:<9} {found}")?;
        match advice {
            Some(advice) => write!(f, ": {advice}"),
            None => Ok(()),
        }
    }
}
