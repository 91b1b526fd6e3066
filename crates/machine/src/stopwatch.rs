//! How long something takes on a machine that may stand still.

use std::time::{Duration, Instant};

/// Measures a time by repeated calls of [`elapsed`](Self::elapsed). Between two
/// calls, at most `max_step` is counted: if more time has passed, the machine was
/// stopped or busy, and what is measured could not run either.
pub struct Stopwatch {
    max_step: Duration,
    /// When `elapsed` was called last.
    last: Instant,
    /// What it returned then.
    taken: Duration,
}

impl Stopwatch {
    /// Begins to count.
    pub fn start(max_step: Duration) -> Self {
        Self { max_step, last: Instant::now(), taken: Duration::ZERO }
    }

    /// How long it took until now.
    pub fn elapsed(&mut self) -> Duration {
        self.taken += self.last.elapsed().min(self.max_step);
        self.last = Instant::now();
        self.taken
    }
}
