//! All chapters as one row of slides, and what the speaker has beside each.

use std::fmt::Write as _;

use crate::{chapters::Chapter, highlight::escape, slides::TalkPath};

/// The talk: a section for each slide, which a script shows. Its id is the chapter's and
/// its number there.
#[must_use]
pub fn sections(chapters: &[Chapter]) -> String {
    let mut out = String::new();
    let talk = chapters.iter().filter(|chapter| chapter.minutes.is_some());
    for (place, chapter) in talk.enumerate() {
        let technique = chapter.technique.as_deref().unwrap_or_default();
        let mut title = String::new();
        escape(&chapter.title, &mut title);
        for (slide, number) in chapter.slides.iter().zip(1..) {
            let paths = TalkPath::ALL.into_iter();
            let paths = paths
                .filter_map(|(path, name)| slide.paths.has(path).then_some(name));
            let paths = paths.collect::<Vec<_>>().join(" ");
            let _ = write!(
                out,
                "<section id=\"{0}/{number}\" data-chapter=\"{0}\" \
                 data-technique=\"{technique}\" data-paths=\"{paths}\" \
                 data-seconds=\"{1}\" hidden class=\"slide",
                chapter.id,
                slide.seconds()
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
#[must_use]
pub fn speaker_notes(chapters: &[Chapter]) -> String {
    let mut out = String::new();
    for chapter in chapters {
        for (slide, number) in chapter.slides.iter().zip(1..) {
            let (id, notes) = (&chapter.id, &slide.notes);
            let _ = writeln!(out, "<div data-of=\"{id}/{number}\">\n{notes}</div>");
        }
    }
    out
}
