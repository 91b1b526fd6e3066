//! Network delay, with jitter that changes the order.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::expect;
use crate::OutOfRange;

/// Every datagram arrives later. With jitter, one may overtake another: that is what
/// differs from the delay of a TCP connection, whose bytes stay in order.
///
/// ```text
///  in   ─a─b──c──────────
///  out  ─────b──a─c──────     each after `ms` ± `jitter`
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delay {
    /// Milliseconds, in each direction.
    pub ms: u64,
    /// The delay varies by up to this many milliseconds, at random; at most `ms`.
    pub jitter: u64,
}

impl Delay {
    /// The delay of one datagram.
    pub(in crate::udp) fn draw(self) -> Duration {
        let Self { ms, jitter } = self;
        Duration::from_micros(rand::random_range(
            (ms - jitter) * 1000..=(ms + jitter) * 1000,
        ))
    }

    pub(in crate::udp) fn check(self) -> Result<(), OutOfRange> {
        expect("delay.ms", self.ms, 0, 8000)?;
        expect("delay.jitter", self.jitter, 0, self.ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_even_and_a_jitter_is_around_it() {
        let of = |ms, jitter| {
            let draws = (0..1000).map(|_| Delay { ms, jitter }.draw().as_millis());
            let draws: Vec<_> = draws.collect();
            (draws.iter().min().copied(), draws.iter().max().copied())
        };
        assert_eq!(of(0, 0), (Some(0), Some(0)));
        assert_eq!(of(20, 0), (Some(20), Some(20)));
        let (least, most) = of(20, 15);
        assert!(
            (5..10).contains(&least.unwrap()) && (30..=35).contains(&most.unwrap())
        );
    }
}
