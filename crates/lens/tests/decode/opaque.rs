//! What is not understood is opaque, and says why.

use lens::Direction::{Down, Up};

use crate::{ASK, CHUNKED, HANDSHAKE, OK, fault, frames, known, response};

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
        (b"\x01\x00\x81\x00", "a new message before the last fragment of another"),
        (b"\x80\x00", "a continuation frame without a first fragment"),
        (b"\x89\x7e\x00\x80", "a control frame with an extended length"),
        (b"\x88\x01\x03", "a close frame with half a close code"),
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
