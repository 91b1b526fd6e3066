//! The news wall: what attendees post, what others see of it, and what the presenter may do.

use std::net::Ipv4Addr;

use testkit::Server;

use crate::{Events, KEY, flags, next_event, open, send, send_from, server};

fn post(server: &Server, key: &str, text: &str) -> (u16, String) {
    let content = format!(r#"{{"key":"{key}","text":"{text}"}}"#);
    let (head, text) = send(server, "POST /news/headlines", None, &content);
    (head.code(), text)
}

/// The next event without its id.
fn next(stream: &mut Events) -> (String, String) {
    let (name, _, data) = next_event(stream);
    (name, data)
}

/// What a page that opens now is sent first.
fn wall(server: &Server) -> String {
    let (name, wall) = next(&mut open(server, "/news/events", None));
    assert_eq!(name, "wall");
    wall
}

const EMPTY: &str = r#"{"paused":false,"headlines":[]}"#;

#[test]
fn a_headline_is_on_all_walls_once_as_text() {
    let server = server(flags());
    let mut stream = open(&server, "/news/events", None);
    assert_eq!(next(&mut stream), ("wall".into(), EMPTY.into()));
    // Sent again, as after an answer that was lost.
    for _ in 0..2 {
        let text = r"<b>Hello</b>\u2028event: bye";
        assert_eq!(post(&server, "a", text).0, 201);
    }
    assert_eq!(post(&server, "b", "second").0, 201);
    for expected in [
        "\"number\":1,\"text\":\"<b>Hello</b>\u{2028}event: bye\",",
        "\"number\":2,\"text\":\"second\",",
    ] {
        let (name, data) = next(&mut stream);
        assert_eq!(name, "headline");
        assert!(data.contains(expected), "{data}");
        assert!(wall(&server).contains(expected));
    }
    assert!(!wall(&server).contains("key"), "a key is nobody's business");
    server.shut_down();
}

#[test]
fn what_is_no_headline_is_refused() {
    let server = server(flags());
    let long = "x".repeat(141);
    let huge = "x".repeat(5000);
    for (text, code, expected) in [
        ("", 400, "1 to 140"),
        (r"\u200b", 400, "no visible character"),
        (r"a\nevent: bye", 400, "control character U+000A"),
        (&long, 400, "141 characters: expected 140 at most"),
        (&huge, 413, ""),
    ] {
        let (came, says) = post(&server, "a", text);
        assert_eq!(came, code, "{says}");
        assert!(says.contains(expected), "{says}");
    }
    for content in ["", "[]", r#"{"text":"no key"}"#, r#"{"key":"a","text":1}"#] {
        let (head, says) = send(&server, "POST /news/headlines", None, content);
        assert!((400..500).contains(&head.code()), "{content}: {says}");
    }
    assert_eq!(wall(&server), EMPTY);
    server.shut_down();
}

#[test]
fn a_device_that_posts_too_fast_has_to_wait() {
    let server = server(flags());
    let posted = (0..8).map(|number| post(&server, &number.to_string(), "spam").0);
    assert_eq!(posted.collect::<Vec<_>>(), [201, 201, 201, 201, 201, 429, 429, 429]);
    let content = r#"{"key":"9","text":"spam"}"#;
    let (head, text) = send(&server, "POST /news/headlines", None, content);
    assert_eq!(head.field("retry-after"), Some("3"));
    assert!(text.contains("expected one every 3s"), "{text}");
    server.shut_down();
}

#[test]
fn the_presenter_hides_pauses_and_clears() {
    let server = server(flags());
    let mut stream = open(&server, "/news/events", None);
    next(&mut stream);
    assert_eq!(post(&server, "a", "rude").0, 201);
    assert_eq!(post(&server, "b", "polite").0, 201);
    next(&mut stream);
    next(&mut stream);
    for request in
        ["DELETE /news/headlines/1", "PUT /news/paused", "DELETE /news/headlines"]
    {
        let (head, _) = send(&server, request, Some("wrong"), "true");
        assert_eq!(head.code(), 401, "{request}");
    }
    let act = |request: &str, content: &str| {
        assert_eq!(send(&server, request, Some(KEY), content).0.code(), 204);
    };
    act("DELETE /news/headlines/7", ""); // there is none: nobody is told
    act("DELETE /news/headlines/1", "");
    assert_eq!(next(&mut stream), ("hidden".into(), "1".into()));
    let shown = wall(&server);
    assert!(!shown.contains("rude") && shown.contains("polite"), "{shown}");
    // The same headline, sent again, does not come back.
    assert_eq!(post(&server, "a", "rude").0, 201);
    assert!(!wall(&server).contains("rude"));
    act("PUT /news/paused", "true");
    assert_eq!(next(&mut stream), ("paused".into(), "true".into()));
    let (code, text) = post(&server, "c", "late");
    let said =
        "the presenter has paused the wall: post it again when the wall is open";
    assert_eq!((code, &*text), (403, said));
    assert_eq!(post(&server, "b", "polite").0, 201, "it is on the wall already");
    act("PUT /news/paused", "false");
    next(&mut stream);
    act("DELETE /news/headlines", "");
    assert_eq!(next(&mut stream), ("wall".into(), EMPTY.into()));
    // Nor does one that was cleared come back.
    let (other, request) = (Ipv4Addr::new(127, 0, 1, 1), "POST /news/headlines");
    let mut again =
        send_from(other, &server, request, r#"{"key":"b","text":"polite"}"#);
    assert_eq!(again.head().code(), 201);
    assert_eq!(wall(&server), EMPTY);
    server.shut_down();
}

#[test]
fn a_wall_has_thirty_headlines_and_a_page_that_was_cut_has_them_all() {
    // Each post comes from another device: the limit of one is no matter here.
    let server = server(flags());
    for number in 1..=40_u8 {
        let device = Ipv4Addr::new(127, 0, 1, number);
        let content = format!(r#"{{"key":"{number}","text":"headline {number}"}}"#);
        let request = "POST /news/headlines";
        let posted = send_from(device, &server, request, &content).head();
        assert_eq!(posted.code(), 201);
    }
    let shown = wall(&server);
    assert_eq!(shown.matches("\"number\"").count(), 30);
    assert!(shown.contains("\"headline 40\"") && !shown.contains("\"headline 10\""));
    // A browser says where it was; the wall is small, and it is sent all of it.
    let mut again = open(&server, "/news/events", Some("k3f9-2"));
    assert_eq!(next(&mut again), ("wall".into(), shown));
    server.shut_down();
}
