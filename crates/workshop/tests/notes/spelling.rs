//! Words are spelled as in the dictionary, or stand in `workshop-notes/words.txt`.
//!
//! Needs the program `hunspell` and its American dictionary; `scripts/test` installs
//! them.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use crate::{Note, notes, nothing, root};

/// The text of a note, without code.
fn text(note: &Note) -> String {
    let sections = note.sections().into_iter().flat_map(|section| {
        let blocks = section.blocks.into_iter().map(|block| block.text);
        [section.heading].into_iter().chain(blocks).collect::<Vec<_>>()
    });
    sections.collect::<Vec<_>>().join("\n")
}

/// The text of the quiz, without code and its keys.
fn quiz() -> String {
    let quiz = fs::read_to_string(root().join("workshop-notes/quiz.toml")).unwrap();
    let said = quiz.lines().filter(|line| {
        ["text", "answers", "explanation"].iter().any(|key| line.starts_with(key))
    });
    let said = said.collect::<Vec<_>>().join("\n").replace('’', "'");
    said.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The words that the dictionary does not have.
fn unknown(text: &str) -> Vec<String> {
    let mut hunspell = Command::new("hunspell")
        .args(["-l", "-d", "en_US"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("hunspell is there: scripts/test installs it");
    // It cuts a line at 8 KiB, and a word with it.
    let lines = text.split_whitespace().collect::<Vec<_>>().join("\n");
    hunspell.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = hunspell.wait_with_output().unwrap();
    assert!(output.status.success(), "hunspell has its dictionary en_US");
    let words = String::from_utf8(output.stdout).unwrap();
    let mut words: Vec<_> = words.lines().map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}

#[test]
fn every_word_is_in_the_dictionary_or_in_the_list() {
    let list = fs::read_to_string(root().join("workshop-notes/words.txt")).unwrap();
    let list: Vec<_> = list.lines().collect();
    let mut texts: Vec<_> =
        notes().iter().map(|n| (n.name.clone(), text(n))).collect();
    texts.push(("quiz.toml".into(), quiz()));
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let mut words = unknown(text);
        words.retain(|word| !list.contains(&word.as_str()));
        wrong.extend(words.iter().map(|word| format!("{name}: {word}")));
    }
    // The list does not outlive its words.
    let unused =
        list.iter().filter(|word| !texts.iter().any(|(_, t)| t.contains(**word)));
    wrong.extend(unused.map(|word| format!("words.txt: {word} is in no note")));
    nothing(&wrong);
}
