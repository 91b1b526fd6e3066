//! Programs as HTML, with what each part means. A language that is not known is plain.

use std::fmt::Write as _;

use arborium::Highlighter;
use arborium_highlight::spans_to_flat_tokens;

/// The lines of a source as HTML.
pub(crate) fn lines(language: &str, source: &str) -> Vec<String> {
    // A language that is not known is shown plainly.
    let spans =
        Highlighter::new().highlight_spans(language, source).unwrap_or_default();
    let mut lines = vec![String::new()];
    let mut write = |text: &str, class: Option<&str>| {
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                lines.push(String::new());
            }
            let Some(line) = lines.last_mut() else { continue };
            match class {
                Some(class) if !part.is_empty() => {
                    let _ = write!(line, r#"<span class="{class}">"#);
                    escape(part, line);
                    line.push_str("</span>");
                }
                _ => escape(part, line),
            }
        }
    };
    let mut done = 0;
    for token in spans_to_flat_tokens(source, spans) {
        let (start, end) = (token.start as usize, token.end as usize);
        let (Some(between), Some(text)) =
            (source.get(done..start), source.get(start..end))
        else {
            continue;
        };
        write(between, None);
        write(text, Some(token.tag));
        done = end;
    }
    write(source.get(done..).unwrap_or_default(), None);
    lines
}

/// Text as HTML has it.
pub fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            '"' => into.push_str("&quot;"),
            _ => into.push(character),
        }
    }
}
