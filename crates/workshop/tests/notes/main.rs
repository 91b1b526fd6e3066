//! The notes are true: links lead somewhere, code is the code, bytes are what the
//! servers send, commands exist, figures say how to see them, minutes add up.
//!
//! ```sh
//! cargo test -p workshop --test notes
//! UPDATE_NOTES=1 cargo test -p workshop --test notes   # writes what differs
//! ```
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

mod behind_blocks;
mod blocks;
mod claims;
mod commands;
mod figures;
mod links;
mod mqtt_block;
mod names;
mod pushed;
mod retracted;
mod spelling;
mod time;
mod wire_blocks;
mod words_of_standards;

use std::{
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A Markdown file of the project.
struct Note {
    path: PathBuf,
    /// Its name, such as `07-sse.md`.
    name: String,
    text: String,
}

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The notes, in their order.
fn notes() -> Vec<Note> {
    let folder = fs::read_dir(root().join("workshop-notes")).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Note {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Note { path: path.to_owned(), name, text: fs::read_to_string(path).unwrap() }
}

/// A part of a note: from one heading to the next.
#[derive(Default)]
struct Section {
    heading: String,
    blocks: Vec<Block>,
}

/// A paragraph, a list item, a table, or a block of code.
#[derive(Default)]
struct Block {
    /// What is said, without code.
    text: String,
    /// Code within the text; of a block of code, its lines.
    code: Vec<String>,
    /// Where it leads to.
    links: Vec<String>,
    /// `sh` and the like, if it is a block of code.
    language: Option<String>,
}

impl Note {
    /// The value of a line between the two `---` at the top.
    fn front(&self, key: &str) -> Option<&str> {
        let (front, _) = self.text.strip_prefix("---\n")?.split_once("\n---\n")?;
        let mut lines = front.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Whether it is a chapter of the talk, such as `07-sse.md`.
    fn is_chapter(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_digit())
    }

    /// What is below the `---`.
    fn body(&self) -> &str {
        match self.text.strip_prefix("---\n") {
            Some(rest) => rest.split_once("\n---\n").unwrap().1,
            None => &self.text,
        }
    }

    /// All of it, heading by heading.
    fn sections(&self) -> Vec<Section> {
        let mut sections = vec![Section::default()];
        let mut block = Block::default();
        let mut in_heading = false;
        for event in Parser::new_ext(self.body(), Options::ENABLE_TABLES) {
            let ends = matches!(
                event,
                Event::End(
                    TagEnd::Paragraph
                        | TagEnd::Item
                        | TagEnd::Table
                        | TagEnd::CodeBlock
                        | TagEnd::Heading(_)
                )
            );
            match event {
                Event::Start(Tag::Heading { .. }) => {
                    sections.push(Section::default());
                    in_heading = true;
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let pulldown_cmark::CodeBlockKind::Fenced(language) = kind
                    else {
                        panic!("{}: code by indentation", self.name)
                    };
                    block.language = Some(language.into_string());
                }
                Event::Start(
                    Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. },
                ) => block.links.push(dest_url.into_string()),
                Event::Text(text) if block.language.is_some() => {
                    block.code.extend(text.lines().map(str::to_owned));
                }
                Event::Text(text) => block.text.push_str(&text),
                Event::Code(code) => {
                    if in_heading {
                        block.text.push_str(&code);
                    }
                    block.text.push_str(" ` ");
                    block.code.push(code.into_string());
                }
                Event::SoftBreak | Event::HardBreak => block.text.push(' '),
                Event::End(TagEnd::TableCell) => block.text.push_str(" | "),
                _ => {}
            }
            if ends {
                let section = sections.last_mut().unwrap();
                let block = std::mem::take(&mut block);
                if std::mem::take(&mut in_heading) {
                    section.heading = block.text;
                } else if !block.text.is_empty() || !block.code.is_empty() {
                    section.blocks.push(block);
                }
            }
        }
        sections
    }
}

/// Fails with all that is wrong, not with the first of it.
fn nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_slides_of_the_short_talk_are_those_of_its_table() {
    let index = fs::read_to_string(root().join("workshop-notes/README.md")).unwrap();
    let short_table = index.split_once("**45 minutes**").unwrap().1;
    let short_table = short_table.split_once("If you run late").unwrap().0;
    for chapter in notes().iter().filter(|note| note.is_chapter()) {
        let name = &chapter.name;
        let stops = chapter.front("short").map(|names| names.split(", ").collect());
        assert_eq!(
            stops.is_some(),
            chapter.front("short_minutes").is_some(),
            "{name}"
        );
        // The slides at which the short talk stops, as its table says.
        let stops: Vec<&str> = stops.unwrap_or_default();
        let linked: Vec<_> = short_table
            .split(&format!("]({name}#"))
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(heading, _)| heading)
            .collect();
        assert_eq!(stops, linked, "{name}");
    }
}
