//! What the labels of real exchanges are, and what holds for all others.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod check;

use std::collections::HashSet;

use bytes::Bytes;
use lens::{
    Account, Class, Decoder,
    Direction::{Down, Up},
    Label,
    ProtocolEvent::{self, Message, Request, Response, Sample},
    Span,
};
use proptest::{collection::vec, prelude::*, sample::select};

use check::{Bursts, Known, check};

/// Decodes the bursts, also a byte at a time.
fn known(bursts: &[(lens::Direction, &str)]) -> Known {
    let bursts = bursts.iter().map(|(to, text)| (*to, text.as_bytes().to_vec()));
    check(&bursts.collect(), &[0])
}

/// A line a piece: label, bytes, and the note, if there is one.
fn shown<'a>(spans: impl IntoIterator<Item = &'a Span>) -> String {
    let lines = spans.into_iter().map(|span| {
        let bytes = span.bytes.escape_ascii();
        let note = span.note.iter().map(|note| format!("  # {note}"));
        format!("{} {bytes}{}\n", span.label.name(), note.collect::<String>())
    });
    lines.collect()
}

/// The same without heads.
fn without_heads(spans: &[Span]) -> String {
    shown(spans.iter().filter(|span| span.label.class() != Class::Head))
}

/// How many pieces each group has.
fn groups(spans: &[Span]) -> Vec<usize> {
    spans.chunk_by(|a, b| a.group == b.group).map(<[Span]>::len).collect()
}

/// The text without the indentation that it has here.
fn text(indented: &str) -> String {
    let lines = indented.trim().lines().map(|line| format!("{}\n", line.trim()));
    lines.collect()
}

fn request(target: &str) -> (lens::Direction, ProtocolEvent) {
    (Up, Request { target: target.into() })
}

fn response(status: u16, empty: bool) -> (lens::Direction, ProtocolEvent) {
    (Down, Response { status, empty })
}

/// What is told of why a direction is opaque; empty, if it is not.
fn fault(spans: &[Span]) -> &str {
    let last = spans.last().filter(|span| span.label == Label::Opaque);
    last.and_then(|span| span.note.as_deref()).unwrap_or_default()
}

const ASK: &str = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n";
const SAMPLE: &str =
    r#"{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}"#;
const HANDSHAKE: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n";
const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    connection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n";

/// A chunk with this content.
fn chunk(content: &str) -> String {
    format!("{:x}\r\n{content}\r\n", content.len())
}

/// A stream of this type with these chunks, answered to [`ASK`].
fn stream(kind: &str, chunks: &[&str]) -> Known {
    let chunks: String = chunks.iter().map(|content| chunk(content)).collect();
    let answer = format!("{CHUNKED}content-type: {kind}\r\n\r\n{chunks}0\r\n\r\n");
    known(&[(Up, ASK), (Down, &answer)])
}

