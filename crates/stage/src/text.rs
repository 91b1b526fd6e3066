//! Text that people send, before others are shown it.

use actix_web::{ResponseError, http::StatusCode};

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

/// A request with such a text is answered by 400, and by what is wrong with it.
impl ResponseError for BadText {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
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

/// Whether a reader sees this character: it is no blank (U+2800 is one, of Braille), and not
/// one that displays ignore (the Unicode property `Default_Ignorable_Code_Point`).
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_without_the_blanks_around_it() {
        for (text, expected) in
            [(" Hi ", "Hi"), ("<b>", "<b>"), ("e\u{301}", "e\u{301}"), ("👩‍👧", "👩‍👧")]
        {
            assert_eq!(printable(text, 5).unwrap(), expected);
        }
        let refused = |text: &str| printable(text, 5).unwrap_err().to_string();
        assert_eq!(refused("123456"), "6 characters: expected 5 at most");
        assert_eq!(refused("a\nb"), "control character U+000A: expected text");
        assert_eq!(refused("a\u{85}b"), "control character U+0085: expected text");
    }

    #[test]
    fn a_text_has_something_to_see() {
        // Blanks of several scripts, what joins or turns others, an emoji's variant.
        for text in [
            "",
            " ",
            "\u{3000}",
            "\u{2800}",
            "\u{ad}",
            "\u{200b}\u{200d}",
            "\u{202e}",
            "\u{3164}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{e0041}",
        ] {
            let came = printable(text, 5);
            assert!(
                matches!(came, Err(BadText::Invisible { limit: 5 })),
                "{came:?}"
            );
        }
        for text in ["a", "\u{2801}", "\u{200b}a", "ㅏ", "☺\u{fe0f}"] {
            assert!(printable(text, 5).is_ok(), "{text:?}");
        }
    }
}
