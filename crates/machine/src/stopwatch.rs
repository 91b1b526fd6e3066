//! How long something takes on a machine that may stand still.

use std::time::{Duration, Instant};

/// How long something takes that is looked at again and again. A long time between two
/// looks counts as `step` at most: then the machine was too busy to look, and would have
/// been too busy for what is looked at.
pub struct Stopwatch {
    step: Duration,
    last: Instant,
    taken: Duration,
}

impl Stopwatch {
    /// Begins to count.
    pub fn start(step: Duration) -> Self {
        Self { step, last: Instant::now(), taken: Duration::ZERO }
    }

    /// How long it was until now.
    pub fn look(&mut self) -> Duration {
        self.taken += self.last.elapsed().min(self.step);
        self.last = Instant::now();
        self.taken
    }
}
