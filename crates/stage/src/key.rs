//! The key of a presenter, as the terminal prints it.

use rand::RngExt;

/// Letters that nobody mistakes for others when they are read from a terminal.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
const KEY_LENGTH: usize = 8;

/// Draws a key of eight letters: 31^8 are more than anybody tries in an afternoon.
#[must_use]
pub fn draw_key() -> String {
    let mut random = rand::rng();
    let letter = |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
    (0..KEY_LENGTH).map(letter).collect()
}