#[test]
fn a_short_poll_finds_a_sample_and_then_nothing() {
    let body = format!("[{SAMPLE}]");
    let found = format!(
        "{OK}content-length: {}\r\ncontent-type: application/json\r\n\r\n{body}",
        body.len()
    );
    let known = known(&[
        (Up, "GET /short-polling?after=k3f9-16 HTTP/1.1\r\nHost:a\r\nX:\r\n\r\n"),
        (Down, &found),
        (Up, "GET /short-polling?after=k3f9-17 HTTP/1.1\r\n\r\n"),
        (Down, "HTTP/1.1 204 No Content\r\n\r\n"),
    ]);
    assert_eq!(
        shown(&known.up),
        text(
            r"
            method GET
            delimiter \x20
            target /short-polling?after=k3f9-16
            delimiter \x20
            version HTTP/1.1
            delimiter \r\n
            field-name Host
            delimiter :
            field-value a
            delimiter \r\n
            field-name X
            delimiter :\r\n
            head-end \r\n
            method GET
            delimiter \x20
            target /short-polling?after=k3f9-17
            delimiter \x20
            version HTTP/1.1
            delimiter \r\n
            head-end \r\n
            "
        )
        .replace(r"\x20", " ")
    );
    assert_eq!(
        shown(&known.down),
        text(&format!(
            r"
            version HTTP/1.1
            delimiter \x20
            status 200
            delimiter \x20
            reason OK
            delimiter \r\n
            field-name content-length
            delimiter :\x20
            field-value 69  # 69 bytes of content
            delimiter \r\n
            field-name content-type
            delimiter :\x20
            field-value application/json
            delimiter \r\n
            head-end \r\n
            body {}
            version HTTP/1.1
            delimiter \x20
            status 204
            delimiter \x20
            reason No Content
            delimiter \r\n
            head-end \r\n
            ",
            body.as_bytes().escape_ascii()
        ))
        .replace(r"\x20", " ")
    );
    assert_eq!(groups(&known.up), [13, 7]);
    assert_eq!(groups(&known.down), [15, 1, 7]);
    assert_eq!(
        known.events,
        [
            request("/short-polling?after=k3f9-16"),
            response(200, false),
            (Down, Sample),
            (Down, Message),
            request("/short-polling?after=k3f9-17"),
            response(204, true),
        ]
    );
    assert_eq!(known.response_pending, [true, false, true, false]);
}

#[test]
fn a_long_poll_is_pending_until_its_answer_is_complete() {
    let known = known(&[
        (Up, "GET /long-polling HTTP/1.1\r\n\r\n"),
        (Down, &format!("{OK}content-type: application/json\r\n")),
        (Down, "content-length: 2\r\n\r\n["),
        (Down, "]"),
    ]);
    assert_eq!(known.response_pending, [true, true, true, false]);
    assert_eq!(without_heads(&known.down), "body []\n");
}

