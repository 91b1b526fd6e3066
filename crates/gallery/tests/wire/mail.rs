//! Mail: nothing is lost between two polls, nothing is delivered twice.

use std::{net::Ipv4Addr, time::Duration};

use gallery::Flags;
use testkit::{Head, Server, wait_until};

use crate::{KEY, flags, send, send_from, server};

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
fn an_inbox_is_bounded_and_what_is_gone_of_it_is_told() {
    let server = server(flags());
    let (_, _, id) = poll(&server, "ada", "");
    for number in 0..60_u8 {
        let letter = format!(
            r#"{{"key":"{number}","from":"bob","to":"ada","text":"letter {number}"}}"#
        );
        let request = "POST /mail/letters";
        let device = Ipv4Addr::new(127, 0, 1, number + 1);
        let (head, _) = send_from(device, &server, request, &letter).response();
        assert_eq!(head.code(), 201);
    }
    let (head, letters, _) = poll(&server, "ada", &id);
    assert_eq!(texts(&letters).len(), 50);
    assert!(head.field("feed-gap").unwrap().contains(r#""missed":10"#));
    server.shut_down();
}

#[test]
fn a_device_opens_few_inboxes_and_not_all_at_once() {
    let server = server(flags());
    let opened = |name: u32| poll(&server, &format!("spam-{name}"), "").0.code();
    assert_eq!((0..10).map(opened).collect::<Vec<_>>(), [200; 10]);
    assert_eq!(opened(10), 429, "it may open one every 2 s");
    let (_, _, id) = poll(&server, "spam-0", "");
    let _held = server.get(&target("spam-0", &id));
    let names = || server.get("/mail/inboxes").response().1;
    wait_until("it may open another one", || opened(10) == 200);
    let names = names();
    assert!(names.contains("spam-0") && !names.contains("spam-1\""), "{names}");
    assert_eq!(names.matches("spam").count(), 10);
    server.shut_down();
}

#[test]
fn when_there_are_too_many_inboxes_the_one_unused_longest_goes() {
    let server = server(flags());
    let (_, _, id) = poll(&server, "ada", "");
    let _held = server.get(&target("ada", &id));
    let open = |device: u8, name: u8| {
        let request = format!("GET /mail/letters?inbox=i{device}-{name}");
        let device = Ipv4Addr::new(127, 0, 1, device);
        let (head, _) = send_from(device, &server, &request, "").response();
        assert_eq!(head.code(), 200);
    };
    (1..=20).for_each(|device| (0..10).for_each(|name| open(device, name)));
    let names = server.get("/mail/inboxes").response().1;
    assert_eq!(names.matches(',').count() + 1, 200);
    // The oldest of all is being polled.
    assert!(names.contains("\"ada\"") && !names.contains("\"i1-0\""), "{names}");
    server.shut_down();
}
