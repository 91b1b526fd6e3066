//! What the bytes of the fuzzer mean. The seeds have the same form, so that they
//! can be read and written by hand:
//!
//! ```text
//! sizes US burst RS burst RS …
//! ```
//!
//! Each burst goes the other way than the one before, the first one up, and is cut
//! into parts of the given sizes. US and RS are the control characters 0x1f, 0x1e.

use lens::Direction;

use crate::check::Bursts;

pub(crate) fn parse(input: &[u8]) -> (&[u8], Bursts) {
    let mut parts = input.splitn(2, |byte| *byte == 0x1f);
    let sizes = parts.next().unwrap_or_default();
    let bursts = parts.next().unwrap_or_default().split(|byte| *byte == 0x1e);
    let directions = [Direction::Up, Direction::Down].into_iter().cycle();
    (sizes, directions.zip(bursts.map(<[u8]>::to_vec)).collect())
}
