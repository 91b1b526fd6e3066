//! The conditions of a network: all effects of a relay, with their strengths.

use serde::{Deserialize, Serialize};

use super::effects::{Cut, Delay, Duplicate, Lose, Throttle};
use crate::effects::OutOfRange;

/// What the network is like, in both directions. In JSON, with what is left out being
/// perfect: `{"lose":{"percent":5},"delay":{"ms":20,"jitter":5}}`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Some datagrams are lost.
    pub lose: Lose,
    /// Some come twice.
    pub duplicate: Duplicate,
    /// Each arrives later; with jitter, out of order.
    pub delay: Delay,
    /// Few bytes a second.
    pub throttle: Option<Throttle>,
    /// Silence: nothing passes, and neither side is told.
    pub cut: Cut,
}

impl Conditions {
    /// Whether its numbers are in their ranges.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        self.lose.check()?;
        self.duplicate.check()?;
        self.delay.check()?;
        self.throttle.map_or(Ok(()), Throttle::check)
    }
}
