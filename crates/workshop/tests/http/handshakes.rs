//! Where a WebSocket begins, and where none does.

use testkit::{Client, Head, Live, Workshop, masked};

use crate::{each, open};

/// Where a WebSocket begins: which server (of `each`), and which path.
const WEBSOCKETS: [(usize, &str); 4] =
    [(0, "/live"), (0, "/quiz/vote"), (6, "/chat"), (6, "/echo")];

/// Asks for a WebSocket, with `change` in the handshake.
fn shake(
    workshop: &Workshop,
    (server, target): (usize, &str),
    change: (&str, &str),
) -> (Client, Head) {
    let (_, mut client) = each(workshop).nth(server).unwrap();
    let handshake = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:80\r\n\
         Origin: http://localhost\r\nUpgrade: websocket\r\n\
         Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
    );
    assert!(handshake.contains(change.0));
    client.send(handshake.replacen(change.0, change.1, 1));
    let head = client.head();
    (client, head)
}

#[test]
fn a_handshake_that_can_be_read_in_two_ways_is_refused() {
    let workshop = open(&[]);
    let key = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n";
    for websocket in WEBSOCKETS {
        for (part, instead, expected) in [
            ("websocket\r", "websocket, h2c\r".into(), "one field `Upgrade"),
            ("websocket\r", "h2c, websocket\r".into(), "one field `Upgrade"),
            ("websocket\r", "notwebsocket\r".into(), "one field `Upgrade"),
            ("websocket\r", "websocket,\r".into(), "one field `Upgrade"),
            ("websocket\r", "\r".into(), "one field `Upgrade"),
            (
                "websocket\r",
                "websocket\r\nUpgrade: h2c\r".into(),
                "one field `Upgrade",
            ),
            (
                "websocket\r",
                "h2c\r\nUpgrade: websocket\r".into(),
                "one field `Upgrade",
            ),
            ("keep-alive, ", "close, ".into(), "without `close`"),
            (", Upgrade\r", "\r".into(), "`Connection: Upgrade`"),
            ("Upgrade:", "Content-Length: 8\r\nUpgrade:".into(), "without content"),
            (
                "Upgrade:",
                "Transfer-Encoding: chunked\r\nUpgrade:".into(),
                "without content",
            ),
            (key, key.repeat(2), "one `Sec-WebSocket-Key`"),
            (key, String::new(), "one `Sec-WebSocket-Key`"),
            (
                "Version: 13\r\n",
                "Version: 13\r\nSec-WebSocket-Version: 13\r\n".into(),
                "one `Sec-WebSocket-Version`",
            ),
        ] {
            let (mut client, head) = shake(&workshop, websocket, (part, &instead));
            assert_eq!(head.code(), 400, "{websocket:?}: {instead:?}");
            assert_eq!(head.field("connection"), Some("close"), "{instead:?}");
            let body = client.end();
            assert!(body.contains(expected), "{websocket:?}: {instead:?}: {body}");
        }
        for (part, instead) in [
            ("websocket\r", "WebSocket \r"),
            (", Upgrade", ", UPGRADE"),
            ("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"),
            ("localhost:80\r", "LocalHost.\r"),
        ] {
            let (_, head) = shake(&workshop, websocket, (part, instead));
            assert_eq!(head.code(), 101, "{websocket:?}: {instead:?}");
        }
    }
}

/// What asks for a WebSocket where there is none is answered as it is framed.
#[test]
fn a_stream_that_was_to_be_a_websocket_is_one_without_chunks() {
    let workshop = open(&[]);
    for stream in [(0, "/quiz/results"), (4, "/stream"), (5, "/api/v1/live-data")] {
        let (mut client, head) = shake(&workshop, stream, ("", ""));
        assert_eq!((head.code(), head.field("transfer-encoding")), (200, None));
        assert_eq!(head.field("connection"), Some("close"));
        let line = client.until("\n");
        let first = if stream.0 == 4 { "{\"id\":" } else { "retry: " };
        assert!(line.starts_with(first), "{stream:?}: {line:?}");
    }
}

#[test]
fn a_message_costs_what_is_in_it_and_those_before_it_are_answered() {
    let workshop = open(&[]);
    let websocket = workshop.techniques[4];
    for (address, target) in [
        (workshop.process.address, "/live"),
        (workshop.presenter, "/presenter/live"),
        (workshop.process.address, "/quiz/vote"),
        (websocket, "/chat"),
        (websocket, "/echo"),
    ] {
        let client = Client::connect(address);
        let mut client = Live::open(client, target, &workshop.cookie()).0;
        let good = masked(0x81, r#"{"nothing":"like that"}"#);
        let parts = masked(0x00, "x").repeat(8192);
        client.send([good, masked(0x01, "x"), parts].concat());
        let mut before = String::new();
        let code = loop {
            match client.frame() {
                (0x81, text) => before.push_str(&String::from_utf8(text).unwrap()),
                (0x88, reason) => break [reason[0], reason[1]],
                (first, _) => assert_eq!(first, 0x89, "{target}: a ping"),
            }
        };
        assert_eq!(u16::from_be_bytes(code), 1009, "{target}");
        assert!(before.contains("nothing"), "{target}: {before}");
    }
}
