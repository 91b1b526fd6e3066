//! What is drawn so that nobody guesses it: the key of a presenter, ids.

use rand::{RngExt, distr::Alphanumeric};

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

/// Draws an id of so many letters and digits: of 62, so each is worth 5.95 bits (log2 62).
#[must_use]
pub fn draw_id(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}
