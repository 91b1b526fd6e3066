//! The glossary has the words of the talk, and says where each is from.

use crate::{Note, notes, nothing};

/// What no entry is needed for: methods and codes, names of products, and words in capitals.
const NO_WORDS: [&str; 21] = [
    "AC", "ADD", "API", "BERLIN", "CR", "CSV", "GET", "HTML", "ID", "IO", "JSON",
    "KB", "LONDON", "MB", "NATS", "OK", "PARIS", "POST", "URL", "UTF", "WHATWG",
];

/// What says where a definition is from.
const SOURCES: [&str; 6] =
    ["RFC ", "WHATWG ", "W3C ", "MQTT 3.1.1 §", "Here: ", "in general use"];

fn glossary() -> Note {
    let mut notes = notes();
    notes.retain(|note| note.name == "glossary.md");
    notes.pop().unwrap()
}

#[test]
fn each_word_says_where_its_definition_is_from() {
    let mut wrong = Vec::new();
    let sections = glossary().sections();
    let words: Vec<_> =
        sections.iter().filter(|section| section.heading.len() > 1).collect();
    for word in &words {
        let texts: Vec<_> = word.blocks.iter().map(|block| &*block.text).collect();
        let [text] = texts[..] else {
            wrong.push(format!("{}: expected one sentence", word.heading));
            continue;
        };
        if !SOURCES.iter().any(|source| text.contains(source)) {
            wrong.push(format!("{}: where is it from? {text}", word.heading));
        }
        // One sentence: no full stop that is followed by another one.
        if !text.ends_with('.') || text.contains(". ") {
            wrong.push(format!("{}: expected one sentence: {text}", word.heading));
        }
    }
    nothing(&wrong);
    assert!(words.len() > 100, "{}", words.len());
}

#[test]
fn each_abbreviation_of_the_talk_is_in_the_glossary() {
    let sections = glossary().sections();
    let known: String =
        sections.iter().map(|word| format!(" {} ", word.heading)).collect();
    let known: Vec<_> = known.split(|c: char| !c.is_alphanumeric()).collect();
    let (mut wrong, mut found) = (Vec::new(), 0);
    for note in notes().iter().filter(|note| note.is_chapter()) {
        let sections = note.sections();
        let spine = sections.iter().filter(|section| {
            section.blocks.iter().any(|block| block.text.starts_with("Say:"))
        });
        for section in spine {
            let said = section.blocks.iter().filter(|block| {
                block.language.is_none() && !block.text.starts_with("Note:")
            });
            let text: String =
                said.map(|block| format!("{} ", block.text)).collect();
            for word in text.split(|c: char| !c.is_alphanumeric()) {
                let capitals =
                    word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
                if !capitals || NO_WORDS.contains(&word) {
                    continue;
                }
                found += 1;
                if !known.contains(&word) {
                    wrong
                        .push(format!("{}: {}: {word}", note.name, section.heading));
                }
            }
        }
    }
    nothing(&wrong);
    assert!(found > 30, "{found}");
}
