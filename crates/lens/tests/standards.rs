//! What the labels and notes say, held against the standards where a name alone would
//! mislead: the value counts, and the message it is in.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod check;

use lens::{
    Direction::{Down, Up},
    Label,
    ProtocolEvent::{self, Message, Response},
    Span,
};
use proptest::{collection::vec, prelude::*, sample::select};

use check::{Bursts, Known, check};

/// Decodes the bursts, also a byte at a time.
fn known<const N: usize>(bursts: [(lens::Direction, &str); N]) -> Known {
    let bursts = bursts.iter().map(|(to, text)| (*to, text.as_bytes().to_vec()));
    check(&bursts.collect(), &[0])
}

/// The note of the piece with these bytes.
fn note<'a>(spans: &'a [Span], bytes: &str) -> &'a str {
    let of = |span: &&Span| span.bytes == bytes.as_bytes();
    let span = spans.iter().rfind(of).unwrap_or_else(|| panic!("no {bytes:?}"));
    span.note.as_deref().unwrap_or_default()
}

/// What has this label, one after the other.
fn labelled(spans: &[Span], label: Label) -> Vec<String> {
    let spans = spans.iter().filter(|span| span.label == label);
    spans.map(|span| span.bytes.escape_ascii().to_string()).collect()
}

/// What is told of why a direction is opaque; empty, if it is not.
fn fault(spans: &[Span]) -> &str {
    let last = spans.last().filter(|span| span.label == Label::Opaque);
    last.and_then(|span| span.note.as_deref()).unwrap_or_default()
}

fn events(known: &Known, direction: lens::Direction) -> Vec<&ProtocolEvent> {
    let told = known.events.iter().filter(|(to, _)| *to == direction);
    told.map(|(_, event)| event).collect()
}

const ASK: &str = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\n";
const EVENTS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const KEY: &str = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n";
const ACCEPT: &str = "Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n";

/// A request for a protocol, with more fields.
fn upgrade(protocol: &str, more: &str) -> String {
    format!(
        "GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{more}\r\n"
    )
}

fn switching(protocol: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
         Upgrade: {protocol}\r\n{ACCEPT}\r\n"
    )
}

#[test]
fn what_waits_for_an_answer_is_known_with_the_answer() {
    let both = format!("{}HEAD /y HTTP/1.1\r\n\r\n", upgrade("h2c", ""));
    // The second response has no content, which only the second request tells.
    let answers = format!("{EMPTY}{OK}Content-Length: 7\r\n\r\n");
    let known = known([(Up, &both), (Down, &answers), (Up, ASK)]);
    assert_eq!(labelled(&known.up, Label::Target), ["/x", "/y", "/x"]);
    assert_eq!(labelled(&known.up, Label::Opaque), [""; 0]);
    let told = events(&known, Down);
    let empty = &Response { status: 200, empty: true };
    assert_eq!(told, [empty, empty]);
    assert_eq!(known.response_pending, [true, false, true]);
}

#[test]
fn what_waits_is_known_when_nothing_can_decide_it_any_more() {
    let both = format!("{}{ASK}", upgrade("h2c", ""));
    let mut decoder = lens::Decoder::new(check::MARKERS);
    decoder.push(Up, both.into());
    assert_eq!(decoder.take_deferred(), None);
    // The client has said all; the answer comes.
    assert_eq!(decoder.end(Up).spans, []);
    decoder.push(Down, EMPTY.into());
    let deferred = decoder.take_deferred().unwrap();
    assert_eq!(labelled(&deferred.spans, Label::Target), ["/x"]);

    let both = format!("{}{ASK}", upgrade("h2c", ""));
    for answer in ["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 101 OK\r\n\r\n", ""] {
        let mut decoder = lens::Decoder::new(check::MARKERS);
        decoder.push(Up, both.clone().into());
        decoder.push(Down, answer.into());
        decoder.end(Down);
        let deferred = decoder.take_deferred().unwrap();
        assert_eq!(fault(&deferred.spans), "an unknown protocol", "{answer}");
    }
}

