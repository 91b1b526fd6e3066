//! How long something takes on a machine that may stand still.

use std::time::{Duration, Instant};

/// Measures how long something takes by asking again and again. A long time between two
/// calls of [`elapsed`](Self::elapsed) counts as `step` at most: then the machine was too
/// busy to ask, and would have been too busy for what is measured.
pub struct Stopwatch {
    step: Duration,
    /// When it was asked last.
    last: Instant,
    /// What it said then.
    taken: Duration,
}

impl Stopwatch {
    /// Begins to count.
    pub fn start(step: Duration) -> Self {
        Self { step, last: Instant::now(), taken: Duration::ZERO }
    }

    /// How long it took until now.
    pub fn elapsed(&mut self) -> Duration {
        self.taken += self.last.elapsed().min(self.step);
        self.last = Instant::now();
        self.taken
    }
}
