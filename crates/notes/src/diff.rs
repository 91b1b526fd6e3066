//! Two sources side by side.

use std::fmt::Write as _;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use crate::highlight::lines;

/// Two sources, each in its language, side by side, aligned where they are the same, as
/// rows of HTML:
///
/// ```text
/// <div class="row changed"><span class="no">12</span><code>…</code>
///                          <span class="no">13</span><code>…</code></div>
/// ```
///
/// A row is `same`, `changed`, or has a line on the `left` or the `right` alone. What
/// the code means is in `<span class="k">` and so on, as arborium names it.
#[must_use]
pub fn rows(languages: [&str; 2], left: &str, right: &str) -> String {
    let [old, new]: [Vec<_>; 2] =
        [left, right].map(|source| source.lines().collect());
    // Two languages have lines in common by chance alone: theirs are not aligned.
    let diff = if languages[0] == languages[1] {
        capture_diff_slices(Algorithm::Patience, &old, &new)
    } else {
        let (old_len, new_len) = (old.len(), new.len());
        vec![DiffOp::Replace { old_index: 0, old_len, new_index: 0, new_len }]
    };
    let (left, right) = (lines(languages[0], left), lines(languages[1], right));
    let mut html = String::new();
    for op in diff {
        let (tag, old, new) = op.as_tag_tuple();
        for number in 0..old.len().max(new.len()) {
            let old = old.clone().nth(number);
            let new = new.clone().nth(number);
            let class = match (tag, old, new) {
                (DiffTag::Equal, ..) => "same",
                (_, Some(_), Some(_)) => "changed",
                (_, Some(_), None) => "left",
                (_, None, _) => "right",
            };
            let _ = write!(html, r#"<div class="row {class}">"#);
            for (lines, at) in [(&left, old), (&right, new)] {
                let line =
                    at.and_then(|at| lines.get(at)).map_or("", String::as_str);
                let number = at.map(|at| (at + 1).to_string()).unwrap_or_default();
                let _ = write!(
                    html,
                    r#"<span class="no">{number}</span><code>{line}</code>"#
                );
            }
            html.push_str("</div>\n");
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_lines_stand_side_by_side() {
        let html =
            rows(["rust"; 2], "fn a() {}\nfn b() {}\n", "fn a() {}\nfn c() {}\nx\n");
        let classes: Vec<_> =
            html.lines().map(|row| row.split('"').nth(1).unwrap()).collect();
        assert_eq!(classes, ["row same", "row changed", "row right"]);
        assert!(html.contains(r#"<span class="k">fn</span>"#), "{html}");
    }

    #[test]
    fn two_languages_are_not_aligned() {
        let html = rows(["rust", "javascript"], "fn a() {\n}\n", "}\n");
        let classes: Vec<_> =
            html.lines().map(|row| row.split('"').nth(1).unwrap()).collect();
        assert_eq!(classes, ["row changed", "row left"]);
    }

    #[test]
    fn code_is_text() {
        let html = rows(["javascript"; 2], "'<b>' && 1\n", "/* <i>\n*/\n");
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
        assert!(html.contains("&lt;b&gt;") && html.contains("&amp;&amp;"), "{html}");
    }
}