#[test]
fn frames_begin_after_a_101_for_what_was_asked() {
    for (asked, answered, frames) in [
        ("websocket", "websocket", true),
        ("WebSocket", "websocket", true),
        ("h2c, websocket", "WebSocket", true),
        ("websocket , h2c", "websocket", true),
        ("notwebsocket", "notwebsocket", false),
        ("notwebsocket", "websocket", false),
        ("websocket", "notwebsocket", false),
        ("websocket, h2c", "h2c", false),
        ("TLS/1.0, websocket", "TLS/1.0, websocket", false),
    ] {
        let known = known([
            (Up, &upgrade(asked, KEY)),
            (Down, &switching(answered)),
            (Up, "\u{1}\u{1}a"),
            (Down, "\u{1}\u{1}b"),
        ]);
        let named = format!("{asked}: {answered}");
        for (spans, said) in [(&known.up, "a"), (&known.down, "b")] {
            let payload = labelled(spans, Label::WsPayload);
            assert_eq!(payload.concat() == said, frames, "{named}");
            assert_eq!(fault(spans).is_empty(), frames, "{named}");
        }
    }
    // Two keys have no answer (RFC 6455 §11.3.1).
    let known = known([
        (Up, &upgrade("websocket", &format!("{KEY}{KEY}"))),
        (Down, &switching("websocket")),
        (Down, "\u{1}\u{1}b"),
    ]);
    assert_eq!(
        fault(&known.down),
        "a WebSocket without a handshake that asked for it"
    );
}

#[test]
fn http_1_0_asks_for_no_other_protocol() {
    let ask = upgrade("h2c", "").replace("1.1", "1.0");
    let known = known([(Up, &format!("{ask}{ASK}"))]);
    assert_eq!(labelled(&known.up, Label::Target), ["/x", "/x"]);
}

#[test]
fn the_content_of_a_handshake_is_content() {
    let handshake = upgrade("websocket", &format!("{KEY}Content-Length: 8\r\n"));
    let up = format!("{handshake}\u{1}\u{6}notone");
    // Refused, as it should be: then HTTP goes on. Or not: then frames begin behind it.
    let refused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let known = known([(Up, &up), (Down, refused), (Up, ASK)]);
    assert_eq!(labelled(&known.up, Label::Body), ["\\x01\\x06notone"]);
    assert_eq!(labelled(&known.up, Label::Method), ["GET", "GET"]);
    let known = self::known([
        (Up, &up),
        (Down, &switching("websocket")),
        (Up, "\u{1}\u{2}hi"),
        (Down, "\u{1}\u{2}ho"),
    ]);
    assert_eq!(labelled(&known.up, Label::Body), ["\\x01\\x06notone"]);
    assert_eq!(labelled(&known.up, Label::WsPayload), ["hi"]);
    assert_eq!(labelled(&known.down, Label::WsPayload), ["ho"]);
}

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
        let known = known([(Up, ask), (Down, &answer(status, field))]);
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
            known([(Up, &ask(field)), (Down, &format!("{OK}{field}\r\n\r\n"))]);
        assert_eq!(note(&known.up, value), expected);
        assert_eq!(note(&known.down, value), "", "{field} in a response");
    }
}

#[test]
fn a_field_may_go_on_in_the_next_line_of_a_response() {
    let folded = format!("{OK}X: a\r\n\tb\r\nContent-Length: 2\r\n\r\nok");
    let known = known([(Up, ASK), (Down, &folded)]);
    assert_eq!(fault(&known.down), "");
    let expected = "goes on in the next line, which counts as a space";
    assert_eq!(note(&known.down, "a\r\n\tb"), expected);
    assert_eq!(labelled(&known.down, Label::Body), ["ok"]);

    let folded = "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n";
    let known = self::known([(Up, folded)]);
    assert_eq!(
        fault(&known.up),
        "a field of a request that is continued on the next line"
    );
    let other = "GET / HTTP/1.1\r\nX : a\r\n b\r\n\r\n";
    assert_eq!(fault(&self::known([(Up, other)]).up), "not HTTP/1.1");
}

