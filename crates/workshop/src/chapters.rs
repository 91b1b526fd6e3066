use std::{fs, path::Path};

use serde::Serialize;

use crate::{
    markdown, servers,
    slides::{self, Slide},
};

/// A chapter of the talk, from `workshop-notes/NN-id.md`.
#[derive(Debug, Serialize)]
pub(crate) struct Chapter {
    pub(crate) id: String,
    pub(crate) title: String,
    /// None for what is no part of the talk, such as the glossary.
    pub(crate) minutes: Option<u32>,
    /// In the short talk; None, when it has no place there.
    short_minutes: Option<u32>,
    pub(crate) technique: Option<String>,
    /// The page that shows what it is about.
    demo: Option<String>,
    /// The text, rendered.
    #[serde(skip)]
    pub(crate) html: String,
    #[serde(skip)]
    pub(crate) slides: Vec<Slide>,
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
    let minutes = |key| value(key).and_then(|minutes| minutes.parse().ok());
    let text = markdown::read(text);
    let (mut all, _) = markdown::separate(text.clone());
    markdown::name_headings(&mut all);
    Some(Chapter {
        id: markdown::id(name).to_owned(),
        title: value("title")?,
        minutes: minutes("minutes"),
        short_minutes: minutes("short_minutes"),
        technique: value("technique").filter(|name| servers::index(name).is_some()),
        demo: value("demo"),
        html: markdown::html(all),
        slides: slides::split(text),
    })
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
        let chapter = super::chapter("07-sse", TEXT).unwrap();
        assert_eq!(chapter.id, "sse");
        assert_eq!(chapter.title, "Server-sent events");
        assert_eq!((chapter.minutes, chapter.short_minutes), (Some(9), None));
        assert_eq!(chapter.technique.as_deref(), Some("sse"));
        assert!(super::chapter("README", "# no front matter").is_none());
    }

    #[test]
    fn the_text_is_without_the_speakers_notes() {
        let html = super::chapter("07-sse", TEXT).unwrap().html;
        assert!(html.contains(r#"<h2 id="what-it-is">"#), "{html}");
        assert!(html.contains("a fact") && !html.contains("slowly"), "{html}");
    }
}
