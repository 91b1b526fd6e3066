//! Duplicates.

use serde::{Deserialize, Serialize};

use super::expect;
use crate::OutOfRange;

/// Some datagrams arrive twice, as when a network has two paths.
///
/// ```text
///  in   ─a──b──c──
///  out  ─a──bb─c──     `percent` of them, at random
/// ```
///
/// With a jitter, the copy has a delay of its own.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Duplicate {
    /// How many of 100, in each direction.
    pub percent: u64,
}

impl Duplicate {
    pub(in crate::udp) fn duplicates(self) -> bool {
        rand::random_range(0..100) < self.percent
    }

    pub(in crate::udp) fn check(self) -> Result<(), OutOfRange> {
        expect("duplicate.percent", self.percent, 0, 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_all_or_a_share_is_doubled() {
        let doubled = |percent| {
            let duplicate = Duplicate { percent };
            (0..10_000).filter(|_| duplicate.duplicates()).count()
        };
        assert_eq!((doubled(0), doubled(100)), (0, 10_000));
        let share = doubled(20);
        assert!((1600..2400).contains(&share), "{share}");
    }
}
