//! What is noted of a value.

use lens::{
    Direction::{Down, Up},
    Label,
    ProtocolEvent::Message,
};

use super::{EVENTS, KEY, events, labelled, note, switching, upgrade};
use crate::{
    ASK, OK,
    check::{Bursts, check},
    fault, known,
};

#[test]
fn a_length_is_noted_for_what_it_means_there() {
    let answer =
        |status: &str, field: &str| format!("HTTP/1.1 {status}\r\n{field}\r\n\r\n");
    let length = "Content-Length: 77";
    let chunked = "Transfer-Encoding: chunked";
    let head = "HEAD / HTTP/1.1\r\n\r\n";
    let connect = "CONNECT a:1 HTTP/1.1\r\n\r\n";
    let not_here = "not allowed here, and ignored: no content follows";
    for (ask, status, field, expected) in [
        (ASK, "200 OK", length, "77 bytes of content"),
        (
            head,
            "200 OK",
            length,
            "none follows a HEAD: a GET would get 77 bytes of content",
        ),
        (
            ASK,
            "304 -",
            length,
            "none follows a 304: a 200 would have 77 bytes of content",
        ),
        (ASK, "204 -", length, not_here),
        (ASK, "103 -", length, not_here),
        (connect, "200 OK", length, not_here),
        (ASK, "200 OK", "Content-Length: +77", ""),
        (ASK, "200 OK", "Content-Length: 77\r\nContent-Length: 77", ""),
        (ASK, "200 OK", chunked, "the content comes in chunks"),
        (
            ASK,
            "200 OK",
            "Transfer-Encoding: gzip, Chunked",
            "the content is compressed, and comes in chunks",
        ),
        (
            ASK,
            "200 OK",
            "Transfer-Encoding: gzip",
            "the content is compressed, and ends with the connection",
        ),
        (
            ASK,
            "200 OK",
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
            "the content comes in chunks",
        ),
        (ASK, "200 OK", "Transfer-Encoding: x", ""),
        (head, "200 OK", chunked, "says how the content would come: none follows"),
        (ASK, "204 -", chunked, not_here),
    ] {
        let known = known(&[(Up, ask), (Down, &answer(status, field))]);
        let value = field.rsplit(": ").next().unwrap();
        assert_eq!(note(&known.down, value), expected, "{ask} {status} {field}");
    }
}

#[test]
fn a_field_is_noted_for_its_value_and_where_it_stands() {
    let ask = |field: &str| format!("GET /x HTTP/1.1\r\n{field}\r\n\r\n");
    for (field, value, expected) in [
        (KEY.trim(), "x3JJHMbDL1EzLkh9GBhXDw==", "16 random bytes in base64"),
        (
            "Sec-WebSocket-Key: short",
            "short",
            "not 16 bytes in base64, which it must be",
        ),
        ("Last-Event-ID: 7", "7", "go on after this event"),
    ] {
        let known =
            known(&[(Up, &ask(field)), (Down, &format!("{OK}{field}\r\n\r\n"))]);
        assert_eq!(note(&known.up, value), expected);
        assert_eq!(note(&known.down, value), "", "{field} in a response");
    }
}

#[test]
fn a_field_may_go_on_in_the_next_line_of_a_response() {
    let folded = format!("{OK}X: a\r\n\tb\r\nContent-Length: 2\r\n\r\nok");
    let known = known(&[(Up, ASK), (Down, &folded)]);
    assert_eq!(fault(&known.down), "");
    let expected = "goes on in the next line, which counts as a space";
    assert_eq!(note(&known.down, "a\r\n\tb"), expected);
    assert_eq!(labelled(&known.down, Label::Body), ["ok"]);

    let folded = "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n";
    let known = self::known(&[(Up, folded)]);
    assert_eq!(
        fault(&known.up),
        "a field of a request that is continued on the next line"
    );
    let other = "GET / HTTP/1.1\r\nX : a\r\n b\r\n\r\n";
    assert_eq!(fault(&self::known(&[(Up, other)]).up), "not HTTP/1.1");
}

#[test]
fn only_a_good_answer_is_read_for_what_it_is() {
    for kind in ["text/event-stream", "application/json"] {
        let answer = format!(
            "HTTP/1.1 503 -\r\nContent-Type: {kind}\r\nContent-Length: 9\r\n\r\ndata: a\n\n"
        );
        let known = known(&[(Up, ASK), (Down, &answer)]);
        assert_eq!(labelled(&known.down, Label::Body), ["data: a\\n\\n"]);
        assert!(!events(&known, Down).contains(&&Message), "{kind}");
    }
    let chunks = "HTTP/1.1 503 -\r\nContent-Type: text/plain\r\n\
        Transfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n";
    let known = known(&[(Up, ASK), (Down, chunks)]);
    assert_eq!(labelled(&known.down, Label::HeartbeatLine), [""; 0]);
    // Of two types, nobody knows which one counts.
    let two = EVENTS.replace("\r\n\r\n", "\r\nContent-Type: text/html\r\n\r\n");
    let known = self::known(&[(Up, ASK), (Down, &format!("{two}data: a\n\n"))]);
    assert_eq!(labelled(&known.down, Label::Body), ["data: a\\n\\n"]);
}

#[test]
fn events_are_noted_by_their_values() {
    let long = "é".repeat(41);
    let forty = "é".repeat(40);
    let body = format!(
        "event: {long}\ndata: a\n\nevent: {forty}\ndata: a\n\nevent: message\ndata\n\n\
         retry: 12345678901234567890123\nretry: 007\nretry: 1.5\nid: a\0b\nid: ab\n\n"
    );
    let known = known(&[(Up, ASK), (Down, &format!("{EVENTS}{body}"))]);
    let dispatched = known.down.iter().filter(|p| p.label == Label::SseDispatch);
    let notes: Vec<_> = dispatched.map(|p| p.note.clone().unwrap()).collect();
    let event = |name: &str| format!("the page gets an event “{name}”");
    assert_eq!(
        notes,
        [
            event(&format!("{}…", "é".repeat(39))),
            event(&forty),
            "the page gets a message".into(),
            "no data, so the page gets nothing".into(),
        ]
    );
    for (value, expected) in [
        ("12345678901234567890123", "wait more ms than 64 bits can count"),
        ("007", "wait 7 ms before reconnecting"),
        ("1.5", "not only digits, so ignored"),
        ("a\0b", "has a NUL in it, so ignored"),
        ("ab", ""),
    ] {
        assert_eq!(note(&known.down, value), expected, "{value:?}");
    }
}

#[test]
fn what_a_peer_says_can_do_nothing_to_the_terminal_of_a_reader() {
    let odd = "\u{1b}[2J\u{7}\u{9b}\u{202e}\u{200b}";
    let dots = "·[2J····";
    let body = format!("event: {odd}\ndata: a\n\n");
    let known = known(&[(Up, ASK), (Down, &format!("{EVENTS}{body}"))]);
    let last = known.down.last().unwrap();
    let expected = format!("the page gets an event “{dots}”");
    assert_eq!(last.note.as_deref().unwrap(), expected);

    let mut frame = vec![0x81, 0x80 | u8::try_from(odd.len()).unwrap(), 0, 0, 0, 0];
    frame.extend(odd.bytes());
    let bursts: Bursts = vec![
        (Up, upgrade("websocket", KEY).into()),
        (Down, switching("websocket").into()),
        (Up, frame),
    ];
    let known = check(&bursts, &[0]);
    assert_eq!(note(&known.up, odd), format!("unmasked: {dots}"));
}
