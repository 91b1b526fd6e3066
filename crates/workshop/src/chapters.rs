use std::{fs, path::Path};

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

use crate::servers;

/// A chapter of the talk, from `workshop-notes/NN-id.md`.
#[derive(Debug, Serialize)]
pub(crate) struct Chapter {
    pub(crate) id: String,
    pub(crate) title: String,
    /// None for what is no part of the talk, such as the glossary.
    minutes: Option<u32>,
    pub(crate) technique: Option<String>,
    /// The text, rendered.
    #[serde(skip)]
    pub(crate) html: String,
}

/// All chapters, in their order.
pub(crate) fn read(folder: &Path) -> std::io::Result<Vec<Chapter>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    let mut chapters = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        chapters.extend(chapter(&name, &text));
    }
    Ok(chapters)
}

/// Reads a file: `key: value` lines between two lines `---`, then Markdown. Without
/// them, it is not for the pages.
fn chapter(name: &str, text: &str) -> Option<Chapter> {
    let (front, text) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let value = |key: &str| {
        front.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name == key).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Some(Chapter {
        id: id(name).to_owned(),
        title: value("title")?,
        minutes: value("minutes").and_then(|minutes| minutes.parse().ok()),
        technique: value("technique").filter(|name| servers::index(name).is_some()),
        html: render(text),
    })
}

/// `05-sse` is the chapter `sse`.
fn id(name: &str) -> &str {
    name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-')
}

/// Markdown as HTML, without what is for the speaker. Markup in the text is left out.
fn render(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut items = Vec::new();
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => continue,
            Event::Start(Tag::Item) => items.push(events.len()),
            _ => {}
        }
        let end = matches!(event, Event::End(TagEnd::Item));
        events.push(match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = link(dest_url);
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = format!("/notes/{dest_url}").into();
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            event => event,
        });
        if end && let Some(start) = items.pop() {
            if is_for_the_speaker(&events[start..]) {
                events.truncate(start);
            }
        }
    }
    // A list of which nothing is left.
    let mut kept: Vec<Event<'_>> = Vec::new();
    for event in events {
        let empty = matches!(event, Event::End(TagEnd::List(_)))
            && matches!(kept.last(), Some(Event::Start(Tag::List(_))));
        if empty {
            kept.pop();
        } else {
            kept.push(event);
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, kept.into_iter());
    out
}

/// A list item that begins with **Note:**, **Ask:** or **Demo:**.
fn is_for_the_speaker(item: &[Event<'_>]) -> bool {
    let mut inside = item
        .iter()
        .skip(1)
        .filter(|event| !matches!(event, Event::Start(Tag::Paragraph)));
    matches!(inside.next(), Some(Event::Start(Tag::Strong)))
        && matches!(inside.next(), Some(Event::Text(text))
            if ["Note", "Ask", "Demo"].contains(&text.trim_end_matches(':')))
}

/// A link between the files of the repository, as one between pages. What leads out of
/// the notes has no page, and is shown as it stands.
fn link(to: CowStr<'_>) -> CowStr<'_> {
    let (file, fragment) = to.split_once('#').unwrap_or((&to, ""));
    match file.strip_suffix(".md") {
        Some(name) if !name.contains('/') && !name.is_empty() => {
            let mut page = format!("/chapter/{}", id(name));
            if !fragment.is_empty() {
                page = format!("{page}#{fragment}");
            }
            page.into()
        }
        _ => to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---
title: Server-sent events
minutes: 9
technique: sse
---
# Server-sent events

<script>alert(1)</script>

See [long polling](05-long-poll.md#wire) & more.

- a fact
- **Note:** say it slowly
";

    #[test]
    fn the_front_matter_says_what_it_is() {
        let chapter = chapter("07-sse", TEXT).unwrap();
        assert_eq!(chapter.id, "sse");
        assert_eq!(chapter.title, "Server-sent events");
        assert_eq!(chapter.minutes, Some(9));
        assert_eq!(chapter.technique.as_deref(), Some("sse"));
        assert!(super::chapter("README", "# no front matter").is_none());
    }

    #[test]
    fn the_text_is_markup_of_ours_alone_and_without_the_speakers_notes() {
        let html = chapter("07-sse", TEXT).unwrap().html;
        assert!(html.contains(r#"<a href="/chapter/long-poll#wire">"#), "{html}");
        assert!(html.contains("&amp; more"), "{html}");
        assert!(html.contains("a fact"), "{html}");
        assert!(!html.contains("slowly") && !html.contains("script"), "{html}");
    }
}
