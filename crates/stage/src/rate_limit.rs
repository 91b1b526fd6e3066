//! How often a client may send a message.

use std::time::{Duration, Instant};

/// How often a client may send a message: the generic cell rate algorithm, a leaky bucket
/// that keeps a time instead of a count.
#[derive(Debug)]
pub struct RateLimit {
    /// When all messages so far would have arrived, evenly spread. Moved by each that is
    /// allowed; nothing before the first.
    theoretical_arrival_time: Option<Instant>,
    interval: Duration,
    burst: u32,
}

impl RateLimit {
    /// One message in each `interval` on average and, after a pause, `burst` at once.
    #[must_use]
    pub fn new(interval: Duration, burst: u32) -> Self {
        Self { theoretical_arrival_time: None, interval, burst }
    }

    /// Whether a message is allowed `now`; if so, it counts.
    pub fn allows(&mut self, now: Instant) -> bool {
        let arrived = self.theoretical_arrival_time.unwrap_or(now);
        let next = arrived.max(now) + self.interval;
        let allowed = next <= now + self.interval * self.burst;
        if allowed {
            self.theoretical_arrival_time = Some(next);
        }
        allowed
    }

    /// Whether it would allow a burst `now`, as a new one does: then it may be forgotten.
    #[must_use]
    pub fn is_idle(&self, now: Instant) -> bool {
        self.theoretical_arrival_time.is_none_or(|arrived| arrived <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_an_even_rate() {
        let start = Instant::now();
        let mut rate = RateLimit::new(Duration::from_millis(500), 5);
        let mut allowed =
            |millis| rate.allows(start + Duration::from_millis(millis));
        assert_eq!([0; 7].map(&mut allowed).iter().filter(|&&a| a).count(), 5);
        assert!(!allowed(400));
        assert!(allowed(600));
        assert!(!allowed(700));
        assert_eq!([9000; 7].map(&mut allowed).iter().filter(|&&a| a).count(), 5);
        let at = |millis| start + Duration::from_millis(millis);
        assert!(!rate.is_idle(at(9000)) && rate.is_idle(at(11_500)));
    }
}
