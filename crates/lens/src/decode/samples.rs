//! Counts samples.

/// How each sample begins, whatever the technique.
const BEGINNING: &[u8] = br#"{"id":""#;

/// Finds the beginnings of samples in what goes by, however it is cut.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// How much of a beginning the latest bytes are.
    matched: usize,
}

impl Samples {
    /// How many samples have begun with these bytes.
    pub(super) fn count(&mut self, bytes: &[u8]) -> usize {
        let mut begun = 0;
        for byte in bytes {
            if *byte == BEGINNING[self.matched] {
                self.matched += 1;
            } else {
                // The first byte is at no other place of the beginning.
                self.matched = usize::from(*byte == BEGINNING[0]);
            }
            if self.matched == BEGINNING.len() {
                self.matched = 0;
                begun += 1;
            }
        }
        begun
    }
}
