//! What takes time on a slide: what its speaker says, and the seconds that are reserved for
//! what happens there.

use pulldown_cmark::{Event, Tag, TagEnd};

/// What takes time on a slide.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    /// The text after **Say:** and **Next:**; empty, when there is nothing to say.
    pub(crate) said: String,
    /// Whether there is something to **Do:** for the room.
    pub(crate) does: bool,
    /// Seconds, as in "**Demo:** (60 s) …".
    pub(crate) reserved: u32,
}

/// Reads the items and paragraphs that begin with a label in bold.
pub(crate) fn read(events: &[Event<'_>]) -> Timing {
    let mut timing = Timing::default();
    let mut items = 0; // within how many list items
    let mut saying = false; // in this item or paragraph
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Item) => {
                items += 1;
                saying = false;
            }
            Event::Start(Tag::Paragraph) if items == 0 => saying = false,
            Event::End(TagEnd::Item) => {
                items -= 1;
                saying = false;
            }
            Event::Text(text) if is_label(&events[..at]) => {
                timing.does |= **text == *"Do:";
                if let Some(Event::Text(after)) = events.get(at + 2) {
                    timing.reserved += reserved(after).unwrap_or(0);
                }
                saying = ["Say:", "Next:"].contains(&&**text);
            }
            Event::Text(text) | Event::Code(text) if saying => {
                timing.said += text;
            }
            Event::SoftBreak if saying => timing.said.push(' '),
            _ => {}
        }
    }
    timing
}

/// Whether what comes next is in bold, at the beginning of an item or a paragraph.
fn is_label(before: &[Event<'_>]) -> bool {
    matches!(
        before,
        [.., Event::Start(Tag::Item | Tag::Paragraph), Event::Start(Tag::Strong)]
    )
}

/// The seconds in "(60 s) and so on".
fn reserved(text: &str) -> Option<u32> {
    text.trim_start().strip_prefix('(')?.split_once(" s)")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown;

    fn timing(text: &str) -> Timing {
        read(&markdown::read(text, &[]))
    }

    #[test]
    fn what_is_said_and_what_is_reserved_takes_time() {
        let slide = timing(
            "## One\n\nA fact (30 s), **bold** (9 s).\n\n**Do:** (90 s) open it.\n\n\
             - **Say:** Five `words` and *no* more.\n- **Ask:** (20 s) Who? **Answer:** (7 s) You.\n\
             - **Note:** further words\n",
        );
        let said = " Five words and no more.".into();
        assert_eq!(slide, Timing { said, does: true, reserved: 110 });
    }

    #[test]
    fn without_a_label_nothing_takes_time() {
        assert_eq!(
            timing("## One\n\nText.\n\n- a **word** (10 s)\n"),
            Timing::default()
        );
        assert_eq!(timing("- **Note:** (10 minutes) long\n"), Timing::default());
    }
}
