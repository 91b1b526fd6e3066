//! What stays on one line: a number and its unit, and inline code or each of its words.

use crate::highlight;

/// What stands behind a number.
const UNITS: [&str; 12] =
    ["%", "B", "GB", "KB", "KiB", "MB", "bytes", "kB", "min", "minutes", "ms", "s"];

/// The same text, with a no-break space before each unit.
pub fn keep_together(text: &str) -> String {
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

/// How much inline code stays on one line, in bytes; of a longer one, each word.
const PIECE_BYTES_LIMIT: usize = 24;

/// How long a word may be to stay on one line, that of a phone.
const WORD_BYTES_LIMIT: usize = 30;

/// Inline code as HTML. A line ends between two words of a long one, and at no hyphen.
pub(crate) fn code(text: &str) -> String {
    if text.len() <= PIECE_BYTES_LIMIT {
        return format!("<code>{}</code>", highlight::escaped(text));
    }
    let words = text.split(' ').map(|word| {
        let html = highlight::escaped(word);
        if word.len() > WORD_BYTES_LIMIT {
            html
        } else {
            format!("<span>{html}</span>")
        }
    });
    let words = words.collect::<Vec<_>>().join(" ");
    format!("<code class=\"long\">{words}</code>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_inline_code_breaks_between_words() {
        assert_eq!(code("test -- <a>"), "<code>test -- &lt;a&gt;</code>");
        let long = "x".repeat(WORD_BYTES_LIMIT + 1);
        assert_eq!(
            code(&format!("{long} <a>")),
            format!("<code class=\"long\">{long} <span>&lt;a&gt;</span></code>")
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
