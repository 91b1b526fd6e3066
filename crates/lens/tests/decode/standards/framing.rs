//! Where messages, chunks and frames begin and end, and who decides it.

use lens::{
    Direction::{Down, Up},
    Label,
    ProtocolEvent::Response,
};

use super::{EMPTY, KEY, events, labelled, note, switching, upgrade};
use crate::{
    ASK, OK,
    check::{Bursts, Known, check},
    fault, known,
};

#[test]
fn what_waits_for_an_answer_is_known_with_the_answer() {
    let both = format!("{}HEAD /y HTTP/1.1\r\n\r\n", upgrade("h2c", ""));
    // The second response has no content, which only the second request tells.
    let answers = format!("{EMPTY}{OK}Content-Length: 7\r\n\r\n");
    let known = known(&[(Up, &both), (Down, &answers), (Up, ASK)]);
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
    let mut decoder = lens::Decoder::new(crate::check::MARKERS);
    decoder.push(Up, both.into());
    assert_eq!(decoder.take_deferred(), None);
    // The client has said all; the answer comes.
    assert_eq!(decoder.end(Up).spans, []);
    decoder.push(Down, EMPTY.into());
    let deferred = decoder.take_deferred().unwrap();
    assert_eq!(labelled(&deferred.spans, Label::Target), ["/x"]);

    let both = format!("{}{ASK}", upgrade("h2c", ""));
    for answer in ["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 101 OK\r\n\r\n", ""] {
        let mut decoder = lens::Decoder::new(crate::check::MARKERS);
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
        let known = known(&[
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
    let known = known(&[
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
    let known = known(&[(Up, &format!("{ask}{ASK}"))]);
    assert_eq!(labelled(&known.up, Label::Target), ["/x", "/x"]);
}

#[test]
fn the_content_of_a_handshake_is_content() {
    let handshake = upgrade("websocket", &format!("{KEY}Content-Length: 8\r\n"));
    let up = format!("{handshake}\u{1}\u{6}notone");
    // Refused, as it should be: then HTTP goes on. Or not: then frames begin behind it.
    let refused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let known = known(&[(Up, &up), (Down, refused), (Up, ASK)]);
    assert_eq!(labelled(&known.up, Label::Body), ["\\x01\\x06notone"]);
    assert_eq!(labelled(&known.up, Label::Method), ["GET", "GET"]);
    let known = self::known(&[
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
fn a_chunk_has_any_number_of_zeros_before_its_size() {
    let chunked = format!("{OK}Transfer-Encoding: chunked\r\n\r\n");
    let body = "00000000000000005\r\nhello\r\n00000000000000000\r\n\r\n";
    let known = known(&[(Up, ASK), (Down, &format!("{chunked}{body}"))]);
    assert_eq!(note(&known.down, "00000000000000005"), "5 bytes follow");
    assert_eq!(labelled(&known.down, Label::Body), ["hello"]);
    assert_eq!(known.response_pending, [true, false]);
    for (size, why) in [
        ("fffffffffffffffff".into(), "a chunk of more bytes than 64 bits count"),
        ("0".repeat(257), "the size of a chunk in more than 256 digits"),
        (";".into(), "not the size of a chunk"),
    ] {
        let answer = format!("{chunked}{size}\r\n");
        assert_eq!(fault(&self::known(&[(Up, ASK), (Down, &answer)]).down), why);
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
