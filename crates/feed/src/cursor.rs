//! The id of a sample, which is all that a client has to remember, and its text.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The characters of a run and of a sample's data.
pub(crate) const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// How many runs there are.
const RUNS: u32 = 36 * 36 * 36 * 36;

/// One run of a server, from its start to its end: four characters of `0-9a-z`,
/// drawn when a [`Feed`](crate::Feed) is made. Servers that share a feed share its run.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run([u8; 4]);

impl Run {
    /// Draws a run. Never from a seed: a restarted server must not be taken for
    /// the one before, or its clients would skip what they have not seen.
    #[must_use]
    pub fn draw() -> Self {
        Self::from_number(rand::random_range(0..RUNS))
    }

    /// The run as a number in base 36, from 0 up.
    #[must_use]
    pub fn number(self) -> u32 {
        let digit = |byte: &u8| (*byte as char).to_digit(36).unwrap_or(0);
        self.0.iter().map(digit).fold(0, |number, digit| number * 36 + digit)
    }

    /// The run with a number; after the last, they begin again with 0.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        let digit = |power| ALPHABET[(number / power % 36) as usize];
        Self([36 * 36 * 36, 36 * 36, 36, 1].map(digit))
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The id of a sample, and so the whole state of a client: the last one it has
/// seen. Written `run-seq`, such as `k3f9-17`; `seq` counts 1, 2, 3 … without
/// holes, and 0 stands before the first sample.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The run in which the sample was published.
    pub run: Run,
    /// The sample's number in this run.
    pub seq: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.seq)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error of [`Cursor::from_str`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "malformed cursor {0:?}: expected RUN-SEQ, four characters of 0-9a-z, a hyphen and a \
     number, such as k3f9-17"
)]
pub struct MalformedCursor(String);

impl FromStr for Cursor {
    type Err = MalformedCursor;

    fn from_str(text: &str) -> Result<Self, MalformedCursor> {
        let parse = || {
            let (run, seq) = text.split_once('-')?;
            let run: [u8; 4] = run.as_bytes().try_into().ok()?;
            let known = run.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z'));
            // `u64::from_str` would also take "+17" and "017": one sample, one id.
            let canonical = seq.bytes().all(|byte| byte.is_ascii_digit())
                && (seq == "0" || !seq.starts_with('0'));
            let seq = seq.parse().ok()?;
            (known && canonical).then_some(Cursor { run: Run(run), seq })
        };
        // The error repeats the text that came, but not a megabyte of it.
        parse().ok_or_else(|| MalformedCursor(text.chars().take(40).collect()))
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_is_written() {
        for text in ["k3f9-17", "0000-0", "zzzz-18446744073709551615"] {
            let cursor: Cursor = text.parse().unwrap();
            assert_eq!(cursor.to_string(), text);
        }
    }

    #[test]
    fn a_run_is_a_number_in_base_36() {
        for (text, number) in [("0000", 0), ("0010", 36), ("zzzz", RUNS - 1)] {
            let run = Run::from_number(number);
            assert_eq!((run.to_string().as_str(), run.number()), (text, number));
        }
        assert_eq!(Run::from_number(RUNS).number(), 0);
        let drawn = Run::draw();
        assert_eq!(Run::from_number(drawn.number()), drawn);
    }

    #[test]
    fn anything_else_is_malformed_and_says_what_was_expected() {
        let malformed = [
            "",
            "-",
            "17",
            "k3f9",
            "k3f9-",
            "-17",
            "k3f9-x",
            "k3f9-+17",
            "k3f9-017",
            "k3f9--1",
            "K3F9-17",
            "k3f-17",
            "k3f99-17",
            "k3f9-17 ",
            "é3f-17",
            "k3f9-18446744073709551616",
        ];
        for text in malformed {
            let error = text.parse::<Cursor>().unwrap_err().to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
            assert!(error.contains("such as k3f9-17"), "{error}");
        }
        let long = "x".repeat(1_000_000).parse::<Cursor>().unwrap_err();
        assert!(long.to_string().len() < 200);
    }
}
