//! What of a chapter is marked for the handout.

use crate::markdown;

/// What stands before a block that is on the handout.
const MARK: &str = "<!-- handout -->\n\n";

/// A block, and the heading that it stands below.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) heading: String,
    pub(crate) html: String,
}

/// The marked blocks of a chapter's Markdown.
pub(crate) fn parts(text: &str, techniques: &[&str]) -> Vec<Part> {
    let mut parts = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap_or_default();
        for marked in section.split(MARK).skip(1) {
            let block = marked.split("\n\n").next().unwrap_or_default();
            let html = markdown::html(markdown::read(block, techniques));
            parts.push(Part { heading: heading.to_owned(), html });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_on_the_handout_below_its_heading() {
        let text = "first\n\n## Not this\n\n- a\n\n## Two & more\n\ntext\n\n\
                    <!-- handout -->\n\n1. one\n2. two\n\n- **Note:** no\n";
        let parts = parts(text, &[]);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].heading, "Two & more");
        assert!(parts[0].html.starts_with("<ol>"), "{}", parts[0].html);
        assert!(parts[0].html.contains("two") && !parts[0].html.contains("no"));
    }
}
