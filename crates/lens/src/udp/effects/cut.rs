//! A cut.

use serde::{Deserialize, Serialize};

/// Silence. There is no connection that could be reset, so neither side is told: each
/// finds out by a time-out of its own.
///
/// ```text
///  in   ─a──b──c──d──e──
///  out  ─a───────────e──     true, and false again
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cut(pub bool);

impl Cut {
    pub(in crate::udp) fn cuts(self) -> bool {
        self.0
    }
}
