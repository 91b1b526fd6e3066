//! What stays on one line: a number and its unit, and each word of inline code.

use crate::highlight;

/// What stands behind a number.
const UNITS: [&str; 12] =
    ["%", "B", "GB", "KB", "KiB", "MB", "bytes", "kB", "min", "minutes", "ms", "s"];

/// The same text, with a no-break space before each unit.
pub(crate) fn keep_together(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut after_digit = false;
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        let end = rest.find(|c: char| !c.is_alphabetic() && c != '%');
        let is_unit = UNITS.contains(&&rest[..end.unwrap_or(rest.len())]);
        kept.push(match character {
            ' ' if after_digit && is_unit => '\u{a0}',
            other => other,
        });
        after_digit = character.is_ascii_digit();
    }
    kept
}

/// Inline code as HTML. One of several words marks each, so that a line ends between two
/// of them, and at no hyphen.
pub(crate) fn code(text: &str) -> String {
    let mut words: Vec<_> = text.split(' ').map(highlight::escaped).collect();
    if words.len() > 1 {
        for word in &mut words {
            *word = format!("<span>{word}</span>");
        }
    }
    format!("<code>{}</code>", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{code, keep_together};

    #[test]
    fn inline_code_breaks_between_words() {
        assert_eq!(code("--lan"), "<code>--lan</code>");
        assert_eq!(
            code("test -- <a>"),
            "<code><span>test</span> <span>--</span> <span>&lt;a&gt;</span></code>"
        );
    }

    #[test]
    fn a_line_does_not_end_between_a_number_and_its_unit() {
        for (text, kept) in [
            ("that is 97 % of 131 MB.", "that is 97\u{a0}% of 131\u{a0}MB."),
            ("after 30 s, a stall", "after 30\u{a0}s, a stall"),
            ("20 samples in 5 steps", "20 samples in 5 steps"),
            ("HTTP/1.1 says", "HTTP/1.1 says"),
        ] {
            assert_eq!(keep_together(text), kept);
        }
    }
}
