//! Weather: what a cache needs to ask less, and to be sent less.

use std::time::Duration;

use gallery::Flags;
use testkit::{Head, Server, wait_until};

use crate::{flags, server};

/// Asks for the report, with more fields.
fn ask(server: &Server, fields: &str) -> (Head, String) {
    let mut client = server.connect();
    client.send(format!(
        "GET /weather/report HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
    ));
    let head = client.head();
    let length = head.field("content-length").map_or(0, |n| n.parse().unwrap());
    let length = if head.code() == 304 { 0 } else { length };
    let report = String::from_utf8(client.take(length)).unwrap();
    (head, report)
}

#[test]
fn a_client_with_the_newest_report_is_sent_a_head_alone() {
    let server = server(flags());
    let (head, report) = ask(&server, "");
    assert_eq!(head.code(), 200);
    assert_eq!(head.field("content-type"), Some("application/json"));
    assert!(report.len() > 1000, "large enough to be worth saving");
    let (tag, modified) =
        (head.field("etag").unwrap(), head.field("last-modified").unwrap());
    for (fields, code) in [
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: W/{tag}\r\n"), 304),
        (format!("If-None-Match: \"other\", {tag}\r\n"), 304),
        ("If-None-Match: *\r\n".into(), 304),
        ("If-None-Match: \"zzzz-1\"\r\n".into(), 200),
        ("If-None-Match: nonsense\r\n".into(), 200),
        (format!("If-Modified-Since: {modified}\r\n"), 304),
        ("If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n".into(), 200),
        ("If-Modified-Since: yesterday\r\n".into(), 200),
        // The name counts, not the time (RFC 9110 §13.2.2).
        (format!("If-None-Match: \"a\"\r\nIf-Modified-Since: {modified}\r\n"), 200),
    ] {
        let (answer, content) = ask(&server, &fields);
        assert_eq!(answer.code(), code, "{fields}");
        // A cache updates what it has with these (RFC 9110 §15.4.5).
        for field in ["etag", "last-modified"] {
            assert_eq!(answer.field(field), head.field(field), "{fields}");
        }
        assert_eq!(answer.field("cache-control"), Some("max-age=5"));
        assert_eq!(content.is_empty(), code == 304);
    }
    server.shut_down();
}

#[test]
fn another_report_and_another_run_have_another_name() {
    let quick = Flags { weather: Duration::from_millis(5), ..flags() };
    let server_ = server(quick);
    let (head, report) = ask(&server_, "");
    let known = format!("If-None-Match: {}\r\n", head.field("etag").unwrap());
    wait_until("the weather changes", || ask(&server_, &known).0.code() == 200);
    assert_ne!(ask(&server_, "").1, report);
    server_.shut_down();
    let server = server(flags());
    assert_eq!(ask(&server, &known).0.code(), 200, "the server restarted");
    server.shut_down();
}
