//! # Exercise 6: come back, but not all at once
//!
//! The server restarts, and a thousand clients lose their connection at the same moment.
//! These all connect again one second later, at the same moment.
//!
//! **Task**: the longest wait is half a second at first, doubles with each failure in a
//! row, and is never more than 8 s. Each client waits a random part of it.
//!
//! **Hint**: `random` is between 0 and 1. The doublings of many failures overflow.
//!
//! **Check**: `cargo test -p exercises e6 -- --ignored`

use std::time::Duration;

/// How long to wait before the next attempt. `_failures` counts those in a row before
/// the last one: it is 0 for the first wait.
#[must_use]
pub fn wait(_failures: u32, _random: f64) -> Duration {
    Duration::from_secs(1)
}
