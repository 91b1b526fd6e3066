//! What a network does to datagrams, on request: one effect a file.
//!
//! ```text
//!  ─a─b─c─► cut? ─► lose? ─► duplicate? ─► throttle ─► delay ─► queue ─►
//! ```

mod cut;
mod delay;
mod duplicate;
mod lose;
mod throttle;

use crate::effects::OutOfRange;

pub use self::{
    cut::Cut, delay::Delay, duplicate::Duplicate, lose::Lose, throttle::Throttle,
};

/// Whether a number is within its range.
fn expect(
    name: &'static str,
    value: u64,
    least: u64,
    most: u64,
) -> Result<(), OutOfRange> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => Err(OutOfRange { name, value, least, most }),
    }
}
