//! The chapters, from the files of the notes.

use pulldown_cmark::{Event, Tag};
use serde::Serialize;

use crate::{
    markdown,
    marked::{self, Part},
    ports::at_ports,
    slides::{self, Slide, TalkPath},
};

/// A chapter of the talk, from `workshop-notes/NN-id.md`.
#[derive(Debug, Serialize)]
pub struct Chapter {
    /// Its name in the addresses of its pages.
    pub id: String,
    /// What the pages call it.
    pub title: String,
    /// None for what is no part of the talk, such as the glossary.
    pub minutes: Option<u32>,
    /// In the short talk; None, when it has no place there.
    pub short_minutes: Option<u32>,
    /// In the talk of a day, with its experiments and exercises.
    pub day_minutes: Option<u32>,
    /// The technique that it is about, if it is one.
    pub technique: Option<String>,
    /// The page that shows what it is about.
    demo: Option<String>,
    /// The text, rendered.
    #[serde(skip)]
    pub html: String,
    /// What of it is on the handout.
    #[serde(skip)]
    pub(crate) handout: Vec<Part>,
    /// What the text is on the projector.
    #[serde(skip)]
    pub slides: Vec<Slide>,
}

impl Chapter {
    /// The minutes that a talk has for it; 0, when it leaves it out.
    #[must_use]
    pub fn minutes_in(&self, path: TalkPath) -> u32 {
        let minutes = match path {
            TalkPath::Short => self.short_minutes,
            TalkPath::Long => self.minutes,
            TalkPath::Day => self.day_minutes,
        };
        minutes.unwrap_or(0)
    }
}

/// All chapters of these files, each with its name and text, in their order. The usual
/// ports in them become these: 3000 to 3006, and 4000 to 4006 of a proxy. Links lead to the
/// sources of these techniques, which are in the order of the talk.
pub fn read(
    files: impl IntoIterator<Item = (String, String)>,
    ports: &[u16; 7],
    techniques: &[&str],
) -> Vec<Chapter> {
    let chapters = files.into_iter().filter_map(|(name, text)| {
        let name = name.strip_suffix(".md")?;
        chapter(name, &at_ports(&text, ports), techniques)
    });
    chapters.collect()
}

/// Reads a file: `key: value` lines between two lines `---`, then Markdown. Without
/// them, it is not for the pages.
fn chapter(name: &str, text: &str, techniques: &[&str]) -> Option<Chapter> {
    let (front, text) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let value = |key: &str| {
        front.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name == key).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let minutes = |key| value(key).and_then(|minutes| minutes.parse().ok());
    let short = value("short");
    let short: Option<Vec<_>> =
        short.as_ref().map(|names| names.split(", ").collect());
    let handout = marked::parts(text, techniques);
    let mut text = markdown::read(text, techniques);
    let technique =
        value("technique").filter(|name| techniques.contains(&name.as_str()));
    beside_node(&mut text, technique.as_deref());
    let (mut all, _) = markdown::separate(text.clone());
    markdown::name_headings(&mut all);
    Some(Chapter {
        id: markdown::id(name).to_owned(),
        title: value("title")?,
        minutes: minutes("minutes"),
        short_minutes: minutes("short_minutes"),
        day_minutes: minutes("day_minutes"),
        technique,
        demo: value("demo"),
        html: markdown::html(all),
        handout,
        slides: slides::split(text, short.as_deref()),
    })
}

/// The link to the same on Node shows it beside the chapter's own technique.
fn beside_node(events: &mut [Event<'_>], technique: Option<&str>) {
    for event in events {
        if let (Event::Start(Tag::Link { dest_url, .. }), Some(name)) =
            (event, technique)
            && **dest_url == *markdown::NODE
        {
            let left = format!("left={name}");
            *dest_url = markdown::NODE.replace("left=sse", &left).into();
        }
    }
}

#[cfg(test)]
mod tests {
    const TEXT: &str = "---
title: Server-sent events
minutes: 9
technique: sse
---
A stream.

## What it is

- a fact
- **Note:** say it slowly
";

    #[test]
    fn the_front_matter_says_what_it_is() {
        let chapter = super::chapter("07-sse", TEXT, &["sse"]).unwrap();
        assert_eq!(chapter.id, "sse");
        assert_eq!(chapter.title, "Server-sent events");
        assert_eq!((chapter.minutes, chapter.short_minutes), (Some(9), None));
        assert_eq!(chapter.technique.as_deref(), Some("sse"));
        assert!(super::chapter("README", "# no front matter", &["sse"]).is_none());
    }

    #[test]
    fn the_text_is_without_the_speakers_notes() {
        let html = super::chapter("07-sse", TEXT, &["sse"]).unwrap().html;
        assert!(html.contains(r#"<h2 id="what-it-is">"#), "{html}");
        assert!(html.contains("a fact") && !html.contains("slowly"), "{html}");
    }

    #[test]
    fn the_same_on_node_is_beside_the_technique_of_the_chapter() {
        let text = "---\ntitle: Long polling\ntechnique: long-poll\n---\n\
            [All](../crates/bench/peers/node/server.js)";
        let html =
            super::chapter("05-long-poll", text, &["long-poll"]).unwrap().html;
        assert!(html.contains("/source?left=long-poll&amp;right=node"), "{html}");
    }
}
