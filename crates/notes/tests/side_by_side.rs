//! The five techniques are read side by side on a projector: what they have in common is
//! written the same way in all of them, and each function fits on a slide.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path};

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Each technique, and how many lines of code its `lib.rs` has at most.
const TECHNIQUES: [(&str, usize); 5] = [
    ("short-poll", 100),
    ("long-poll", 100),
    ("http-stream", 100),
    ("sse", 100),
    ("websocket", 150),
];

/// Those beside the five: read alone, but on the same projector.
const BESIDE: [(&str, usize); 3] =
    [("webtransport", 150), ("push", 150), ("mqtt", 150)];

/// How many lines differ at most between two techniques, those of one alone and those of
/// the other alone counted: in `lib.rs` after its `//!`, and in `client.js`.
const DIFFERENCES: [(&str, &str, usize, usize); 10] = [
    ("short-poll", "long-poll", 50, 15),
    ("short-poll", "http-stream", 97, 43),
    ("short-poll", "sse", 126, 59),
    ("short-poll", "websocket", 175, 65),
    ("long-poll", "http-stream", 87, 40),
    ("long-poll", "sse", 120, 57),
    ("long-poll", "websocket", 168, 63),
    ("http-stream", "sse", 90, 64),
    ("http-stream", "websocket", 177, 68),
    ("sse", "websocket", 208, 50),
];

/// What a slide holds: a handler, and any other function.
const HANDLER_LINES: usize = 25;
const FUNCTION_LINES: usize = 31;

/// What two columns of a projector hold.
const RUST_WIDTH: usize = 85;
const JAVASCRIPT_WIDTH: usize = 72;

/// An application of the gallery is a pair of files, beside each other on three slides of
/// so many lines, with comments and empty lines: all but the head and what it imports. (At
/// 1280×720, `/source/stock` has 34 lines below its heading, in letters of 11 px.)
const SLIDES: usize = 3;
const PAIR_WIDTH: usize = 85;
/// And so many lines of code each.
const APPLICATION_LINES: usize = 60;

fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The path of a technique's server, and its source.
fn lib_rs(technique: &str) -> (String, String) {
    let path = format!("crates/{technique}/src/lib.rs");
    let source = file(&path);
    (path, source)
}

/// The path of a technique's client, and its source.
fn client_js(technique: &str) -> (String, String) {
    let path = format!("static/{technique}/client.js");
    let source = file(&path);
    (path, source)
}

fn after_head(source: &str) -> Vec<&str> {
    source.lines().skip_while(|line| line.starts_with("//!")).collect()
}

fn differing(one: &str, other: &str) -> usize {
    let (one, other) = (after_head(one), after_head(other));
    let diff = capture_diff_slices(Algorithm::Myers, &one, &other);
    let lines = diff.iter().map(|op| match op {
        DiffOp::Equal { .. } => 0,
        op => op.old_range().len() + op.new_range().len(),
    });
    lines.sum()
}

/// The functions of a source that are in no other item: name, and lines.
fn functions(source: &str) -> Vec<(String, Vec<&str>)> {
    let mut functions: Vec<(String, Vec<&str>)> = Vec::new();
    let mut open = false;
    for line in source.lines() {
        let words = line.split([' ', '(', '<']);
        let mut words = words.skip_while(|w| matches!(*w, "pub" | "async"));
        if let Some("fn" | "function") = words.next() {
            functions.push((words.next().unwrap().to_owned(), Vec::new()));
            open = true;
        }
        if let (true, Some((_, lines))) = (open, functions.last_mut()) {
            lines.push(line);
        }
        open &= line != "}";
    }
    functions
}

