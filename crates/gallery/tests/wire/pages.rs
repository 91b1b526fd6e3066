//! What pages know of their server is what it does: how much is kept, how much may be typed.

use std::{fs, path::Path};

/// A number of the server, and where a page has it as `#`.
const SAME: [(&str, &str, &str, &str); 15] = [
    ("stock/market.rs", "PRICES_CAPACITY", "stock/chart.js", "CHART_CAPACITY = #;"),
    ("news/wall.rs", "WALL_CAPACITY", "news/wall.js", "WALL_CAPACITY = #;"),
    ("news/wall.rs", "TEXT_LIMIT", "news/index.html", "\"text\" maxlength=\"#\""),
    ("log/filter.rs", "TEXT_LIMIT", "log/index.html", "\"text\" maxlength=\"#\""),
    (
        "answer.rs",
        "QUESTION_LIMIT",
        "answer/index.html",
        "\"question\" maxlength=\"#\"",
    ),
    ("mail/inboxes.rs", "INBOX_CAPACITY", "mail/inbox.js", "LETTERS_CAPACITY = #;"),
    ("mail/inboxes.rs", "NAME_LIMIT", "mail/index.html", "\"name\" maxlength=\"#\""),
    ("mail/inboxes.rs", "NAME_LIMIT", "mail/index.html", "\"to\" maxlength=\"#\""),
    ("mail/inboxes.rs", "TEXT_LIMIT", "mail/index.html", "\"text\" maxlength=\"#\""),
    ("whiteboard/board.rs", "INK_BYTES", "whiteboard/board.js", "INK_BYTES = #;"),
    (
        "whiteboard/messages.rs",
        "POINTS_LIMIT",
        "whiteboard/hand.js",
        "POINTS_LIMIT = #;",
    ),
    ("whiteboard/messages.rs", "WIDTH", "whiteboard/hand.js", "WIDTH = #;"),
    ("whiteboard/messages.rs", "HEIGHT", "whiteboard/hand.js", "HEIGHT = #;"),
    ("whiteboard/messages.rs", "WIDTH", "whiteboard/index.html", " width=\"#\""),
    ("whiteboard/messages.rs", "HEIGHT", "whiteboard/index.html", " height=\"#\""),
];

fn read(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// `N` of `const NAME: usize = N;`, or of `NonZeroUsize::new(N).unwrap()`.
fn number(source: &str, name: &str) -> String {
    let (_, after) = source.split_once(&format!("const {name}: ")).unwrap();
    let (_, value) = after.split_once(" = ").unwrap();
    let (value, _) = value.split_once(';').unwrap();
    let value = value.trim_start_matches("NonZeroUsize::new(");
    value.trim_end_matches(").unwrap()").to_owned()
}

#[test]
fn a_page_and_its_server_have_the_same_limits() {
    for (file, name, page, like) in SAME {
        let number = number(&read(&format!("src/{file}")), name);
        let expected = like.replace('#', &number);
        let page_source = read(&format!("../../static/gallery/{page}"));
        assert!(page_source.contains(&expected), "{page}: no {expected} of {name}");
    }
}
