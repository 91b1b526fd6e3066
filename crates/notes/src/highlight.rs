//! Programs as HTML, with what each part means. A language that is not known is plain.

use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

use arborium::{GrammarStore, Highlighter};
use arborium_highlight::spans_to_flat_tokens;

/// A grammar takes longer to prepare than a source to highlight, so each is prepared once.
static GRAMMARS: LazyLock<Arc<GrammarStore>> =
    LazyLock::new(|| Arc::new(GrammarStore::new()));

/// The lines of a source as HTML. Of a page, its script is highlighted.
#[must_use]
pub fn lines(language: &str, source: &str) -> Vec<String> {
    if language == "html"
        && let Some(end_of_tag) = end_of_script_tag(source)
        && let (before, rest) = source.split_at(end_of_tag)
        && let Some(rest) = rest.strip_prefix('\n')
        && let Some((script, after)) = rest.split_once("\n</script>")
    {
        let mut page = lines("", before);
        page.extend(lines("javascript", script));
        page.extend(lines("", &format!("</script>{after}")));
        return page;
    }
    // A language that is not known is shown plainly.
    let mut highlighter = Highlighter::with_store(GRAMMARS.clone());
    let spans = highlighter.highlight_spans(language, source).unwrap_or_default();
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

/// The same, as a text of its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape(text, &mut escaped);
    escaped
}

/// Where the tag of a page's script ends, before the line break.
fn end_of_script_tag(page: &str) -> Option<usize> {
    let tags = ["<script>\n", "<script type=\"module\">\n"];
    tags.iter().find_map(|tag| Some(page.find(tag)? + tag.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_page_the_script_is_highlighted() {
        for tag in ["<script>", "<script type=\"module\">"] {
            let page = format!("<p>if</p>\n{tag}\nif (a < 1) b();\n</script>\n</p>");
            let lines = lines("html", &page);
            assert_eq!(lines.len(), page.lines().count(), "{lines:?}");
            assert_eq!(lines[0], "&lt;p&gt;if&lt;/p&gt;");
            assert!(
                lines[2].starts_with(r#"<span class="k">if</span> "#),
                "{lines:?}"
            );
            assert!(lines[2].contains("&lt;") && !lines[2].contains(" < "));
        }
    }
}
