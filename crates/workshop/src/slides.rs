use std::fmt::Write as _;

use pulldown_cmark::{Event, HeadingLevel, Tag};

use crate::{chapters::Chapter, markdown, source};

/// What is projected at once, and what the speaker has beside it.
#[derive(Debug)]
pub(crate) struct Slide {
    html: String,
    notes: String,
    /// Whether the short talk stops at it.
    short: bool,
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
        let heading = markdown::heading(&events);
        let short = short.is_some_and(|names| {
            heading.is_none_or(|name| names.contains(&name.as_str()))
        });
        let (html, notes) = markdown::separate(events);
        Slide { html: markdown::html(html), notes: markdown::html(notes), short }
    };
    slides.into_iter().map(slide).collect()
}

/// The talk: a section for each slide, which a script shows. Its id is the chapter's and
/// its number there.
pub(crate) fn sections(chapters: &[Chapter]) -> String {
    let mut out = String::new();
    let talk = chapters.iter().filter(|chapter| chapter.minutes.is_some());
    for (place, chapter) in talk.enumerate() {
        let technique = chapter.technique.as_deref().unwrap_or_default();
        let mut title = String::new();
        source::escape(&chapter.title, &mut title);
        for (slide, number) in chapter.slides.iter().zip(1..) {
            let short = if slide.short { " data-short" } else { "" };
            let _ = write!(
                out,
                "<section id=\"{0}/{number}\" data-chapter=\"{0}\" \
                 data-technique=\"{technique}\"{short} hidden class=\"slide",
                chapter.id
            );
            if number == 1 {
                let place = place + 1;
                let _ = writeln!(
                    out,
                    " first\" data-place=\"{place}\">\n<h1>{title}</h1>\n{}</section>",
                    slide.html
                );
            } else {
                let _ = writeln!(out, "\">\n{}</section>", slide.html);
            }
        }
    }
    out
}

/// What the speaker has beside each of the sections.
pub(crate) fn notes(chapters: &[Chapter]) -> String {
    let mut out = String::new();
    for chapter in chapters {
        for (slide, number) in chapter.slides.iter().zip(1..) {
            let (id, notes) = (&chapter.id, &slide.notes);
            let _ = writeln!(out, "<div data-of=\"{id}/{number}\">\n{notes}</div>");
        }
    }
    out
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
        let slides = split(markdown::read(TEXT), None);
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
            let slides = split(markdown::read(TEXT), short);
            slides.iter().map(|slide| slide.short).collect::<Vec<_>>()
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
            let slides = split(markdown::read(&text), None);
            assert!(slides[0].html.starts_with(expected), "{}", slides[0].html);
        }
    }
}
