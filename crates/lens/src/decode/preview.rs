//! The beginning of a unit, without its mask: what is shown of it.

/// How many bytes are kept.
const PREVIEW_BYTES: usize = 150;

/// The beginning of a unit, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Preview(Vec<u8>);

impl Preview {
    pub(super) fn add(&mut self, plain: impl IntoIterator<Item = u8>) {
        let space_left = PREVIEW_BYTES - self.0.len();
        self.0.extend(plain.into_iter().take(space_left));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() == PREVIEW_BYTES
    }

    /// It as text. If the unit `goes_on`, a character that only the end of the preview
    /// cuts is left out.
    pub(super) fn text(&self, goes_on: bool) -> String {
        let cut = str::from_utf8(&self.0).err().filter(|_| goes_on);
        let whole = cut
            .filter(|error| error.error_len().is_none())
            .map_or(self.0.len(), |error| error.valid_up_to());
        let text = String::from_utf8_lossy(&self.0[..whole]);
        format!("{text}{}", self.dots(goes_on))
    }

    /// It in hexadecimal.
    pub(super) fn hex(&self, goes_on: bool) -> String {
        let hex: Vec<_> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}{}", hex.join(" "), self.dots(goes_on))
    }

    fn dots(&self, goes_on: bool) -> &'static str {
        if self.is_full() && goes_on { "…" } else { "" }
    }
}
