//! Log stream: what fits the query, and how a slow reader is told what it missed. The log is
//! that of a process, so these tests run the program.

use serde_json::Value;
use testkit::Process;

use crate::{Events, KEY, next_event, open_at, send_to};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gallery");

fn program(level: &str) -> Process {
    Process::run(PROGRAM, &["--presenter-key", KEY, "--log", level])
}

fn burst(program: &Process, count: usize) {
    let content = format!("{{\"count\":{count}}}");
    let (head, _) = send_to(program.address, "POST /log/lines", Some(KEY), &content);
    assert_eq!(head.code(), 204);
}

/// The text of the next line.
fn line(stream: &mut Events) -> String {
    let (name, _, data) = next_event(stream);
    assert_eq!(name, "line", "{data}");
    let line: Value = serde_json::from_str(&data).unwrap();
    line["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_reader_gets_the_level_and_the_text_that_it_asks_for() {
    let program = program("debug");
    let mut info =
        open_at(program.address, "/log/events?level=info&text=line%20", None);
    let mut debug =
        open_at(program.address, "/log/events?level=debug&text=/log/lines", None);
    burst(&program, 3);
    let expected = ["line 1 of 3", "line 2 of 3", "line 3 of 3"];
    assert_eq!([line(&mut info), line(&mut info), line(&mut info)], expected);
    let request = line(&mut debug);
    assert!(request.contains("/log/lines"), "at debug, each request: {request}");
    let (head, text) =
        send_to(program.address, "GET /log/events?level=loud", None, "");
    assert_eq!(head.code(), 400);
    assert!(text.contains("unknown variant `loud`"), "{text}");
    let long = format!("GET /log/events?text={}", "x".repeat(101));
    let (head, text) = send_to(program.address, &long, None, "");
    assert_eq!(head.code(), 400);
    assert_eq!(text, "101 characters: expected 100 at most");
    let (head, _) =
        send_to(program.address, "POST /log/lines", None, "{\"count\":1}");
    assert_eq!(head.code(), 401);
}

#[test]
fn what_a_page_keeps_secret_is_in_no_line() {
    let program = program("debug");
    for target in
        ["/whiteboard/socket?pen=secret&next=1", "/answer/questions/secret"]
    {
        send_to(program.address, &format!("GET {target}"), None, "");
    }
    let mut stream = open_at(program.address, "/log/events?level=debug", None);
    for resource in ["/whiteboard/socket", "/answer/questions/{"] {
        while {
            let text = line(&mut stream);
            assert!(!text.contains("secret"), "{text}");
            !text.contains(resource)
        } {}
    }
}

#[test]
fn a_slow_reader_is_told_how_many_lines_it_missed() {
    let program = program("info");
    let mut stream = open_at(program.address, "/log/events?text=line%20", None);
    burst(&program, 1);
    assert_eq!(line(&mut stream), "line 1 of 1");
    // More at once than are kept. They may come in parts, with a gap before each.
    burst(&program, 2000);
    let (mut received, mut missed) = (0, 0);
    while received + missed < 2000 {
        let before = stream.last_seq;
        let (name, _, data) = next_event(&mut stream);
        let data: Value = serde_json::from_str(&data).unwrap();
        let passed = stream.last_seq - before;
        if name == "gap" {
            assert_eq!(data["missed"].as_u64(), Some(passed), "{data}");
            missed += passed;
        } else {
            assert_eq!(passed, 1, "{data}");
            received += 1;
        }
    }
    assert!(missed > 0, "{received} of 2000 came");
    burst(&program, 1);
    assert_eq!(line(&mut stream), "line 1 of 1", "nothing is left of those before");
}
