//! # Exercise 6: come back, but not all at once
//!
//! The server restarts, and a thousand clients lose it in the same instant. These ones
//! all come back a second later, in the same instant.
//!
//! **Task**: the longest wait is half a second at first, and twice as long after each
//! failure in a row, but never more than 8 s. Each client waits a random part of it.
//!
//! **Hint**: `random` is from 0 to 1. After many failures, mind the overflow.
//!
//! **Check**: `cargo test -p exercises e6 -- --ignored`

use std::time::Duration;

/// How long to wait after so many failures in a row: 0 for the first one.
#[must_use]
pub fn wait(_failures: u32, _random: f64) -> Duration {
    Duration::from_secs(1)
}