#[test]
fn only_a_good_answer_is_read_for_what_it_is() {
    for kind in ["text/event-stream", "application/json"] {
        let answer = format!(
            "HTTP/1.1 503 -\r\nContent-Type: {kind}\r\nContent-Length: 9\r\n\r\ndata: a\n\n"
        );
        let known = known([(Up, ASK), (Down, &answer)]);
        assert_eq!(labelled(&known.down, Label::Body), ["data: a\\n\\n"]);
        assert!(!events(&known, Down).contains(&&Message), "{kind}");
    }
    let chunks = "HTTP/1.1 503 -\r\nContent-Type: text/plain\r\n\
        Transfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n";
    let known = known([(Up, ASK), (Down, chunks)]);
    assert_eq!(labelled(&known.down, Label::HeartbeatLine), [""; 0]);
    // Of two types, nobody knows which one counts.
    let two = EVENTS.replace("\r\n\r\n", "\r\nContent-Type: text/html\r\n\r\n");
    let known = self::known([(Up, ASK), (Down, &format!("{two}data: a\n\n"))]);
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
    let known = known([(Up, ASK), (Down, &format!("{EVENTS}{body}"))]);
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
fn a_chunk_has_any_number_of_zeros_before_its_size() {
    let chunked = format!("{OK}Transfer-Encoding: chunked\r\n\r\n");
    let body = "00000000000000005\r\nhello\r\n00000000000000000\r\n\r\n";
    let known = known([(Up, ASK), (Down, &format!("{chunked}{body}"))]);
    assert_eq!(note(&known.down, "00000000000000005"), "5 bytes follow");
    assert_eq!(labelled(&known.down, Label::Body), ["hello"]);
    assert_eq!(known.response_pending, [true, false]);
    for (size, why) in [
        ("fffffffffffffffff".into(), "a chunk of more bytes than 64 bits count"),
        ("0".repeat(257), "the size of a chunk in more than 256 digits"),
        (";".into(), "not the size of a chunk"),
    ] {
        let answer = format!("{chunked}{size}\r\n");
        assert_eq!(fault(&self::known([(Up, ASK), (Down, &answer)]).down), why);
    }
}

/// A handshake, and then these frames of the server.
fn frames(down: &[u8]) -> Known {
    let bursts: Bursts = vec![
        (Up, upgrade("websocket", KEY).into()),
        (Down, switching("websocket").into()),
        (Down, down.to_vec()),
    ];
    check(&bursts, &[0])
}

#[test]
fn a_length_has_the_shortest_form() {
    let known = frames(b"\x81\x7e\x00\x05hello\x82\x7f\0\0\0\0\0\0\0\x01x");
    let lengths = known.down.iter().filter(|p| p.label == Label::WsExtendedLength);
    let notes: Vec<_> = lengths.map(|span| span.note.clone().unwrap()).collect();
    let form = "in a longer form than allowed";
    assert_eq!(notes, [format!("5 bytes, {form}"), format!("1 byte, {form}")]);
    // In a control frame, an extended length is wrong, whatever it says.
    for length in [b"\x00\x05", b"\x00\x80"] {
        let known = frames(&[b"\x89\x7e", &length[..]].concat());
        assert_eq!(fault(&known.down), "a control frame with an extended length");
    }
}

#[test]
fn a_preview_ends_with_a_whole_character() {
    let said = format!("a{}", "€".repeat(60));
    let mut frame = vec![0x81, 0xfe, 0, 181, 0, 0, 0, 0];
    frame.extend(said.bytes());
    let bursts: Bursts = vec![
        (Up, upgrade("websocket", KEY).into()),
        (Down, switching("websocket").into()),
        (Up, frame),
    ];
    let known = check(&bursts, &[0]);
    assert_eq!(note(&known.up, &said), format!("unmasked: a{}…", "€".repeat(49)));
}

#[test]
fn what_a_peer_says_can_do_nothing_to_the_terminal_of_a_reader() {
    let odd = "\u{1b}[2J\u{7}\u{9b}\u{202e}\u{200b}";
    let dots = "·[2J····";
    let body = format!("event: {odd}\ndata: a\n\n");
    let known = known([(Up, ASK), (Down, &format!("{EVENTS}{body}"))]);
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

/// What connections may consist of that the standards have something to say about.
fn bursts() -> impl Strategy<Value = Bursts> {
    let up = select(vec![
        ASK.to_owned(),
        "HEAD / HTTP/1.1\r\n\r\n".into(),
        "CONNECT a:1 HTTP/1.1\r\n\r\n".into(),
        upgrade("h2c", ""),
        upgrade("h2c, websocket", KEY),
        upgrade("websocket", &format!("{KEY}Content-Length: 8\r\n")),
        upgrade("websocket", &format!("{KEY}Transfer-Encoding: chunked\r\n")),
        "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n".into(),
        "8\r\n12345678\r\n0\r\n\r\n".into(),
        "\u{1}\u{1}a".into(),
    ]);
    let down = select(vec![
        EMPTY.to_owned(),
        EVENTS.into(),
        EVENTS.replace("200", "503"),
        format!(
            "{OK}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        format!("{OK}X: a\r\n\tb\r\nContent-Length: 2\r\n\r\nok"),
        format!("{OK}Transfer-Encoding: gzip\r\n\r\n"),
        switching("websocket"),
        switching("h2c"),
        "HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n".into(),
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n".into(),
        format!(
            "event: {}\nretry: 99999999999999999999\nid: \0\ndata\n\n",
            "é".repeat(50)
        ),
        "00000000000000000005\r\nretry\r\n0\r\n\r\n".into(),
        "\u{1}\u{7e}\0\u{1}a".into(),
    ]);
    let burst = prop_oneof![
        up.prop_map(|text| (Up, text.into_bytes())),
        down.prop_map(|text| (Down, text.into_bytes())),
    ];
    vec(burst, 0..16)
}

proptest! {
    #[test]
    fn labels_do_not_depend_on_how_bytes_are_cut(
        bursts in bursts(),
        sizes in vec(prop_oneof![0..4_u8, 0..80_u8], 1..20),
    ) {
        check(&bursts, &sizes);
    }
}
