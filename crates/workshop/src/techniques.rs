//! The five techniques, in the order in which they are told: all else in the workshop
//! looks them up here.

use serde::{Serialize, Serializer};
use stage::Technique;

/// The five.
pub(crate) const TECHNIQUES: [Technique; 5] = [
    short_poll::TECHNIQUE,
    long_poll::TECHNIQUE,
    http_stream::TECHNIQUE,
    sse::TECHNIQUE,
    websocket::TECHNIQUE,
];

/// The index of a technique in [`TECHNIQUES`].
pub(crate) fn index(name: &str) -> Option<usize> {
    TECHNIQUES.iter().position(|technique| technique.name == name)
}

/// No technique has this name.
#[derive(Debug, thiserror::Error)]
#[error("technique {0:?}: expected {names}", names = names())]
pub(crate) struct Unknown(String);

/// The index of a technique in [`TECHNIQUES`].
///
/// # Errors
/// When there is no such technique.
pub(crate) fn find(name: &str) -> Result<usize, Unknown> {
    index(name).ok_or_else(|| Unknown(name.to_owned()))
}

fn names() -> String {
    TECHNIQUES.map(|technique| technique.name).join(", ")
}

/// One value for each technique; in JSON, an object with their names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByTechnique<T>(pub(crate) [T; 5]);

impl<T: Serialize> Serialize for ByTechnique<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = TECHNIQUES.iter().map(|technique| technique.name);
        to.collect_map(names.zip(&self.0))
    }
}
