//! Why the hub refuses what a page asks for.

use crate::{quiz, room, techniques};

#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("not understood: {0}")]
    NotUnderstood(#[source] serde_json::Error),
    #[error("not an effect: {0}")]
    NotAnEffect(#[source] serde_json::Error),
    #[error(transparent)]
    Technique(#[from] techniques::Unknown),
    #[error("this is for the presenter")]
    ForThePresenter,
    #[error("the command came too late: press again")]
    TooLate,
    #[error("too fast: one at a time")]
    TooFast,
    #[error("{0} is already off: reload the page")]
    EffectIsOff(&'static str),
    #[error("{count} samples: expected at most {limit}")]
    TooManySamples { count: u64, limit: u64 },
    #[error("interval of {0} ms: expected 10 to 60000")]
    Rhythm(u64),
    #[error(transparent)]
    Effect(#[from] lens::OutOfRange),
    #[error(transparent)]
    Room(#[from] room::Refusal),
    #[error(transparent)]
    Quiz(#[from] quiz::Error),
}