#[test]
fn a_stream_of_text_has_lines_in_chunks() {
    let line = format!("{SAMPLE}\n");
    let (first, second) = line.split_at(40);
    let lines = format!("{line}{first}");
    let kind = "text/plain; charset=utf-8";
    let known = stream(kind, &[&lines, second, "\n\n", "{\"bye\":1}\n"]);
    let escaped = SAMPLE.as_bytes().escape_ascii().to_string();
    let (first, second) =
        (first.as_bytes().escape_ascii(), second.trim().as_bytes().escape_ascii());
    assert_eq!(
        without_heads(&known.down),
        text(&format!(
            r#"
            chunk-size 6c  # 108 bytes follow
            chunk-line-end \r\n
            body {escaped}
            line-end \n
            body {first}
            chunk-line-end \r\n
            chunk-size 1c  # 28 bytes follow
            chunk-line-end \r\n
            body {second}
            line-end \n
            chunk-line-end \r\n
            chunk-size 2  # 2 bytes follow
            chunk-line-end \r\n
            heartbeat-line \n
            heartbeat-line \n
            chunk-line-end \r\n
            chunk-size a  # 10 bytes follow
            chunk-line-end \r\n
            body {{\"bye\":1}}
            line-end \n
            chunk-line-end \r\n
            last-chunk 0  # the content is complete
            chunk-line-end \r\n
            chunk-line-end \r\n
            "#
        ))
    );
    assert_eq!(groups(&known.down), [15, 6, 5, 5, 5, 3]);
    let told: Vec<_> = known.events.into_iter().skip(2).collect();
    assert_eq!(told, [Sample, Message, Sample, Message, Message].map(|h| (Down, h)));
}

#[test]
fn chunks_may_have_extensions_and_trailers() {
    let answer = format!(
        "{CHUNKED}\r\n05;a=\"b\" ; c\r\nhello\r\n0 ;last\r\nA: b\r\nC: d\r\n\r\n"
    );
    let known = known(&[(Up, ASK), (Down, &answer), (Down, &answer)]);
    assert_eq!(
        without_heads(&known.down[..known.down.len() / 2]),
        text(
            r#"
            chunk-size 05  # 5 bytes follow
            chunk-extension ;a=\"b\" ; c
            chunk-line-end \r\n
            body hello
            chunk-line-end \r\n
            last-chunk 0  # the content is complete
            chunk-extension  ;last
            chunk-line-end \r\n
            trailer A: b\r\n
            trailer C: d\r\n
            chunk-line-end \r\n
            "#
        )
    );
}

#[test]
fn events_have_fields_and_end_with_an_empty_line() {
    let known = stream(
        "text/event-stream",
        &[
            "retry: 2417\n\n",
            "event: gap\nid: k3f9-16\ndata: {\"missed\":3}\n\n",
            &format!("id: k3f9-17\ndata: {SAMPLE}\n\n"),
            "event: weather\nid:",
            " k3f9-17\nda",
            "ta: BERLIN 7.4\ndata:LONDON\n\n",
            ": heartbeat\n\n",
            "event: bye\nid: k3f9-17\ndata\n\n",
        ],
    );
    let events = known.down.iter().filter(|span| {
        let label = span.label;
        label.class() != Class::Head && !label.name().contains("chunk")
    });
    let escaped = SAMPLE.as_bytes().escape_ascii();
    assert_eq!(
        shown(events),
        text(&format!(
            r#"
            sse-field retry:\x20
            sse-retry 2417  # wait 2417 ms before asking again
            sse-line-end \n
            sse-dispatch \n  # no data, so the page gets nothing
            sse-field event:\x20
            sse-event gap
            sse-line-end \n
            sse-field id:\x20
            sse-id k3f9-16
            sse-line-end \n
            sse-field data:\x20
            sse-data {{\"missed\":3}}
            sse-line-end \n
            sse-dispatch \n  # the page gets an event “gap”
            sse-field id:\x20
            sse-id k3f9-17
            sse-line-end \n
            sse-field data:\x20
            sse-data {escaped}
            sse-line-end \n
            sse-dispatch \n  # the page gets a message
            sse-field event:\x20
            sse-event weather
            sse-line-end \n
            sse-field id:
            sse-field \x20
            sse-id k3f9-17
            sse-line-end \n
            sse-field da
            sse-field ta:\x20
            sse-data BERLIN 7.4
            sse-line-end \n
            sse-field data:
            sse-data LONDON
            sse-line-end \n
            sse-dispatch \n  # the page gets an event “weather”
            sse-comment : heartbeat
            sse-line-end \n
            sse-dispatch \n  # no data, so the page gets nothing
            sse-field event:\x20
            sse-event bye
            sse-line-end \n
            sse-field id:\x20
            sse-id k3f9-17
            sse-line-end \n
            sse-field data
            sse-line-end \n
            sse-dispatch \n  # the page gets an event “bye”
            "#
        ))
        .replace(r"\x20", " ")
    );
    let messages = known.events.iter().filter(|(_, h)| *h == Message).count();
    let samples = known.events.iter().filter(|(_, h)| *h == Sample).count();
    assert_eq!((messages, samples), (4, 1));
}

#[test]
fn every_line_end_of_events_is_understood() {
    let events =
        "\u{feff}data: a\rdata:b\r\r\ndata: c\r\n\r\nDATA: d\nretry: 5 s\n\r\r";
    let answer = format!("{OK}content-type: text/event-stream\r\n\r\n{events}");
    let known = known(&[(Up, ASK), (Down, &answer)]);
    assert_eq!(
        without_heads(&known.down),
        text(
            r"
            sse-unknown \xef\xbb\xbf  # byte order mark
            sse-field data:\x20
            sse-data a
            sse-line-end \r
            sse-field data:
            sse-data b
            sse-line-end \r
            sse-dispatch \r\n  # the page gets a message
            sse-field data:\x20
            sse-data c
            sse-line-end \r\n
            sse-dispatch \r\n  # the page gets a message
            sse-field DATA:\x20
            sse-unknown d
            sse-line-end \n
            sse-field retry:\x20
            sse-retry 5 s  # not only digits, so ignored
            sse-line-end \n
            sse-dispatch \r  # no data, so the page gets nothing
            sse-dispatch \r  # no data, so the page gets nothing
            "
        )
        .replace(r"\x20", " ")
    );
    // The head, the mark, and each event is a group: no chunks are around them.
    assert_eq!(groups(&known.down), [11, 1, 7, 4, 7, 1]);
}

/// A handshake, and then these frames.
fn frames(up: &[u8], down: &[u8]) -> Known {
    let bursts: Bursts = vec![
        (Up, HANDSHAKE.into()),
        (Down, SWITCHING.into()),
        (Up, up.to_vec()),
        (Down, down.to_vec()),
    ];
    check(&bursts, &[0])
}

/// A frame of the client.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let key = *b"\x37\xfa\x21\x3d";
    let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).unwrap()];
    frame.extend(key);
    frame.extend(
        payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key),
    );
    frame
}

