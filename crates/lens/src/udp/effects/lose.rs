//! Loss.

use serde::{Deserialize, Serialize};

use super::expect;
use crate::{Direction, OutOfRange};

/// Some datagrams never arrive. UDP tells nobody.
///
/// ```text
///  in   ─a──b──c──d──
///  out  ─a─────c──d──     `percent` of them, at random
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lose {
    /// How many of 100.
    pub percent: u64,
    /// In this direction alone; otherwise in both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}

impl Lose {
    pub(in crate::udp) fn loses(self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
            && rand::random_range(0..100) < self.percent
    }

    pub(in crate::udp) fn check(self) -> Result<(), OutOfRange> {
        expect("lose.percent", self.percent, 0, 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_or_all_is_lost_and_in_one_direction_alone() {
        let none = Lose::default();
        let up = Lose { percent: 100, direction: Some(Direction::Up) };
        let both = Lose { percent: 100, direction: None };
        for _ in 0..1000 {
            assert!(!none.loses(Direction::Up) && !none.loses(Direction::Down));
            assert!(up.loses(Direction::Up) && !up.loses(Direction::Down));
            assert!(both.loses(Direction::Up) && both.loses(Direction::Down));
        }
    }

    #[test]
    fn a_share_is_lost() {
        let lose = Lose { percent: 20, direction: None };
        let lost = (0..10_000).filter(|_| lose.loses(Direction::Up)).count();
        // Ten standard deviations (40) around 2000.
        assert!((1600..2400).contains(&lost), "{lost}");
    }
}
