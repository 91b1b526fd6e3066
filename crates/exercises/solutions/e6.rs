//! Exercise 6: "full jitter". After four doublings, at 8 s, the limit is reached.

use std::time::Duration;

pub(crate) fn wait(failures: u32, random: f64) -> Duration {
    let longest = Duration::from_millis(500) * 2_u32.pow(failures.min(4));
    longest.mul_f64(random)
}
