use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Life;
use crate::CloseCause;

/// A proxy with a time-out: a connection on which no byte passed for some seconds, in
/// either direction, is closed. Properly: both sides are told (a FIN, no reset).
///
/// ```text
///  bytes  ─a─b─c──────────┐
///              └ seconds ─┘ closed        with a heartbeat before that: never
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdleKill {
    /// How long a silence may be; from 1 up.
    pub seconds: u64,
}

impl Default for IdleKill {
    fn default() -> Self {
        Self { seconds: 5 }
    }
}

impl IdleKill {
    pub(super) fn end(self, life: &Life) -> (Instant, CloseCause) {
        (life.active + Duration::from_secs(self.seconds), CloseCause::IdleKill)
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
        let life = Life { opened, active: opened };
        assert_eq!(kill.end(&life), (after(5), CloseCause::IdleKill));
        let life = Life { opened, active: after(4) };
        assert_eq!(kill.end(&life), (after(9), CloseCause::IdleKill));
    }
}
