//! Who votes.

use serde::{Deserialize, Serialize};

/// A voter: a number of 128 bits that a browser draws, in 32 hexadecimal digits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize,
)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Seat(pub(super) u128);

impl TryFrom<String> for Seat {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The parser alone would take a sign.
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u128::from_str_radix(&text, 16) {
            Ok(seat) if digits && text.len() == 32 => Ok(Self(seat)),
            _ => Err("seat: expected 32 hexadecimal digits"),
        }
    }
}

impl From<Seat> for String {
    fn from(seat: Seat) -> Self {
        format!("{:032x}", seat.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Seat;

    #[test]
    fn a_seat_is_32_digits() {
        let seat = |text: &str| Seat::try_from(text.to_owned());
        assert_eq!(seat(&"0f".repeat(16)).map(String::from), Ok("0f".repeat(16)));
        for wrong in ["", "ff", &"g".repeat(32), &format!("+{}", "f".repeat(31))] {
            assert!(seat(wrong).is_err(), "{wrong:?}");
        }
    }
}
