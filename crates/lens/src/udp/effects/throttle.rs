//! Low bandwidth.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::expect;
use crate::OutOfRange;

/// At most this many bytes leave in a second. The others wait, and when too many do,
/// the newest are dropped: a router's queue. TCP, QUIC and SCTP slow down by that.
///
/// ```text
///  in   ─abcdef────────────
///  out  ─a──b──c──d────────     `bytes_per_second`; e and f found the queue full
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// In each direction of each flow; at least 1.
    pub bytes_per_second: u64,
}

impl Throttle {
    /// When a datagram has left that begins to leave at `start`.
    pub(in crate::udp) fn left(self, start: Instant, bytes: usize) -> Instant {
        start + Duration::from_secs(1).mul_f64(bytes as f64 / self.rate())
    }

    fn rate(self) -> f64 {
        self.bytes_per_second as f64
    }

    pub(in crate::udp) fn check(self) -> Result<(), OutOfRange> {
        expect("throttle.bytes_per_second", self.bytes_per_second, 1, 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_their_time() {
        let start = Instant::now();
        let throttle = Throttle { bytes_per_second: 1000 };
        assert_eq!(throttle.left(start, 250), start + Duration::from_millis(250));
        assert_eq!(throttle.left(start, 0), start);
    }
}
