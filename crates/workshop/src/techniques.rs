//! The five techniques, in the order in which they are told, and what is served beside
//! them: all else in the workshop looks them up here.

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

/// All that has a server and a lens: the five, in the same order, and the gallery.
pub(crate) const SERVED: [Technique; 6] = {
    let [a, b, c, d, e] = TECHNIQUES;
    [a, b, c, d, e, gallery::TECHNIQUE]
};

/// The index of a technique in [`TECHNIQUES`].
pub(crate) fn index(name: &str) -> Option<usize> {
    TECHNIQUES.iter().position(|technique| technique.name == name)
}

/// No technique has this name.
#[derive(Debug, thiserror::Error)]
#[error("technique {0:?}: expected {names}", names = names())]
pub(crate) struct Unknown(String);

/// The index of what has a server, in [`SERVED`].
///
/// # Errors
/// When there is no such technique.
pub(crate) fn find(name: &str) -> Result<usize, Unknown> {
    let found = SERVED.iter().position(|served| served.name == name);
    found.ok_or_else(|| Unknown(name.to_owned()))
}

fn names() -> String {
    SERVED.map(|technique| technique.name).join(", ")
}

/// One value for each that has a server; in JSON, an object with their names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByTechnique<T>(pub(crate) [T; SERVED.len()]);

impl<T: Serialize> Serialize for ByTechnique<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = SERVED.iter().map(|technique| technique.name);
        to.collect_map(names.zip(&self.0))
    }
}
