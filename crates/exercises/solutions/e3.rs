//! Exercise 3: a message ends at its newline, and nowhere else.

#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The beginning of a line that is not complete yet.
    rest: Vec<u8>,
}

impl Lines {
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<String> {
        self.rest.extend(piece);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect()
    }
}
