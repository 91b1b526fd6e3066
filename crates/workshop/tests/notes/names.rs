//! The notes call a card, a button and a port what the pages call it.

use std::{fs, path::Path, process::Command};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use testkit::{Client, Workshop};

use crate::{notes, nothing, root};

/// What is written in italics, sentence by sentence: quotes and stress left out.
fn italics(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut current: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Emphasis) => current = Some(String::new()),
            Event::End(TagEnd::Emphasis) => all.extend(current.take()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(current) = &mut current {
                    current.push_str(&text);
                }
            }
            _ => {}
        }
    }
    all.retain(|name| !name.starts_with('"') && !name.ends_with(':'));
    all
}

/// Words in italics that name nothing: stress, or a button of somebody else's.
const NO_NAMES: [&str; 11] = [
    "what comes after my cursor?",
    "each",
    "client",
    "process",
    "upward",
    "after",
    "for …",
    "Copy as cURL",
    "Service workers",
    "Push messaging",
    "Open question 1",
];

fn below(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, text);
        } else if path.extension().is_some_and(|e| e == "js" || e == "html") {
            *text += &fs::read_to_string(&path).unwrap();
        }
    }
}

#[test]
fn buttons_and_cards_are_called_as_on_the_pages() {
    let mut pages = String::new();
    below(&root().join("static"), &mut pages);
    let pages = pages.to_lowercase().replace('’', "'");
    let mut wrong = Vec::new();
    for note in notes() {
        for name in italics(note.body()) {
            // As a text between tags, in quotes or as a key of the desk's sentences.
            let name = name.to_lowercase();
            let named = [('>', '<'), ('\'', '\''), ('>', ' '), (' ', ':')]
                .iter()
                .any(|(before, after)| {
                    pages.contains(&format!("{before}{name}{after}"))
                });
            if !named && !NO_NAMES.iter().any(|none| none.to_lowercase() == name) {
                wrong.push(format!("{}: nothing is called {name:?}", note.name));
            }
        }
    }
    nothing(&wrong);
}

#[test]
fn a_card_and_its_slide_have_one_title() {
    let files = [
        "lib/experiments.js",
        "lib/experiments-beyond.js",
        "chapter/beside-cards.js",
    ];
    let cards = files.map(|file| {
        fs::read_to_string(root().join("static/workshop").join(file)).unwrap()
    });
    let cards = cards.concat();
    let (mut wrong, mut found) = (Vec::new(), 0);
    for note in notes() {
        for section in note.sections() {
            let of_a_card = section.blocks.iter().any(|block| {
                block.text.starts_with("Do:")
                    && block.text.contains("card of this name")
            });
            let title = format!("title: '{}'", section.heading);
            let is_card = cards.contains(&title);
            found += usize::from(is_card);
            if of_a_card != is_card {
                wrong
                    .push(format!("{}: {}: of a card?", note.name, section.heading));
            }
            if section.blocks.iter().any(|block| block.text.contains("the card  ")) {
                wrong.push(format!(
                    "{}: {}: which card?",
                    note.name, section.heading
                ));
            }
        }
    }
    nothing(&wrong);
    assert!(found > 10, "{found} cards are slides");
}

/// Numbers like our ports that are none, by what stands around them.
const NO_PORTS: [&str; 3] =
    ["head -c 3000", "1000 and 3000 to 4999", "2000 and 3000\u{a0}ms"];

#[test]
fn the_hub_writes_its_own_ports_into_the_notes() {
    let workshop = Workshop::run(
        Command::new(env!("CARGO_BIN_EXE_workshop")).args(["--base-port", "0"]),
    );
    let page = |mut client: Client, target: &str| {
        let cookie = workshop.cookie();
        client.send(format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n"
        ));
        let (head, body) = client.response();
        assert_eq!(head.code(), 200, "{target}");
        body
    };
    let mut pages = vec![
        ("/slides".into(), page(workshop.process.connect(), "/slides")),
        (
            "/presenter/speaker".into(),
            page(Client::connect(workshop.presenter), "/presenter/speaker"),
        ),
    ];
    for note in notes().iter().filter(|note| note.front("title").is_some()) {
        let id = note.name.trim_end_matches(".md");
        let id = id.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        let target = format!("/chapter/{id}");
        let body = page(workshop.process.connect(), &target);
        pages.push((target, body));
    }
    let mut wrong = Vec::new();
    for (target, body) in pages {
        let body = body.replace("<span>", "").replace("</span>", "");
        let mut body =
            NO_PORTS.iter().fold(body, |body, none| body.replace(none, ""));
        body.retain(|c| c != '\n');
        for usual in 3000..=3006 {
            let number = usual.to_string();
            let digit =
                |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let found = body.match_indices(&number).find(|(at, _)| {
                !digit(body[..*at].chars().next_back())
                    && !digit(body[at + number.len()..].chars().next())
            });
            if let Some((at, _)) = found {
                let start = body.floor_char_boundary(at.saturating_sub(40));
                wrong.push(format!("{target}: …{}", &body[start..at + 4]));
            }
        }
    }
    nothing(&wrong);
}

#[test]
fn a_technique_has_one_name_in_every_heading_of_its_sources() {
    let titles = fs::read_to_string(root().join("static/shared/titles.js")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for technique in [
        "short-poll",
        "long-poll",
        "http-stream",
        "sse",
        "websocket",
        "webrtc",
        "webtransport",
    ] {
        let title = titles.lines().find_map(|line| {
            let (name, title) = line.trim().split_once(": ")?;
            (name.trim_matches('\'') == technique)
                .then(|| title.trim_matches([',', '\'']))
        });
        let title = title.unwrap();
        let folder = root().join("crates").join(technique);
        for (file, starts) in [
            ("src/lib.rs", &["//! # "][..]),
            ("examples/as_often_shown.rs", &["//! # "]),
            ("examples/as_often_shown.html", &["<title>", "<h1>"]),
        ] {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            for start in starts {
                let heading = text.lines().find_map(|line| line.strip_prefix(start));
                if !heading.is_some_and(|heading| heading.starts_with(title)) {
                    wrong.push(format!(
                        "{technique}/{file}: {heading:?}, not {title}"
                    ));
                }
                count += 1;
            }
        }
    }
    assert_eq!(count, 28);
    nothing(&wrong);
}