#[test]
fn a_websocket_begins_with_a_handshake() {
    let known = frames(b"", b"");
    let accept = known.down.iter().find(|span| span.bytes.starts_with(b"HSmr"));
    assert_eq!(
        accept.unwrap().note.as_deref().unwrap(),
        "matches: x3JJHMbDL1EzLkh9GBhXDw== + 258EAFA5-E914-47DA-95CA-C5AB0DC85B11 \
         → SHA-1 1d29ab734b0c9585240069a6e4e3e91b61da1969 \
         → base64 HSmrc0sMlYUkAGmm5OPpG2HaGWk="
    );
    assert_eq!(known.events, [request("/chat"), response(101, false)]);
    assert_eq!(known.response_pending[..2], [true, false]);

    let wrong = SWITCHING.replace("HSmr", "hSmr");
    let known = self::known(&[(Up, HANDSHAKE), (Down, &wrong)]);
    let accept = known.down.iter().find(|span| span.bytes.starts_with(b"hSmr"));
    assert!(
        accept.unwrap().note.as_deref().unwrap().starts_with("does not match: ")
    );
}

#[test]
fn frames_have_a_header_a_mask_and_a_payload() {
    let up = [
        masked(0x81, b"Hello"),
        masked(0x8a, b"7"),
        masked(0x82, b"\x01\x02"),
        masked(0x88, b"\x03\xe8bye"),
    ];
    let sample = SAMPLE.as_bytes();
    let down = [&[0x81, 67][..], sample, b"\x89\x017", b"\x88\x02\x03\xe9"].concat();
    let known = frames(&up.concat(), &down);
    assert_eq!(
        without_heads(&known.up),
        text(
            r"
            ws-first \x81  # text, final frame
            ws-length \x85  # masked, 5 bytes
            ws-mask 7\xfa!=
            ws-payload \x7f\x9fMQX  # unmasked: Hello
            ws-first \x8a  # pong
            ws-length \x81  # masked, 1 byte
            ws-mask 7\xfa!=
            ws-pong \x00  # unmasked: 7
            ws-first \x82  # binary, final frame
            ws-length \x82  # masked, 2 bytes
            ws-mask 7\xfa!=
            ws-payload 6\xf8  # unmasked: 01 02
            ws-first \x88  # close
            ws-length \x85  # masked, 5 bytes
            ws-mask 7\xfa!=
            ws-close-code 4\x12  # 1000: normal closure
            ws-close-reason CDR  # unmasked: bye
            "
        )
    );
    assert_eq!(
        without_heads(&known.down),
        text(&format!(
            r"
            ws-first \x81  # text, final frame
            ws-length C  # 67 bytes
            ws-payload {}
            ws-first \x89  # ping
            ws-length \x01  # 1 byte
            ws-ping 7
            ws-first \x88  # close
            ws-length \x02  # 2 bytes
            ws-close-code \x03\xe9  # 1001: going away: the server goes down, or the page was left
            ",
            sample.escape_ascii()
        ))
    );
    assert_eq!(groups(&known.down)[1..], [3, 3, 3]);
    let told = known.events.into_iter().skip(2).collect::<Vec<_>>();
    assert_eq!(
        told,
        [(Up, Message), (Up, Message), (Down, Sample), (Down, Message)]
    );
}

