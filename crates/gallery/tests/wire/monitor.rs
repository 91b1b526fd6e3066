//! Server monitor: what it measures is true, and it goes on.

use std::time::Duration;

use gallery::Flags;
use serde_json::Value;

use testkit::wait_until;

use crate::{flags, next_event, open, post, server, whiteboard::Page};

#[test]
fn it_tells_of_itself_again_and_again() {
    let quick = Flags { measure: Duration::from_millis(20), ..flags() };
    let server = server(quick);
    let mut stream = open(&server, "/monitor/events", None);
    let mut last = 0;
    let mut measured = 0;
    while measured < 3 {
        let (name, id, data) = next_event(&mut stream);
        if name != "health" {
            continue; // nothing was measured yet
        }
        let seq: u64 = id.split_once('-').unwrap().1.parse().unwrap();
        assert!(seq > last);
        (last, measured) = (seq, measured + 1);
        let health: Value = serde_json::from_str(&data).unwrap();
        let number = |value: &Value| value.as_f64().unwrap();
        assert!(["ok", "busy"].contains(&health["status"].as_str().unwrap()));
        let machine = &health["machine"];
        assert!(number(&health["memory"]) > 1e6, "{health}");
        assert!(number(&machine["memory"]) > number(&health["memory"]), "{health}");
        assert!(number(&machine["of"]) > number(&machine["memory"]), "{health}");
        assert!((0.0..=100.0).contains(&number(&machine["cpu"])), "{health}");
        assert_eq!(health.as_object().unwrap().len(), 6, "nothing else: {health}");
        assert!(number(&health["clients"]) <= 1.0, "{health}");
    }
    server.shut_down();
}

#[test]
fn streams_sockets_and_held_requests_are_open_connections() {
    let quick = Flags { measure: Duration::from_millis(20), ..flags() };
    let server = server(quick);
    let mut monitor = open(&server, "/monitor/events", None);
    let mut until = |expected: u64| {
        wait_until(&format!("{expected} open connections"), || {
            let (name, _, data) = next_event(&mut monitor);
            let health = serde_json::from_str::<Value>(&data);
            name == "health" && health.unwrap()["clients"] == expected
        });
    };
    until(1);
    let _stock = open(&server, "/stock/events", None);
    let _news = open(&server, "/news/events", None);
    let _log = open(&server, "/log/events", None);
    until(4);
    let _answer = post(&server, "/answer/questions", r#"{"question":"Why?"}"#);
    until(5);
    let letters = server.get("/mail/letters?inbox=ada").response().1;
    let letter = &serde_json::from_str::<Value>(&letters).unwrap()[0];
    let after = letter["id"].as_str().unwrap();
    let mail = server.get(&format!("/mail/letters?inbox=ada&after={after}"));
    until(6);
    let _page = Page::open(&server, "ada");
    until(7);
    drop(mail);
    until(6);
    server.shut_down();
}
