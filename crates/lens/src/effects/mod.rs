//! What a network does to a connection, on request: one effect a file.
//!
//! Most effects only hold bytes back. Each is asked, before bytes leave, how many may
//! leave now, and all have to agree; so effects combine, and taking one off needs no
//! more than not asking it any longer. Three effects end a connection instead.
//!
//! ```text
//!                     ┌ queue ┐   delay? throttle? stall? slice? buffer?
//!  server ──► read ──►│ c b a │──────────────────────────────────────────► client
//!                     └───────┘   the fewest that any of them allows
//!                                 cut! refuse! idle_kill!  the connection ends
//! ```

mod buffer;
mod cut;
mod delay;
mod idle_kill;
mod refuse;
mod slice;
mod stall;
mod throttle;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub use self::{delay::Delay, idle_kill::IdleKill, throttle::Throttle};
use crate::{CloseCause, Direction, queue::Queue};

/// An effect, and how strong. In JSON: `{"effect":"delay","ms":300,"jitter":100}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Every byte comes later.
    Delay(Delay),
    /// Few bytes a second.
    Throttle(Throttle),
    /// Nothing passes any more, and nobody is told.
    Stall,
    /// What is open now ends with a TCP reset.
    Cut,
    /// The server is down: what is open and what is opened ends with a TCP reset.
    Refuse,
    /// At most 7 bytes at a time.
    Slice,
    /// An answer is held back until it ends, or is 4 KiB long.
    Buffer,
    /// What was silent for some seconds is closed.
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
            Self::Slice => "slice",
            Self::Buffer => "buffer",
            Self::IdleKill(_) => "idle_kill",
        }
    }

    /// Whether its strength makes sense.
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
                // Shorter than a client that has left is waited for.
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

    /// What holds bytes of this direction back, if the effect does.
    pub(crate) fn shape(self, direction: Direction) -> Option<Box<dyn Shape>> {
        Some(match self {
            Self::Delay(delay) => Box::new(delay.shape()),
            Self::Throttle(throttle) => Box::new(throttle.shape()),
            Self::Stall => Box::new(stall::Silence),
            Self::Slice => Box::new(slice::Slices::default()),
            Self::Buffer if direction == Direction::Down => {
                Box::new(buffer::Buffering::default())
            }
            _ => return None,
        })
    }

    /// When it ends a connection, if it does.
    pub(crate) fn end(
        self,
        life: &Life,
        since: Instant,
    ) -> Option<(Instant, CloseCause)> {
        match self {
            Self::Cut => cut::end(life, since),
            Self::Refuse => Some(refuse::end(since)),
            Self::IdleKill(idle_kill) => Some(idle_kill.end(life)),
            _ => None,
        }
    }
}

/// A number of an effect that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}: expected {least} to {most}")]
pub struct OutOfRange {
    /// Which number, by its name in JSON.
    pub name: &'static str,
    /// What came.
    pub value: u64,
    /// The least that is accepted.
    pub least: u64,
    /// The most that is accepted.
    pub most: u64,
}

/// What an effect that ends connections looks at.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) opened: Instant,
    /// When a byte passed last, in either direction.
    pub(crate) active: Instant,
}

/// What an effect says about the bytes that wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// At most so many may leave now.
    Pass(usize),
    /// None may leave before then, or before something changes.
    Wait(Option<Instant>),
}

impl Verdict {
    /// The stricter of two.
    pub(crate) fn and(self, other: Self) -> Self {
        use Verdict::{Pass, Wait};
        match (self, other) {
            (Pass(a), Pass(b)) => Pass(a.min(b)),
            (Wait(None), _) | (_, Wait(None)) => Wait(None),
            (Wait(a), Wait(b)) => Wait(a.max(b)),
            (Wait(until), Pass(_)) | (Pass(_), Wait(until)) => Wait(until),
        }
    }
}

/// An effect at work on one direction of one connection.
pub(crate) trait Shape: Send {
    /// How much of what waits may leave now. The queue is never empty.
    fn verdict(&mut self, queue: &Queue, now: Instant) -> Verdict;

    /// So many bytes have left.
    fn passed(&mut self, _bytes: usize, _now: Instant) {}
}
