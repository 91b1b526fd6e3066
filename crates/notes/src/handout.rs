//! The handout: the blocks of the notes behind a comment `<!-- handout -->`, each below its
//! heading, on one page. Where a word of the glossary comes first, it leads there.

use std::fmt::Write as _;

use crate::{chapters::Chapter, highlight::escape, markdown, marked::Part};

/// The chapter with the words.
const GLOSSARY: &str = "glossary";

/// All of it, in the order of the talk.
#[must_use]
pub fn handout(chapters: &[Chapter]) -> String {
    let glossary = chapters.iter().find(|chapter| chapter.id == GLOSSARY);
    let mut words = glossary.map_or(Vec::new(), |chapter| words(&chapter.html));
    let mut out = String::new();
    for chapter in chapters {
        for Part { heading, html } in &chapter.handout {
            let (id, name) = (&chapter.id, markdown::slug(heading));
            let _ = write!(out, "<section>\n<h2><a href=\"/chapter/{id}#{name}\">");
            escape(heading, &mut out);
            out.push_str("</a></h2>\n");
            link_words(html, &mut words, &mut out);
            out.push_str("</section>\n");
        }
    }
    out
}

/// A word of the glossary, and the name of its heading there.
struct Word {
    text: String,
    name: String,
}

/// The words of the glossary: those of a heading stand between commas, or in brackets.
fn words(glossary: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for heading in glossary.split("<h3 id=\"").skip(1) {
        let Some((name, rest)) = heading.split_once("\">") else { continue };
        let Some((texts, _)) = rest.split_once("</h3>") else { continue };
        for text in texts.split([',', '(', ')']).map(str::trim) {
            if !text.is_empty() && !text.contains('<') {
                words.push(Word { text: text.to_owned(), name: name.to_owned() });
            }
        }
    }
    words
}

/// Writes HTML with a link at the first place of each word; a word that got one is taken
/// off the list. What is a link or code already stays.
fn link_words(html: &str, words: &mut Vec<Word>, out: &mut String) {
    let mut inside = 0; // within how many links and pieces of code
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        if inside == 0 {
            link_text(text, words, out)
        } else {
            out.push_str(text)
        }
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let _ = write!(out, "<{tag}>");
        match tag.split(' ').next() {
            Some("a" | "code") => inside += 1,
            Some("/a" | "/code") => inside -= 1,
            _ => {}
        }
        rest = after;
    }
    out.push_str(rest);
}

fn link_text(text: &str, words: &mut Vec<Word>, out: &mut String) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((length, name)) = longest_word(rest, words) {
            let (word, after) = rest.split_at(length);
            let page = format!("/chapter/{GLOSSARY}#{name}");
            let _ = write!(out, "<a class=\"word\" href=\"{page}\">{word}</a>");
            words.retain(|word| word.name != name);
            rest = after;
            continue;
        }
        // On to the next word.
        let end = rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len());
        let (passed, after) = rest.split_at(end.max(first.len_utf8()));
        out.push_str(passed);
        rest = after;
    }
}

/// The longest word of the glossary with which a text begins, as it stands there, in the
/// plural, too: how many bytes it has, and its name.
fn longest_word(text: &str, words: &[Word]) -> Option<(usize, String)> {
    let found = words.iter().filter_map(|word| {
        let length = word.text.len();
        let start = text.get(..length)?;
        // An abbreviation is one in capital letters alone.
        let abbreviation = !word.text.contains(|c: char| c.is_lowercase());
        let same = start == word.text
            || !abbreviation && start.eq_ignore_ascii_case(&word.text);
        let after = &text[length..];
        let plural = after.strip_prefix('s').unwrap_or(after);
        let ends = |after: &str| !after.starts_with(is_letter);
        (same && (ends(after) || ends(plural))).then_some((length, &word.name))
    });
    let (length, name) = found.max_by_key(|(length, _)| *length)?;
    Some((length, name.clone()))
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_leads_to_the_glossary_where_it_comes_first() {
        let glossary = "<h3 id=\"ack\">answer (ACK)</h3> <h3 id=\"long\">long polling</h3> \
                        <h3 id=\"poll\">polling</h3>";
        let linked = |html: &str| {
            let mut out = String::new();
            link_words(html, &mut words(glossary), &mut out);
            out.replace(" class=\"word\"", "").replace("/chapter/glossary", "")
        };
        for (html, expected) in [
            ("<p>Polling.</p>", "<p><a href=\"#poll\">Polling</a>.</p>"),
            (
                "long polling, polling, polling",
                "<a href=\"#long\">long polling</a>, <a href=\"#poll\">polling</a>, polling",
            ),
            ("two answers", "two <a href=\"#ack\">answer</a>s"),
            ("back, ack, ACK", "back, ack, <a href=\"#ack\">ACK</a>"),
            ("é repolling pollingé", "é repolling pollingé"),
            ("<code>polling</code>", "<code>polling</code>"),
            ("<a href=\"x\"><b>polling</b></a>", "<a href=\"x\"><b>polling</b></a>"),
        ] {
            // The last text is behind the last tag.
            let closed = format!("{html}<i></i>");
            assert_eq!(linked(&closed), format!("{expected}<i></i>"));
        }
    }
}
