//! A chapter's Markdown, cut into slides.

use pulldown_cmark::{Event, HeadingLevel, Tag};
use serde::{Deserialize, Serialize};

use crate::{
    markdown,
    timing::{self, Timing},
};

/// Calm enough for listeners whose second language it is.
const WORDS_PER_MINUTE: u32 = 100;

/// What is projected at once, and what the speaker has beside it.
#[derive(Debug)]
pub struct Slide {
    /// The name of its heading in links; None for the first of a chapter.
    pub name: Option<String>,
    /// Which talks stop at it.
    pub paths: Paths,
    /// What the speaker says there.
    pub said: String,
    /// The seconds that are reserved for what happens there.
    pub reserved: u32,
    pub(crate) html: String,
    /// What is for the speaker alone.
    pub(crate) notes: String,
}

impl Slide {
    /// How many seconds the talk stops here.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        let words: u32 = self.said.split_whitespace().map(|_| 1).sum();
        words * 60 / WORDS_PER_MINUTE + self.reserved
    }
}

/// A length of the talk.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum TalkPath {
    /// 45 minutes: the slides that the front matter of a chapter names.
    Short,
    /// 90 minutes: the slides that have something to **Say:**.
    Long,
    /// A day, or 180 minutes: these, and all with something to **Do:**.
    Day,
}

impl TalkPath {
    /// All of them, with their names in the pages.
    pub const ALL: [(Self, &str); 3] =
        [(Self::Short, "short"), (Self::Long, "long"), (Self::Day, "day")];

    /// How long it is.
    #[must_use]
    pub fn minutes(self) -> u32 {
        match self {
            Self::Short => 45,
            Self::Long => 90,
            Self::Day => 180,
        }
    }
}

/// Which talks stop at a slide. One at which none stops is to be read at home.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Paths {
    short: bool,
    long: bool,
    day: bool,
}

impl Paths {
    /// Whether this talk stops there.
    #[must_use]
    pub fn has(self, path: TalkPath) -> bool {
        match path {
            TalkPath::Short => self.short,
            TalkPath::Long => self.long,
            TalkPath::Day => self.day,
        }
    }
}

/// One slide for what comes before the first `##`, and one for each. `short`: the names
/// of the headings at which the short talk stops; None, when it leaves all out.
pub(crate) fn split(text: Vec<Event<'_>>, short: Option<&[&str]>) -> Vec<Slide> {
    let mut slides = vec![Vec::new()];
    for event in text {
        if let Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) = event {
            slides.push(Vec::new());
        }
        if let Some(slide) = slides.last_mut() {
            slide.push(event);
        }
    }
    let slide = |events: Vec<_>| {
        let name = markdown::heading(&events);
        let short = short.is_some_and(|names| {
            name.as_ref().is_none_or(|name| names.contains(&name.as_str()))
        });
        let Timing { said, does, reserved } = timing::read(&events);
        let long = !said.is_empty();
        let (html, notes) = markdown::separate(events);
        Slide {
            name,
            paths: Paths { short, long, day: long || does },
            said,
            reserved,
            html: markdown::html(html),
            notes: markdown::html(notes),
        }
    };
    slides.into_iter().map(slide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "What it is about.

## Who & why

- a fact
- **Ask:** who knows?

### A detail

## Two

- **Note:** nothing else
";

    #[test]
    fn each_heading_is_a_slide_and_the_beginning_is_one() {
        let slides = split(markdown::read(TEXT, &[]), None);
        assert_eq!(slides.len(), 3);
        assert_eq!(slides[0].html, "<p>What it is about.</p>\n");
        assert_eq!(slides[0].notes, "");
        let html = &slides[1].html;
        assert!(html.starts_with("<h2>Who &amp; why</h2>"), "{html}");
        assert!(html.contains("a fact") && html.contains("A detail"), "{html}");
        assert!(!html.contains("who knows"), "{html}");
        assert!(slides[1].notes.contains("who knows?"));
        assert_eq!(slides[2].html, "<h2>Two</h2>\n");
        assert!(slides[2].notes.contains("nothing else"));
    }

    #[test]
    fn the_short_talk_stops_at_the_beginning_and_at_what_is_named() {
        let stops = |short| {
            let slides = split(markdown::read(TEXT, &[]), short);
            slides.iter().map(|slide| slide.paths.short).collect::<Vec<_>>()
        };
        assert_eq!(stops(None), [false, false, false]);
        assert_eq!(stops(Some(&["two"])), [true, false, true]);
        assert_eq!(stops(Some(&["who--why", "a-detail"])), [true, true, false]);
    }

    #[test]
    fn what_is_said_calmly_takes_time() {
        let text = "- **Say:** Five words, and no more.\n- **Demo:** (20 s) it\n";
        let slides = split(markdown::read(text, &[]), None);
        assert_eq!(slides[0].seconds(), 23);
        assert!(slides[0].paths.has(TalkPath::Long));
        assert!(!slides[0].paths.has(TalkPath::Short));
    }

    #[test]
    fn code_that_is_wide_or_long_says_so() {
        let classes = [
            (format!("```\n{}\n```", "x".repeat(71)), "<pre class=\"wide\" "),
            (format!("```\n{}```", "x\n".repeat(13)), "<pre class=\"long\" "),
            (format!("```\n{}```", "x\n".repeat(12)), "<pre tabindex"),
        ];
        for (text, expected) in classes {
            let slides = split(markdown::read(&text, &[]), None);
            assert!(slides[0].html.starts_with(expected), "{}", slides[0].html);
        }
    }
}
