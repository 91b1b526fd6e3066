//! A chapter's Markdown, cut into slides.

use pulldown_cmark::{Event, HeadingLevel, Tag};

use crate::{markdown, timing};

/// What is projected at once, and what the speaker has beside it.
#[derive(Debug)]
pub struct Slide {
    /// The name of its heading in links; None for the first of a chapter.
    pub name: Option<String>,
    /// Which talks stop at it.
    pub paths: Paths,
    /// How long they stop there.
    pub seconds: u32,
    /// How many words the speaker says there.
    pub words: u32,
    pub(crate) html: String,
    /// What is for the speaker alone.
    pub(crate) notes: String,
}

/// The talks of different lengths through the same slides. One at which none stops is to
/// be read at home.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Paths {
    /// 45 minutes: the slides that the front matter of a chapter names.
    pub short: bool,
    /// 90 minutes: the slides that have something to **Say:**.
    pub long: bool,
    /// A day, or 180 minutes: these, and all with something to **Do:**.
    pub day: bool,
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
        let timing = timing::read(&events);
        let long = timing.words > 0;
        let (html, notes) = markdown::separate(events);
        Slide {
            name,
            paths: Paths { short, long, day: long || timing.does },
            seconds: timing.seconds(),
            words: timing.words,
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