#[test]
fn two_techniques_differ_in_what_tells_them_apart() {
    let mut wrong = Vec::new();
    for (one, other, rust, javascript) in DIFFERENCES {
        for (kind, limit) in
            [(lib_rs as fn(&str) -> _, rust), (client_js, javascript)]
        {
            let ((one, left), (other, right)) = (kind(one), kind(other));
            let lines = differing(&left, &right);
            if lines > limit {
                wrong.push(format!(
                    "{lines} lines differ, more than {limit}: diff {one} {other}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "Write what is the same in the same way, in all five. If it is another thing, \
         raise the number in {}:\n{}",
        file!(),
        wrong.join("\n")
    );
}

#[test]
fn functions_fit_on_a_slide() {
    let mut handlers = 0;
    for (technique, _) in TECHNIQUES.into_iter().chain(BESIDE) {
        for (path, source) in [lib_rs(technique), client_js(technique)] {
            for (name, lines) in functions(&source) {
                let handler = source.contains(&format!(".get({name})"));
                handlers += usize::from(handler);
                let limit = if handler { HANDLER_LINES } else { FUNCTION_LINES };
                assert!(
                    lines.len() <= limit,
                    "{path}: {name} has {} lines, more than the {limit} of a slide: \
                     move a step into a function of its own",
                    lines.len()
                );
            }
        }
    }
    assert_eq!(handlers, 9, "one each, and two of WebSocket and Web Push");
}

#[test]
fn a_technique_is_no_longer_than_the_patience_of_a_reader() {
    for (technique, limit) in TECHNIQUES.into_iter().chain(BESIDE) {
        let (path, source) = lib_rs(technique);
        let lines = source.lines().map(str::trim_start);
        let code = lines.filter(|l| !l.is_empty() && !l.starts_with("//")).count();
        assert!(
            code <= limit,
            "{path}: {code} lines of code, more than {limit}: what can go?"
        );
        let (script, client) = client_js(technique);
        for (path, source, width) in
            [(path, source, RUST_WIDTH), (script, client, JAVASCRIPT_WIDTH)]
        {
            // rustfmt leaves comments and what is in macros as they are.
            let wide = source.lines().find(|line| line.chars().count() > width);
            assert_eq!(wide, None, "{path}: more than {width} characters");
        }
    }
}

/// The pairs of the gallery: server and page.
fn applications() -> Vec<[(String, String); 2]> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static/gallery");
    let names = fs::read_dir(root).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name()?.to_str()?.to_owned();
        path.join("client.js").exists().then_some(name)
    });
    let paths = names.map(|name| {
        [
            format!("crates/gallery/src/{name}.rs"),
            format!("static/gallery/{name}/client.js"),
        ]
    });
    let pairs = paths.map(|pair| pair.map(|path| (path.clone(), file(&path))));
    pairs.collect()
}

/// A source without its head, and without what it imports.
fn shown(source: &str) -> Vec<&str> {
    let mut importing = false;
    let lines = source.lines().skip_while(|line| line.starts_with("//"));
    let lines = lines.filter(|line| {
        let starts = ["use ", "mod ", "import "].iter().any(|w| line.starts_with(w));
        importing |= starts;
        let shown = !importing;
        importing &= !line.ends_with(';');
        shown
    });
    // What they leave is one empty line.
    let mut lines: Vec<&str> = lines.collect();
    lines.dedup_by(|one, other| one.is_empty() && other.is_empty());
    lines.into_iter().skip_while(|line| line.is_empty()).collect()
}

#[test]
fn an_application_of_the_gallery_fits_three_slides() {
    let mut wrong = Vec::new();
    let pairs = applications();
    assert!(pairs.len() >= 8, "the gallery has {} applications", pairs.len());
    for (path, source) in pairs.iter().flatten() {
        let lines = shown(source);
        let code = lines.iter().map(|line| line.trim_start());
        let code = code.filter(|l| !l.is_empty() && !l.starts_with("//")).count();
        let wide = source.lines().filter(|l| l.chars().count() > PAIR_WIDTH).count();
        let longest = functions(source).into_iter().map(|(_, lines)| lines.len());
        let longest = longest.max().unwrap_or(0);
        for (count, limit, what) in [
            (lines.len(), SLIDES * HANDLER_LINES, "lines"),
            (code, APPLICATION_LINES, "lines of code"),
            (wide, 0, "lines that are wider than a column"),
            (longest, HANDLER_LINES, "lines in one function"),
        ] {
            if count > limit {
                wrong.push(format!("{path}: {count} {what}, expected {limit}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "What is not the technique's own idea can go, or into a file of the \
         application's folder:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_clients_connect_again_in_the_same_words() {
    let shared = |technique: &str| {
        let (_, source) = client_js(technique);
        let functions = functions(&source)
            .into_iter()
            .filter(|(name, _)| matches!(&**name, "start" | "receive" | "skip"));
        functions.map(|(_, lines)| lines.join("\n")).collect::<Vec<_>>()
    };
    let first = shared(TECHNIQUES[0].0);
    assert_eq!(first.len(), 3, "start, receive, skip: {first:#?}");
    for (technique, _) in TECHNIQUES {
        assert_eq!(
            shared(technique),
            first,
            "start, receive and skip of static/{technique}/client.js are not those of \
             static/{}/client.js: write them the same, or change them in all five",
            TECHNIQUES[0].0
        );
    }
}
