//! Text that people send, before others are shown it.

/// Why a text is not shown to others.
#[derive(Debug, thiserror::Error)]
pub enum BadText {
    /// It has more characters than it may have.
    #[error("{count} characters: expected {limit} at most")]
    TooLong {
        /// How many it has.
        count: usize,
        /// How many it may have.
        limit: usize,
    },
    /// It has a character that is no text.
    #[error("control character U+{:04X}: expected text", u32::from(*.0))]
    ControlCharacter(char),
    /// It has nothing to see.
    #[error("no visible character: expected 1 to {limit} characters")]
    Invisible {
        /// How many it may have.
        limit: usize,
    },
}

/// `text` without the blanks around it, if it has something to see and is not longer than
/// `limit` characters.
///
/// # Errors
/// What is wrong with it, and what was expected.
pub fn printable(text: &str, limit: usize) -> Result<&str, BadText> {
    let text = text.trim();
    let count = text.chars().count();
    if count > limit {
        return Err(BadText::TooLong { count, limit });
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(BadText::ControlCharacter(control));
    }
    if !text.chars().any(is_visible) {
        return Err(BadText::Invisible { limit });
    }
    Ok(text)
}

/// Whether a reader sees this character: it is no blank, and not one that displays
/// ignore (the Unicode property `Default_Ignorable_Code_Point`).
fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
