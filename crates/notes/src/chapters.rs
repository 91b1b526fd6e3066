//! The chapters, from the files of the notes.

use serde::Serialize;

use crate::{
    markdown,
    marked::{self, Part},
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
/// ports in them, 3000 to 3006, become these; links lead to the sources of these techniques,
/// which are in the order of the talk.
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
    let text = markdown::read(text, techniques);
    let (mut all, _) = markdown::separate(text.clone());
    markdown::name_headings(&mut all);
    Some(Chapter {
        id: markdown::id(name).to_owned(),
        title: value("title")?,
        minutes: minutes("minutes"),
        short_minutes: minutes("short_minutes"),
        day_minutes: minutes("day_minutes"),
        technique: value("technique")
            .filter(|name| techniques.contains(&name.as_str())),
        demo: value("demo"),
        html: markdown::html(all),
        handout,
        slides: slides::split(text, short.as_deref()),
    })
}

/// Replaces the usual ports, 3000 to 3006, by these, where one follows a colon, the
/// word "port", or the start of a range: `localhost:3001`, "ports 3001 to 3005".
fn at_ports(text: &str, ports: &[u16; 7]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut last = usize::MAX; // where the last port ends
    while let Some(start) = rest.find("300") {
        let (before, number) = rest.split_at(start);
        out.push_str(before);
        let end = number.find(|c: char| !c.is_ascii_digit());
        let (number, after) = number.split_at(end.unwrap_or(number.len()));
        rest = after;
        let is_port = [":", "port ", "ports "]
            .iter()
            .any(|word| out.ends_with(word))
            || out.get(last..).is_some_and(|since| [" to ", "-"].contains(&since));
        let usual = number
            .parse()
            .ok()
            .and_then(|number: usize| ports.get(number.checked_sub(3000)?));
        match usual.filter(|_| is_port) {
            Some(port) => {
                out.push_str(&port.to_string());
                last = out.len();
            }
            None => out.push_str(number),
        }
    }
    out + rest
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
    fn the_ports_are_the_workshops_own() {
        let at =
            |text| super::at_ports(text, &[4000, 4001, 80, 4003, 4004, 51_234, 6]);
        for (text, shown) in [
            ("`http://[::1]:3000/`", "`http://[::1]:4000/`"),
            ("Host: localhost:3005\n", "Host: localhost:51234\n"),
            ("port 3004 (port 3002).", "port 4004 (port 80)."),
            ("ports 3000 to 3006", "ports 4000 to 6"),
            ("lsof -iTCP:3001-3005", "lsof -iTCP:4001-51234"),
        ] {
            assert_eq!(at(text), shown);
        }
        for text in [
            "head -c 3000",
            "1000 and 3000 to 4999",
            "port 3104",
            ":30011",
            ":300",
            "port 3007",
        ] {
            assert_eq!(at(text), text);
        }
    }

    #[test]
    fn the_text_is_without_the_speakers_notes() {
        let html = super::chapter("07-sse", TEXT, &["sse"]).unwrap().html;
        assert!(html.contains(r#"<h2 id="what-it-is">"#), "{html}");
        assert!(html.contains("a fact") && !html.contains("slowly"), "{html}");
    }
}
