use std::fmt::Write as _;

use pulldown_cmark::{Event, HeadingLevel, Tag};

use crate::{chapters::Chapter, markdown, source};

/// What is projected at once, and what the speaker has beside it.
#[derive(Debug)]
pub(crate) struct Slide {
    html: String,
    notes: String,
}

/// One slide for what comes before the first `##`, and one for each.
pub(crate) fn split(text: Vec<Event<'_>>) -> Vec<Slide> {
    let mut slides = vec![Vec::new()];
    for event in text {
        let level = HeadingLevel::H2;
        if matches!(&event, Event::Start(Tag::Heading { level: it, .. }) if *it == level)
        {
            slides.push(Vec::new());
        }
        slides.last_mut().into_iter().for_each(|slide| slide.push(event.clone()));
    }
    let slide = |events| {
        let (html, notes) = markdown::separate(events);
        Slide { html: markdown::html(html), notes: markdown::html(notes) }
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
            let _ = write!(
                out,
                "<section id=\"{0}/{number}\" data-chapter=\"{0}\" \
                 data-technique=\"{technique}\" hidden class=\"slide",
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
