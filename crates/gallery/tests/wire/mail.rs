//! Mail: nothing is lost between two polls, nothing is delivered twice.

use std::time::Duration;

use gallery::Flags;
use testkit::{Head, Server};

use crate::{KEY, flags, send, server};

/// A poll, and its answer: status, letters, and the cursor of the newest one.
fn poll(server: &Server, inbox: &str, after: &str) -> (Head, String, String) {
    let (head, letters) = server.get(&target(inbox, after)).response();
    let id = letters.rsplit("\"id\":\"").next().unwrap().split('"').next();
    let id = id.unwrap_or_default().to_owned();
    (head, letters, id)
}

fn target(inbox: &str, after: &str) -> String {
    let after =
        if after.is_empty() { after.into() } else { format!("&after={after}") };
    format!("/mail/letters?inbox={inbox}{after}")
}

fn write(server: &Server, key: &str, to: &str, text: &str) -> (u16, String) {
    let content =
        format!(r#"{{"key":"{key}","from":"bob","to":"{to}","text":"{text}"}}"#);
    let (head, text) = send(server, "POST /mail/letters", None, &content);
    (head.code(), text)
}

fn texts(letters: &str) -> Vec<&str> {
    let texts = letters.split("\"text\":\"").skip(1);
    texts.map(|text| text.split('"').next().unwrap()).collect()
}

#[test]
fn a_letter_ends_the_poll_that_waits_for_it() {
    let server = server(flags());
    let (_, letters, id) = poll(&server, "ada", "");
    assert_eq!(texts(&letters), ["Your inbox is open: tell others its name."]);
    let mut held = server.get(&target("ada", &id));
    assert_eq!(write(&server, "1", "ada", "<i>Hi</i>").0, 201);
    let (head, letters) = held.response();
    assert_eq!(head.field("cache-control"), Some("no-store"));
    assert!(
        letters.contains(r#""from":"bob","text":"<i>Hi</i>","at":"#),
        "{letters}"
    );
    server.shut_down();
}

#[test]
fn what_comes_between_two_polls_and_while_away_is_kept_once() {
    let server = server(flags());
    let (_, _, mut id) = poll(&server, "ada", "");
    // Sent again, as after an answer that was lost in a cut.
    for (key, text) in [("1", "one"), ("2", "two"), ("2", "two"), ("1", "one")] {
        assert_eq!(write(&server, key, "ada", text).0, 201);
    }
    let (head, letters, newest) = poll(&server, "ada", &id);
    assert_eq!(texts(&letters), ["one", "two"]);
    assert_eq!(head.field("feed-gap"), None);
    // The answer was lost: the same poll brings the same letters.
    assert_eq!(texts(&poll(&server, "ada", &id).1), ["one", "two"]);
    id = newest;
    assert_eq!(write(&server, "3", "ada", "three").0, 201);
    assert_eq!(texts(&poll(&server, "ada", &id).1), ["three"]);
    // A page that forgot where it was is given the whole inbox.
    assert_eq!(texts(&poll(&server, "ada", "").1).len(), 4);
    // Others do not get it.
    assert_eq!(texts(&poll(&server, "eve", "").1).len(), 1);
    server.shut_down();
}

#[test]
fn without_a_letter_the_answer_is_empty_and_at_shutdown_says_so() {
    let quick = Flags { hold: Duration::from_millis(50), ..flags() };
    let server_ = server(quick);
    let (_, _, id) = poll(&server_, "ada", "");
    assert_eq!(poll(&server_, "ada", &id).0.code(), 204);
    server_.shut_down();
    let server = server(flags());
    let (_, _, id) = poll(&server, "ada", "");
    let mut held = server.get(&target("ada", &id));
    // Its request is read before the one that is answered.
    poll(&server, "eve", "");
    server.shut_down();
    let (head, _) = held.response();
    assert_eq!((head.code(), head.field("retry-after")), (503, Some("2")));
}

#[test]
fn a_restart_or_a_cleared_inbox_is_told() {
    let server = server(flags());
    let (_, _, id) = poll(&server, "ada", "");
    let mut held = server.get(&target("ada", &id));
    poll(&server, "eve", "");
    assert_eq!(send(&server, "DELETE /mail/inboxes", Some("no"), "").0.code(), 401);
    assert_eq!(send(&server, "DELETE /mail/inboxes", Some(KEY), "").0.code(), 204);
    assert_eq!(held.response().0.code(), 204);
    assert_eq!(server.get("/mail/inboxes").response().1, "[]");
    // As after a restart, the inbox is another one.
    let (head, letters, _) = poll(&server, "ada", "zzzz-9");
    let gap = head.field("feed-gap").unwrap();
    assert!(gap.contains(r#""restarted":true"#), "{gap}");
    assert_eq!(texts(&letters).len(), 1);
    assert_eq!(server.get("/mail/inboxes").response().1, r#"["ada"]"#);
    server.shut_down();
}

#[test]
fn what_is_no_letter_is_refused() {
    let server = server(flags());
    poll(&server, "ada", "");
    let long = "x".repeat(281);
    for (to, text, code, expected) in [
        ("nobody", "Hi", 404, "its owner has to open it first"),
        ("ada", "", 400, "1 to 280"),
        ("ada", &long, 400, "281 characters"),
        ("ada", r"\u001b[31m", 400, "U+001B"),
    ] {
        let (came, says) = write(&server, "1", to, text);
        assert_eq!(came, code, "{says}");
        assert!(says.contains(expected), "{says}");
    }
    for (inbox, after) in [("", ""), ("%0a", ""), (&*long, ""), ("ada", "nonsense")]
    {
        assert_eq!(poll(&server, inbox, after).0.code(), 400, "{inbox:?} {after:?}");
    }
    server.shut_down();
}

#[test]
fn inboxes_and_letters_are_bounded_and_what_is_gone_is_told() {
    let server = server(flags());
    let (_, _, id) = poll(&server, "ada", "");
    let from = |number: u8, request: String| {
        let device = std::net::Ipv4Addr::new(127, 0, 1, number);
        let mut client = testkit::Client::connect_from(device, server.address);
        client.send(request);
        client.response()
    };
    for number in 0..60_u8 {
        let content = format!(
            r#"{{"key":"{number}","from":"bob","to":"ada","text":"letter {number}"}}"#
        );
        let request = format!(
            "POST /mail/letters HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{content}",
            content.len()
        );
        assert_eq!(from(number + 1, request).0.code(), 201);
    }
    let (head, letters, _) = poll(&server, "ada", &id);
    assert_eq!(texts(&letters).len(), 50);
    assert!(head.field("feed-gap").unwrap().contains(r#""missed":10"#));
    // One device opens as many inboxes as it likes, but not at once.
    let opened = |name: u32| poll(&server, &format!("spam-{name}"), "").0.code();
    let refused = (0..20).filter(|&name| opened(name) == 429).count();
    assert!((1..=11).contains(&refused), "{refused}: it may open one every 2 s");
    for number in 100..=250_u8 {
        let ask = |name: u8| {
            format!(
                "GET /mail/letters?inbox=i{number}-{name} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            )
        };
        if [0, 1].iter().any(|&name| from(number, ask(name)).0.code() == 507) {
            break;
        }
        assert!(number < 250, "inboxes without end");
    }
    server.shut_down();
}