#[test]
fn messages_may_be_long_and_in_parts() {
    let down = [
        b"\x01\x03Hel\x89\x00\x80\x02lo\x82\x7e\x01\x00".to_vec(),
        vec![7; 256],
        b"\x82\x7f\0\0\0\0\0\x01\x00\x00".to_vec(),
        vec![8; 65536],
    ];
    let mut up = vec![0x81, 0xfe, 0, 200, 0, 0, 0, 0];
    up.extend("€".repeat(66).into_bytes());
    up.extend(b"\n!\x81\x02hi");
    let known = frames(&up, &down.concat());
    let mut shown = without_heads(&known.down);
    shown.retain(|char| !matches!(char, '7' | '8'));
    let long = |byte: &str, count| {
        format!(r"\x0{byte}").repeat(count).replace(['7', '8'], "")
    };
    let expected = text(&format!(
        r"
        ws-first \x01  # text, more frames follow
        ws-length \x03  # 3 bytes
        ws-payload Hel
        ws-first \x89  # ping
        ws-length \x00  # 0 bytes
        ws-first \x80  # continuation, final frame
        ws-length \x02  # 2 bytes
        ws-payload lo
        ws-first \x82  # binary, final frame
        ws-length ~  # length in the next 2 bytes
        ws-extended-length \x01\x00  # 256 bytes
        ws-payload {}
        ws-first \x82  # binary, final frame
        ws-length \x7f  # length in the next 8 bytes
        ws-extended-length \x00\x00\x00\x00\x00\x01\x00\x00  # 65536 bytes
        ws-payload {}
        ",
        long("7", 256),
        long("8", 65536)
    ));
    assert_eq!(shown, expected.replace(['7', '8'], ""));
    let notes: Vec<_> =
        known.up.iter().filter_map(|span| span.note.clone()).collect();
    assert_eq!(
        notes[1..],
        [
            "text, final frame".into(),
            "masked, length in the next 2 bytes".into(),
            "200 bytes".into(),
            format!("unmasked: {}…", "€".repeat(50)),
            "text, final frame".into(),
            "not masked as it must be, 2 bytes".into(),
        ]
    );
}

#[test]
fn requests_may_be_sent_before_the_answers() {
    let up = format!(
        "{ASK}HEAD /head HTTP/1.1\r\n\r\n\r\nPOST /post HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody{ASK}"
    );
    let down = format!(
        "HTTP/1.1 103 Early Hints\r\n\r\n{OK}content-length: 2\r\n\r\nok\
         {OK}content-length: 77\r\n\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n{OK}\r\nuntil the end"
    );
    let known = known(&[(Up, &up), (Down, &down)]);
    assert_eq!(without_heads(&known.up), "body body\n");
    assert_eq!(without_heads(&known.down), "body ok\nbody until the end\n");
    assert_eq!(
        known.events,
        [
            request("/x"),
            request("/head"),
            request("/post"),
            request("/x"),
            response(200, false),
            response(200, true),
            response(304, true),
            response(200, false),
        ]
    );
    assert_eq!(known.response_pending, [true, true]);
}

#[test]
fn a_refused_upgrade_goes_on_with_http() {
    // The second request waits until it is known what it is.
    let up = format!("{HANDSHAKE}{ASK}");
    let refused = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    let known = known(&[(Up, &up), (Down, refused), (Up, ASK), (Down, refused)]);
    let requests = [request("/chat"), request("/x"), request("/x")];
    let seen = known.events.iter().filter(|(direction, _)| *direction == Up);
    assert!(seen.eq(&requests));
    assert_eq!(fault(&known.up), "");
}

#[test]
fn what_follows_an_answer_that_is_not_understood_is_opaque() {
    for answer in ["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 101 OK\r\n\r\n"] {
        let known = known(&[(Up, HANDSHAKE), (Down, answer), (Up, ASK)]);
        assert_eq!(fault(&known.up), "an unknown protocol");
    }
}

