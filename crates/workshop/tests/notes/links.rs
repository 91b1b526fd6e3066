//! What a link leads to is there: files, headings, pictures, and pages of the hub.

use std::{collections::HashMap, path::Path, process::Command};

use testkit::Workshop;

use crate::{Note, notes, nothing, read, root};

/// The notes, and what leads to them.
pub(crate) fn all() -> Vec<Note> {
    let mut all = notes();
    let names = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    all.extend(names.map(|name| read(&root().join(name))));
    all
}

/// The names of a note's headings in a link, as GitHub makes them.
fn anchors(note: &Note) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let headings = note.sections().into_iter().map(|section| section.heading);
    let name = |heading: String| {
        let name: String = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .collect();
        let name = name.trim().replace(' ', "-");
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}-{}", *count - 1) }
    };
    headings.map(name).collect()
}

fn problem(note: &Note, link: &str) -> Option<String> {
    if link.starts_with("https://") || link.starts_with("http://") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = note.path.parent().unwrap_or(Path::new(""));
    let path = if file.is_empty() { note.path.clone() } else { folder.join(file) };
    let Ok(path) = path.canonicalize() else {
        return Some(format!("{}: there is no {link}", note.name));
    };
    if !path.starts_with(root()) {
        return Some(format!("{}: {link} leads out of the project", note.name));
    }
    let known =
        anchor.is_empty() || anchors(&read(&path)).iter().any(|a| a == anchor);
    (!known).then(|| format!("{}: no heading for {link}", note.name))
}

#[test]
fn every_link_inside_the_project_leads_somewhere() {
    let mut wrong = Vec::new();
    for note in all() {
        let sections = note.sections();
        let blocks = sections.iter().flat_map(|section| &section.blocks);
        let links = blocks.flat_map(|block| &block.links);
        wrong.extend(links.filter_map(|link| problem(&note, link)));
    }
    nothing(&wrong);
}

/// In the talk, what is to be done at a page is one click away.
#[test]
fn a_step_that_needs_a_demo_or_a_source_links_to_it() {
    let (mut wrong, mut found) = (Vec::new(), 0);
    for note in notes().iter().filter(|note| note.is_chapter()) {
        let sections = note.sections();
        for block in sections.iter().flat_map(|section| &section.blocks) {
            let text = &block.text;
            if !["Demo:", "Do:", "Watch:"].iter().any(|step| text.starts_with(step))
            {
                continue;
            }
            let port = (3001..=3005).any(|n| text.contains(&format!("port {n}")));
            let console =
                text.contains("console of") && !text.contains("console of any page");
            let needed = [
                (port || console, "../static/", ".html"),
                (text.contains("Source of"), "../", ""),
            ];
            for (_, start, end) in needed.into_iter().filter(|(needs, ..)| *needs) {
                found += 1;
                let mut links = block.links.iter();
                if !links.any(|link| link.starts_with(start) && link.ends_with(end))
                {
                    wrong.push(format!("{}: no link in {text:?}", note.name));
                }
            }
        }
    }
    nothing(&wrong);
    assert!(found > 5, "{found}");
}

/// Addresses in the notes that are no pages, and why.
const NO_PAGES: [(&str, &str); 2] = [
    ("/#tabs/log", "an address of somebody else, with a fragment"),
    ("/chapter/…", "any chapter"),
];

#[test]
fn every_page_that_the_notes_name_is_served() {
    let binary = env!("CARGO_BIN_EXE_workshop");
    let workshop = Workshop::run(Command::new(binary).args(["--base-port", "0"]));
    let mut wrong = Vec::new();
    for note in notes() {
        let mut named: Vec<_> =
            note.front("demo").into_iter().map(str::to_owned).collect();
        let sections = note.sections();
        let blocks = || sections.iter().flat_map(|section| &section.blocks);
        named.extend(blocks().flat_map(|block| block.code.clone()));
        let links = blocks().flat_map(|block| &block.links);
        named.extend(links.filter(|link| link.contains("/examples/")).map(|link| {
            link.replace("../crates/", "/example/").replace("/examples/", "/")
        }));
        let demos = blocks().flat_map(|block| &block.links);
        let demos = demos.filter(|link| link.ends_with(".html"));
        named.extend(demos.filter_map(|link| {
            Some(format!("/demo/{}", link.strip_prefix("../static/")?))
        }));
        named.retain(|code| code.starts_with('/') && !code.contains(' '));
        named.retain(|page| !NO_PAGES.iter().any(|(known, _)| known == page));
        for page in named {
            // The presenter's pages are on an address of their own, behind a key.
            let mut client = if page.starts_with("/presenter") {
                testkit::Client::connect(workshop.presenter)
            } else {
                workshop.process.connect()
            };
            let cookie = workshop.cookie();
            client.send(format!(
                "GET {page} HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n"
            ));
            let status = client.head().code();
            // A demo is on a port of its own.
            let expected = if page.starts_with("/demo/") { 307 } else { 200 };
            if status != expected {
                wrong.push(format!("{}: {page} answers {status}", note.name));
            }
        }
    }
    nothing(&wrong);
}
