//! A figure says how to see it. Whatever has a number with a unit stands in a section
//! that names a command, a page, a flag, a section of a standard, or a link to where
//! the figure is from; and what was measured says so in its own paragraph.

use crate::{Block, notes, nothing};

/// What makes a number a figure.
const UNITS: [&str; 12] =
    ["ms", "s", "B", "KB", "kB", "KiB", "MB", "MiB", "GB", "bytes", "%", "×"];

/// Sections that need nothing of this, by the beginning of a paragraph or of their
/// heading, and why.
const SECTIONS: [(&str, &str); 2] = [
    ("Do:", "whoever does it sees it"),
    ("Where the figures are from", "it is the source"),
];

/// Paragraphs that need nothing of this, by their beginning, and why.
const PARAGRAPHS: [(&str, &str); 2] = [
    ("Ask:", "a question, for the room to work out"),
    (
        "Demo: (280 s) The quiz",
        "the questions have their figures in their explanations",
    ),
];

/// Whether a text has a number with a unit, beside the time that is reserved for it.
fn has_figure(text: &str) -> bool {
    let timed = text.split_once(": (").and_then(|(_, rest)| rest.split_once(" s) "));
    let text = match timed {
        Some((seconds, rest)) if seconds.parse::<u32>().is_ok() => rest,
        _ => text,
    };
    let words: Vec<_> = text.split(' ').collect();
    words.iter().enumerate().any(|(at, word)| {
        let word = word.trim_start_matches(['(', '~', '"']);
        let rest = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let unit = match rest {
            "" if !word.is_empty() => words.get(at + 1).copied().unwrap_or_default(),
            rest if rest.len() < word.len() => rest,
            _ => return false,
        };
        let end = unit.find(|c: char| !c.is_alphabetic() && !"%×".contains(c));
        UNITS.contains(&&unit[..end.unwrap_or(unit.len())])
    })
}

/// Whether it says how to see what it tells, or where that is from.
fn has_source(block: &Block) -> bool {
    let shows = |code: &String| {
        let program = code.split(' ').next().unwrap_or_default();
        ["cargo", "curl", "head", "node", "printf", "ss"].contains(&program)
            || ["scripts/", "/", "--"].iter().any(|start| program.starts_with(start))
    };
    block.code.iter().any(shows)
        || !block.links.is_empty()
        || ["RFC ", "§"].iter().any(|standard| block.text.contains(standard))
}

#[test]
fn every_figure_says_how_to_see_it() {
    let mut wrong = Vec::new();
    for note in notes() {
        for section in note.sections() {
            let paragraphs = section.blocks.iter().map(|block| &block.text);
            let mut texts = paragraphs.chain([&section.heading]);
            if texts.any(|text| SECTIONS.iter().any(|(s, _)| text.starts_with(s))) {
                continue;
            }
            let source = section.blocks.iter().any(has_source);
            for block in &section.blocks {
                let measured = ["Measured", "measured", " was seen", "Seen with"]
                    .iter()
                    .any(|word| block.text.contains(word));
                let fine = !has_figure(&block.text) && !measured
                    || has_source(block)
                    || source && !measured
                    || PARAGRAPHS
                        .iter()
                        .any(|(start, _)| block.text.starts_with(start));
                if !fine {
                    let heading = &section.heading;
                    wrong.push(format!("{}: {heading}: {}", note.name, block.text));
                }
            }
        }
    }
    nothing(&wrong);
}

#[test]
fn a_number_with_a_unit_is_a_figure() {
    for figure in
        ["17 ms", "(2.5 s.)", "97 %", "37% more", "12.6 GB of heads", "115×"]
    {
        assert!(has_figure(figure), "{figure}");
    }
    for none in ["RFC 9112", "HTTP/1.1 says", "port 3001", "two seconds", "5 steps"]
    {
        assert!(!has_figure(none), "{none}");
    }
}