#[test]
fn a_server_may_answer_before_it_is_asked() {
    let timeout = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";
    let known = known(&[(Down, timeout)]);
    assert_eq!(known.events, [response(408, true)]);
}

#[test]
fn what_is_not_understood_is_opaque() {
    let head = |fields: &str| format!("POST / HTTP/1.1\r\n{fields}\r\n\r\nrest");
    let both = "Content-Length: 4\r\nTransfer-Encoding: chunked";
    let many = "A: b\r\n".repeat(129);
    for (request, why) in [
        ("\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03", "not HTTP/1.1"),
        ("SSH-2.0-OpenSSH_9.6\r\n", "not HTTP/1.1"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "not HTTP/1.1"),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "not HTTP/1.1"),
        (&head(both), "both Content-Length and Transfer-Encoding"),
        (&head("Content-Length: +4"), "a Content-Length that is no number"),
        (
            &head("Content-Length: 4\r\nContent-Length: 4"),
            "several Content-Length fields",
        ),
        (&head("Transfer-Encoding: x"), "an unknown Transfer-Encoding"),
        (
            &head("Transfer-Encoding: chunked, chunked"),
            "an unknown Transfer-Encoding",
        ),
        (
            &head("Transfer-Encoding: gzip"),
            "a request whose content has no known length",
        ),
        (
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\nrest",
            "a Transfer-Encoding in HTTP/1.0",
        ),
        (&head(&many), "a head of more than 64 KiB or 128 fields"),
        (
            &head(&format!("A: {}", "a".repeat(70_000))),
            "a head of more than 64 KiB or 128 fields",
        ),
        ("GET / HT", "cut off"),
    ] {
        let cut_off = why == "cut off";
        let answer = format!("{OK}content-length: 0\r\n\r\n");
        let known = known(&[(Up, request), (Up, ASK), (Down, &answer)]);
        if cut_off {
            continue;
        }
        let start = &request[..request.len().min(99)];
        assert_eq!(fault(&known.up), why, "{start}");
        let unknown = "a response to something that is not HTTP/1.1";
        assert_eq!(fault(&known.down), unknown, "{start}");
        assert_eq!(known.events, []);
        assert_eq!(known.response_pending, [false; 3]);
    }

    for (answer, why) in [
        ("SSH-2.0-OpenSSH_9.6\r\n".into(), "not HTTP/1.1"),
        (
            format!("{OK}{both}\r\n\r\nrest"),
            "both Content-Length and Transfer-Encoding",
        ),
        (format!("{CHUNKED}\r\nx"), "not the size of a chunk"),
        (format!("{CHUNKED}\r\n\r\n"), "not the size of a chunk"),
        (
            format!("{CHUNKED}\r\n10000000000000000\r\n"),
            "a chunk of more bytes than 64 bits count",
        ),
        (
            format!("{CHUNKED}\r\n5;a\n"),
            "a line of a chunk that does not end with CR LF",
        ),
        (
            format!("{CHUNKED}\r\n5\rx"),
            "a line of a chunk that does not end with CR LF",
        ),
        (format!("{CHUNKED}\r\n5\r\nhello!"), "a chunk longer than its size says"),
        (format!("{CHUNKED}\r\n5"), "cut off"),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\nx".into(),
            "a protocol other than WebSocket",
        ),
    ] {
        let known = known(&[(Up, ASK), (Down, &answer)]);
        assert_eq!(fault(&known.down), why, "{answer}");
        assert_eq!(known.response_pending[1], why == "cut off", "{answer}");
    }

    for (frame, why) in [
        (&b"\x83\x00"[..], "a frame with an undefined opcode"),
        (b"\xc1\x00", "a frame of an extension that was not agreed on"),
        (b"\x09\x00", "a fragmented control frame"),
        (b"\x01\x00\x81\x00", "a message within another"),
        (b"\x80\x00", "a continuation without a message"),
        (b"\x89\x7e\x00\x80", "a control frame with an extended length"),
        (b"\x88\x01\x03", "a close code of one byte"),
        (b"\x82\x7f\x80", "a length of more than 63 bits"),
    ] {
        let known = frames(frame, frame);
        assert_eq!((fault(&known.up), fault(&known.down)), (why, why));
    }
}

