//! Answer, word by word: as the response to a POST, resumed, cancelled and abandoned.

use std::{net::Ipv4Addr, time::Duration};

use gallery::Flags;
use testkit::{Server, wait_until};

use crate::{Events, flags, next_event, open, post, send, send_from, server};

fn quick() -> Flags {
    Flags { words: Duration::from_millis(2), ..flags() }
}

/// Asks, and returns the stream with the path where it goes on.
fn ask(server: &Server) -> (Events, String) {
    let (head, stream) =
        post(server, "/answer/questions", "{\"question\":\"What is SSE?\"}");
    assert_eq!(head.code(), 201);
    assert_eq!(head.field("content-type"), Some("text/event-stream"));
    let path = head.field("location").unwrap().to_owned();
    (stream, path)
}

/// The words up to the end, and why it ended.
fn rest(stream: &mut Events) -> (Vec<String>, String) {
    let mut words = Vec::new();
    loop {
        let (name, _, data) = next_event(stream);
        let text: String = serde_json::from_str(&data).unwrap();
        match name.as_str() {
            "end" => return (words, text),
            "question" => assert_eq!(text, "What is SSE?"),
            _ => words.push(text),
        }
    }
}

#[test]
fn a_page_that_was_reloaded_goes_on_where_it_was() {
    // Slow enough that nobody is away for 60 words, on a busy machine either.
    let server = server(Flags { words: Duration::from_millis(10), ..flags() });
    let (mut stream, path) = ask(&server);
    let mut words = Vec::new();
    let mut id = String::new();
    while words.len() < 10 {
        let (name, at, data) = next_event(&mut stream);
        id = at;
        if name == "word" {
            words.push(serde_json::from_str::<String>(&data).unwrap());
        }
    }
    drop(stream);
    let (later, reason) = rest(&mut open(&server, &path, Some(&id)));
    assert_eq!(reason, "complete");
    words.extend(later);
    let (all, _) = rest(&mut open(&server, &path, None));
    assert_eq!(words, all, "no word is missing, and none is there twice");
    server.shut_down();
}

#[test]
fn cancel_ends_the_work_and_so_does_a_page_that_left() {
    let server = server(quick());
    let (mut stream, path) = ask(&server);
    next_event(&mut stream);
    assert_eq!(send(&server, &format!("DELETE {path}"), None, "").0.code(), 204);
    assert_eq!(rest(&mut stream).1, "cancelled");
    assert_eq!(rest(&mut open(&server, &path, None)).1, "cancelled");

    // To look at it is to read it. So the clock is another answer, which has more than twice
    // as many words as are written for nobody. (A busy machine may notice the end late.)
    wait_until("an answer is abandoned", || {
        let (stream, path) = ask(&server);
        drop(stream);
        assert_eq!(rest(&mut ask(&server).0).1, "complete");
        rest(&mut open(&server, &path, None)).1 == "abandoned"
    });
    server.shut_down();
}

#[test]
fn a_bad_question_and_an_unknown_answer_are_refused() {
    let server = server(quick());
    let questions = ["", " \u{200b} ", &"x".repeat(201), "a\u{1b}[31m"];
    for question in questions {
        let content = serde_json::json!({ "question": question }).to_string();
        let (head, text) = send(&server, "POST /answer/questions", None, &content);
        assert_eq!(head.code(), 400, "{question:?}");
        assert!(text.contains("expected"), "{text}");
    }
    let large = format!("{{\"question\":\"{}\"}}", "x".repeat(5000));
    let (head, _) = send(&server, "POST /answer/questions", None, &large);
    assert_eq!(head.code(), 413);
    let (head, text) = send(&server, "GET /answer/questions/unknown", None, "");
    assert_eq!(head.code(), 404);
    assert!(text.contains("ask again"), "{text}");
    server.shut_down();
}

#[test]
fn a_device_that_asks_too_often_has_to_wait() {
    let server = server(quick());
    let question = "{\"question\":\"Again?\"}";
    let asked = || post(&server, "/answer/questions", question).0;
    let codes: Vec<_> = (0..11).map(|_| asked().code()).collect();
    assert_eq!(codes[..10], [201; 10]);
    assert_eq!(codes[10], 429);
    server.shut_down();
}

#[test]
fn with_a_hundred_answers_one_more_ends_none_of_them() {
    let server = server(flags());
    let ask = |device: u8| {
        let device = Ipv4Addr::new(127, 0, 1, device);
        let question = r#"{"question":"Me, too?"}"#;
        send_from(device, &server, "POST /answer/questions", question)
    };
    let begin = |device: u8| {
        let head = ask(device).head();
        assert_eq!(head.code(), 201);
        head.field("location").unwrap().to_owned()
    };
    let paths: Vec<_> = (0..100).map(|number| begin(number / 10)).collect();
    let (head, text) = ask(10).response();
    assert_eq!((head.code(), head.field("retry-after")), (503, Some("5")));
    assert!(text.starts_with("one more answer: all devices have 100"), "{text}");
    // One that has ended makes room.
    let cancelled = &paths[50];
    assert_eq!(
        send(&server, &format!("DELETE {cancelled}"), None, "").0.code(),
        204
    );
    begin(11);
    let ended = |path: &String| server.get(path).head().code() == 404;
    assert_eq!(
        paths.iter().filter(|path| ended(path)).collect::<Vec<_>>(),
        [cancelled]
    );
    server.shut_down();
}
