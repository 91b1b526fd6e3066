//! What a network does to a connection, on request: one effect a file.
//!
//! Most effects only hold bytes back. Before bytes leave, each effect decides how many
//! may leave now, and the strictest decision holds; so effects combine, and to remove
//! one, the lens only has to stop asking it. Four effects end a connection instead.
//!
//! ```text
//!                     ┌ queue ┐   delay? throttle? stall? slice? buffer?
//!  server ──► read ──►│ c b a │──────────────────────────────────────────► client
//!                     └───────┘   the strictest decision holds
//!                 cut! refuse! refuse_upgrade! idle_kill!  the connection ends
//! ```

mod buffer;
mod cut;
pub(crate) mod decision;
mod delay;
mod idle_kill;
mod refuse;
mod refuse_upgrade;
mod slice;
mod stall;
mod throttle;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use self::decision::{Lifetime, Shaper};
pub use self::{delay::Delay, idle_kill::IdleKill, throttle::Throttle};
use crate::{CloseCause, Direction};

/// An effect, and its strength. In JSON: `{"effect":"delay","ms":300,"jitter":100}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Every byte arrives later.
    Delay(Delay),
    /// Few bytes a second.
    Throttle(Throttle),
    /// Nothing passes any more, and neither side is told.
    Stall,
    /// Connections that are open now end with a TCP reset.
    Cut,
    /// The server is down: open and new connections end with a TCP reset.
    Refuse,
    /// No WebSocket passes: connections that ask for Upgrade end with a TCP reset.
    RefuseUpgrade,
    /// At most 7 bytes at a time.
    Slice,
    /// A response is held back until it ends, is 4 KiB long, or has waited for 8 s.
    Buffer,
    /// Connections that were silent for some seconds are closed.
    IdleKill(IdleKill),
}

impl Effect {
    /// Its name, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delay(_) => "delay",
            Self::Throttle(_) => "throttle",
            Self::Stall => "stall",
            Self::Cut => "cut",
            Self::Refuse => "refuse",
            Self::RefuseUpgrade => "refuse_upgrade",
            Self::Slice => "slice",
            Self::Buffer => "buffer",
            Self::IdleKill(_) => "idle_kill",
        }
    }

    /// Whether its numbers are in their ranges.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn check(self) -> Result<(), OutOfRange> {
        let expect = |name, value, least, most| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(OutOfRange { name, value, least, most })
        };
        match self {
            Self::Delay(Delay { ms, jitter }) => {
                // Below the HALF_CLOSE_TIMEOUT of a connection: the end is delayed, too.
                expect("ms", ms, 0, 8000)?;
                expect("jitter", jitter, 0, ms)
            }
            Self::Throttle(Throttle { bytes_per_second }) => {
                expect("bytes_per_second", bytes_per_second, 1, 1_000_000_000)
            }
            Self::IdleKill(IdleKill { seconds }) => {
                expect("seconds", seconds, 1, 3600)
            }
            _ => Ok(()),
        }
    }

    /// The shaper of this direction, if the effect holds its bytes back.
    pub(crate) fn shaper(self, direction: Direction) -> Option<Box<dyn Shaper>> {
        Some(match self {
            Self::Delay(delay) => Box::new(delay.shaper()),
            Self::Throttle(throttle) => Box::new(throttle.shaper()),
            Self::Stall => Box::new(stall::Stalling),
            Self::Slice => Box::new(slice::Slicing::default()),
            Self::Buffer if direction == Direction::Down => {
                Box::new(buffer::Buffering::default())
            }
            _ => return None,
        })
    }

    /// When it ends a connection, if it does.
    pub(crate) fn end(
        self,
        lifetime: &Lifetime,
        since: Instant,
    ) -> Option<(Instant, CloseCause)> {
        match self {
            Self::Cut => cut::end(lifetime, since),
            Self::Refuse => Some(refuse::end(since)),
            Self::RefuseUpgrade => refuse_upgrade::end(lifetime, since),
            Self::IdleKill(idle_kill) => Some(idle_kill.end(lifetime)),
            _ => None,
        }
    }
}

/// A number of an effect that is out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}: expected {least} to {most}")]
pub struct OutOfRange {
    /// Which number, by its name in JSON.
    pub name: &'static str,
    /// The number that came.
    pub value: u64,
    /// The least that is accepted.
    pub least: u64,
    /// The most that is accepted.
    pub most: u64,
}