#[test]
fn a_tunnel_is_opaque() {
    let ask = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
    let answer = format!("{OK}\r\nserver");
    let known = known(&[(Up, ask), (Down, &answer), (Up, "client")]);
    assert_eq!(
        (fault(&known.up), fault(&known.down)),
        ("an unknown protocol", "a tunnel")
    );
    assert_eq!(known.response_pending, [true, false, false]);
}

#[test]
fn compressed_messages_are_not_read() {
    let switching = SWITCHING.replace(
        "upgrade\r\n",
        "upgrade\r\nsec-websocket-extensions: permessage-deflate\r\n",
    );
    let bursts: Bursts = vec![
        (Up, HANDSHAKE.into()),
        (Down, switching.into()),
        (Up, masked(0xc1, b"\x01")),
    ];
    let known = check(&bursts, &[0]);
    let shown = without_heads(&known.up);
    assert!(shown.contains("# text, final frame, compressed\n"), "{shown}");
    assert!(shown.ends_with("# unmasked: 01\n"), "{shown}");
}

#[test]
fn an_account_adds_up() {
    let answer = format!(
        "{CHUNKED}content-type: text/plain\r\n\r\n{}",
        chunk(&format!("{SAMPLE}\n\n"))
    );
    let mut account = Account::default();
    let mut decoder = Decoder::new(check::MARKERS);
    account.opened();
    account.add(Up, &decoder.push(Up, Bytes::from_static(ASK.as_bytes())));
    account.add(Down, &decoder.push(Down, answer.clone().into()));
    account.add(Down, &decoder.push(Down, "x".into()));
    account.closed();
    let (up, down) = (ASK.len() as u64, answer.len() as u64 + 1);
    let expected = Account {
        opened: 1,
        open: 0,
        requests: 1,
        responses: 1,
        empty: 0,
        up,
        down,
        head: up + down - 1 - 67 - 1 - 1 - 6,
        framing: 7,
        payload: 67,
        control: 1,
        opaque: 1,
        messages: 1,
        samples: 1,
        missed: 0,
    };
    assert_eq!(account, expected);
}

#[test]
fn labels_are_explained() {
    let names: HashSet<_> = Label::ALL.iter().map(|label| label.name()).collect();
    assert_eq!((names.len(), Label::ALL.len()), (36, 36));
    for label in Label::ALL {
        let explains = label.explanation();
        assert!(explains.ends_with('.') && explains.len() < 200, "{explains}");
        let letters = explains.as_bytes();
        let humps = letters.windows(2).any(|pair| {
            pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()
        });
        let of_the_page = explains.contains("addEventListener");
        assert!(!humps || of_the_page, "a name from the sources: {explains}");
        assert!(!label.title().is_empty());
        let reference = label.reference();
        assert!(reference.starts_with("RFC ") || reference.starts_with("WHATWG "));
    }
}

