//! A proxy that closes idle connections.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::decision::Lifetime;
use crate::CloseCause;

/// A connection on which no byte passed for some seconds, in either direction, is closed
/// properly: both sides are told (by a FIN, not a reset).
///
/// ```text
///  bytes  ─a─b─c──────────┐
///              └ seconds ─┘ closed        with a heartbeat before that: never
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdleKill {
    /// The longest silence that is allowed; at least 1.
    pub seconds: u64,
}

impl Default for IdleKill {
    fn default() -> Self {
        Self { seconds: 5 }
    }
}

impl IdleKill {
    pub(super) fn end(self, lifetime: &Lifetime) -> (Instant, CloseCause) {
        (
            lifetime.last_byte + Duration::from_secs(self.seconds),
            CloseCause::IdleKill,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_prolongs_it() {
        let opened = Instant::now();
        let after = |seconds| opened + Duration::from_secs(seconds);
        let kill = IdleKill { seconds: 5 };
        let lifetime = Lifetime::new(opened);
        assert_eq!(kill.end(&lifetime), (after(5), CloseCause::IdleKill));
        let lifetime = Lifetime { last_byte: after(4), ..Lifetime::new(opened) };
        assert_eq!(kill.end(&lifetime), (after(9), CloseCause::IdleKill));
    }
}