/// What each technique announces, decoded whole and a byte at a time.
#[test]
fn missed_samples_are_counted_where_they_are_announced() {
    const GAP: &str = r#"{"missed":12,"restarted":false,"id":"k3f9-29"}"#;
    let missed = |known: &Known| -> Vec<_> {
        let missed = |(_, event): &(_, ProtocolEvent)| match event {
            ProtocolEvent::Missed(samples) => Some(*samples),
            _ => None,
        };
        known.events.iter().filter_map(missed).collect()
    };
    let json = "content-type: application/json\r\ncontent-length: 2\r\n\r\n[]";
    let polled =
        known(&[(Up, ASK), (Down, &format!("{OK}feed-gap: {GAP}\r\n{json}"))]);
    assert_eq!(missed(&polled), [12]);
    let line = format!("{{\"gap\":{GAP}}}\n");
    let streamed = stream("text/plain", &[&line[..18], &line[18..]]);
    assert_eq!(missed(&streamed), [12]);
    let event = format!("event: gap\ndata: {GAP}\n\n");
    assert_eq!(missed(&stream("text/event-stream", &[&event, &event])), [12, 12]);
    let message = format!("{{\"gap\":{GAP}}}");
    let frame = [&[0x81, message.len() as u8], message.as_bytes()].concat();
    assert_eq!(missed(&frames(b"", &frame)), [12]);
    // What a client says is no announcement, nor is another field, or a quoted text.
    let said = known(&[
        (Up, &ASK.replace("Host: a", &format!("Feed-Gap: {GAP}"))),
        (Down, &format!("{OK}x-feed-gap: {GAP}\r\n{json}")),
    ]);
    assert_eq!(missed(&said), [0; 0]);
    let quoted = format!("{}\n", GAP.replace('"', "\\\""));
    assert_eq!(missed(&stream("text/plain", &[&quoted])), [0; 0]);
}

/// What connections may consist of, and some bytes that they may not.
fn bursts() -> impl Strategy<Value = Bursts> {
    let up = select(vec![
        ASK.as_bytes().to_vec(),
        HANDSHAKE.into(),
        b"HEAD / HTTP/1.1\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
        masked(0x81, b"Hello"),
        masked(0x01, b"Hel"),
        masked(0x80, b"lo"),
        masked(0x8a, b""),
        masked(0x88, b"\x03\xe8bye"),
    ]);
    let event_stream = format!("{CHUNKED}content-type: text/event-stream\r\n\r\n");
    let text_stream = format!("{CHUNKED}content-type: text/plain\r\n\r\n");
    let json = format!(
        "{OK}content-type: application/json\r\ncontent-length: 69\r\n\r\n[{SAMPLE}]"
    );
    let down = select(vec![
        event_stream.into_bytes(),
        text_stream.into_bytes(),
        json.into_bytes(),
        format!("{OK}content-type: text/event-stream\r\n\r\n").into_bytes(),
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        SWITCHING.into(),
        chunk(&format!("id: k3f9-17\ndata: {SAMPLE}\n\n")).into(),
        chunk(": heartbeat\r\n\r").into(),
        chunk("\nevent: weather\rdata: BERLIN\r\r").into(),
        chunk("\n").into(),
        chunk(SAMPLE).into(),
        b"0\r\n\r\n".to_vec(),
        b"0\r\nA: b\r\n\r\n".to_vec(),
        [b"\x81\x43", SAMPLE.as_bytes()].concat(),
        b"\x89\x00".to_vec(),
        b"\x01\x01a\x80\x7e\x00\x01b".to_vec(),
        b"\x88\x02\x03\xe8".to_vec(),
    ]);
    let any = || vec(any::<u8>(), 0..20);
    vec(
        prop_oneof![
            10 => up.prop_map(|bytes| (Up, bytes)),
            20 => down.prop_map(|bytes| (Down, bytes)),
            1 => any().prop_map(|bytes| (Up, bytes)),
            1 => any().prop_map(|bytes| (Down, bytes)),
        ],
        0..20,
    )
}

proptest! {
    #[test]
    fn labels_do_not_depend_on_how_bytes_are_cut(
        bursts in bursts(),
        sizes in vec(prop_oneof![0..4_u8, 0..80_u8], 1..20),
    ) {
        check(&bursts, &sizes);
    }

    #[test]
    fn arbitrary_bytes_have_labels(
        up in vec(any::<u8>(), 0..500),
        down in vec(any::<u8>(), 0..500),
        head in any::<bool>(),
        sizes in vec(0..20_u8, 1..20),
    ) {
        let mut bursts: Bursts = vec![(Up, up), (Down, down)];
        if head {
            bursts.insert(0, (Up, HANDSHAKE.into()));
            bursts.insert(1, (Down, SWITCHING.into()));
        }
        check(&bursts, &sizes);
    }
}
