//! WebSocket in bytes.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "wire/violations.rs"]
mod violations;

use std::{sync::mpsc, time::Duration};

use testkit::{
    Client, Head, Process, Server, Signal, WAIT_TIMEOUT, documented, masked,
    meanwhile, sample, wait_until,
};
use websocket::{TECHNIQUE, Timings, routes};

const LONG: Duration = Duration::from_secs(60);
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn server(heartbeat: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| routes(feed, Timings { heartbeat }))
}

/// The handshake that the `//!` shows, with more fields.
fn handshake(target: &str, fields: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:3005\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{fields}\r\n"
    )
}

fn ask_for(mut client: Client, target: &str, fields: &str) -> (Client, Head) {
    client.send(handshake(target, fields));
    let head = client.head();
    (client, head)
}

fn open(server: &Server, target: &str) -> Client {
    let (client, head) = ask_for(server.connect(), target, "");
    assert_eq!(head.code(), 101, "{head:?}");
    client
}

/// On `/chat`, with the welcome and the newest sample taken.
fn enter(server: &Server) -> Client {
    let mut client = open(server, "/chat");
    let welcome = text(&mut client);
    assert!(welcome.starts_with(r#"{"welcome":{"name":"guest "#), "{welcome}");
    sample(&text(&mut client));
    client
}

/// On `target`, with nothing left to take.
fn ready(server: &Server, target: &str) -> Client {
    if target == "/chat" { enter(server) } else { open(server, target) }
}

fn text(client: &mut Client) -> String {
    let (first, payload) = client.frame();
    let text = String::from_utf8(payload).unwrap();
    assert_eq!(first, TEXT, "{text}");
    text
}

/// Takes a Close frame and the end of the connection. Its code and its reason.
fn closed(client: &mut Client) -> (u16, String) {
    let (first, payload) = client.frame();
    assert_eq!(first, CLOSE, "{payload:?}");
    assert_eq!(client.end(), "");
    let (code, reason) = payload.split_at(2);
    let reason = String::from_utf8(reason.to_vec()).unwrap();
    (u16::from_be_bytes(code.try_into().unwrap()), reason)
}

#[test]
fn the_handshake_is_the_documented_one() {
    let server = server(LONG);
    let fields = "Sec-WebSocket-Protocol: chat\r\nOrigin: http://localhost:3005\r\n";
    let (mut client, head) = ask_for(server.connect(), "/chat", fields);
    let documented = documented(TECHNIQUE, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(head.normal(), documented);
    assert_eq!(text(&mut client), r#"{"welcome":{"name":"guest 1"}}"#);
    assert_eq!(sample(&text(&mut client)), (1, "first".into()));
    server.shut_down();
}

#[test]
fn the_subprotocol_is_negotiated() {
    let server = server(LONG);
    for (offered, chosen) in [
        ("chat", Some("chat")),
        ("superchat, chat", Some("chat")),
        ("superchat", None),
        ("", None),
    ] {
        let field = format!("Sec-WebSocket-Protocol: {offered}\r\n");
        let (_, head) = ask_for(server.connect(), "/chat", &field);
        assert_eq!(
            (head.code(), head.field("sec-websocket-protocol")),
            (101, chosen)
        );
    }
    let (_, head) = ask_for(server.connect(), "/chat", "");
    assert_eq!((head.code(), head.field("sec-websocket-protocol")), (101, None));
    server.shut_down();
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let server = server(LONG);
    for target in ["/chat", "/echo"] {
        for origin in ["http://localhost:3004", "https://evil.example", "null"] {
            let mut client = server.connect();
            client.send(handshake(target, &format!("Origin: {origin}\r\n")));
            let (head, body) = client.response();
            assert_eq!(
                (head.code(), head.field("cache-control")),
                (403, Some("no-store"))
            );
            assert!(body.contains("localhost:3005"), "{body}");
        }
    }
    server.shut_down();
}

#[test]
fn what_is_no_handshake_is_told_so() {
    let server = server(LONG);
    let good = handshake("/chat", "");
    for (request, code) in [
        (good.replace("Upgrade: websocket\r\n", ""), 400),
        (good.replace("Connection: Upgrade\r\n", ""), 400),
        (good.replace("Sec-WebSocket-Version: 13\r\n", ""), 400),
        (good.replace("Version: 13", "Version: 8"), 426),
        (good.replace("x3JJHMbDL1EzLkh9GBhXDw==", "short"), 400),
        (good.replace("/chat", "/chat?after=x"), 400),
        (good.replace("HTTP/1.1", "HTTP/1.0"), 400),
        (good.replace("GET", "POST"), 405),
        (good.replace("/chat", "/nowhere"), 404),
    ] {
        let mut client = server.connect();
        client.send(&request);
        let (head, body) = client.response();
        assert_eq!(head.code(), code, "{request}");
        if code == 426 {
            assert_eq!(head.field("sec-websocket-version"), Some("13"));
        }
        assert!(body.contains("expected RUN-SEQ") || !request.contains("after"));
    }
    server.shut_down();
}

#[test]
fn samples_are_pushed_and_resumed_by_cursor() {
    let server = server(LONG);
    let mut client = enter(&server);
    server.feed.publish("second");
    server.feed.publish("third");
    assert_eq!(sample(&text(&mut client)), (2, "second".into()));
    assert_eq!(sample(&text(&mut client)), (3, "third".into()));
    drop(client); // Cut.
    server.feed.publish("fourth");
    let run = server.feed.since(None).cursor().unwrap().run;
    let mut client = open(&server, &format!("/chat?after={run}-3"));
    text(&mut client);
    assert_eq!(sample(&text(&mut client)), (4, "fourth".into()));

    (5..=20).for_each(|number| server.feed.publish(&number.to_string()));
    let other = if run.to_string() == "zzzz" { "yyyy" } else { "zzzz" };
    for (cursor, missed, restarted) in
        [(format!("{run}-4"), 6, false), (format!("{other}-4"), 10, true)]
    {
        let mut client = open(&server, &format!("/chat?after={cursor}"));
        text(&mut client);
        let gap = format!(
            r#"{{"gap":{{"missed":{missed},"restarted":{restarted},"id":"{run}-10"}}}}"#
        );
        assert_eq!(text(&mut client), gap);
        assert_eq!(sample(&text(&mut client)).0, 11);
    }
    server.shut_down();
}

#[test]
fn what_one_says_everyone_hears() {
    let server = server(LONG);
    let mut ada = enter(&server);
    let mut bob = enter(&server);
    ada.send(masked(TEXT, r#"{"name":"Ada"}"#));
    assert_eq!(text(&mut ada), r#"{"welcome":{"name":"Ada"}}"#);
    ada.send(masked(TEXT, r#"{"say":"hello <b>"}"#));
    bob.send(masked(TEXT, r#"{"sing":"la"}"#));
    let hello = r#"{"said":{"number":1,"name":"Ada","text":"hello <b>"}}"#;
    assert_eq!(text(&mut ada), hello);
    // Bob's mistake is answered to Bob alone, and costs neither the connection.
    let bobs = [text(&mut bob), text(&mut bob)];
    assert!(bobs.contains(&hello.to_owned()), "{bobs:?}");
    assert!(bobs.iter().any(|b| b.contains(r#"{"error":"unknown variant `sing`"#)));
    // In three frames, with a ping between them (RFC 6455 §5.4).
    bob.send(masked(0x01, r#"{"say":"#));
    bob.send(masked(PING, "between"));
    assert_eq!(bob.frame(), (PONG, b"between".to_vec()));
    bob.send(masked(0x00, r#""gr"#));
    bob.send(masked(0x80, "üß\"}"));
    let said = r#"{"said":{"number":2,"name":"guest 2","text":"grüß"}}"#;
    assert_eq!([text(&mut ada), text(&mut bob)], [said, said]);
    // Too much at once.
    let mut heard = (0..30).map(|_| {
        bob.send(masked(TEXT, r#"{"say":"spam"}"#));
        text(&mut bob)
    });
    assert!(heard.any(|heard| heard.contains("too fast")));
    server.shut_down();
}

#[test]
fn a_close_is_answered_with_its_code_and_the_server_ends_tcp() {
    let server = server(LONG);
    for target in ["/chat", "/echo"] {
        for code in [1000, 1001, 1003, 1012, 3000, 4999_u16] {
            let mut client = ready(&server, target);
            client.send(masked(CLOSE, [&code.to_be_bytes()[..], b"bye"].concat()));
            assert_eq!(closed(&mut client), (code, "bye".into()), "{target}");
        }
        let mut client = ready(&server, target);
        client.send(masked(CLOSE, ""));
        assert_eq!((client.frame(), client.end()), ((CLOSE, vec![]), String::new()));
    }
    wait_until("all have left", || server.feed.followers() == 0);
    server.shut_down();
}

#[test]
fn echo_returns_every_message_as_it_came() {
    let server = server(LONG);
    let mut client = open(&server, "/echo");
    for length in [0, 1, 125, 126, 127, 65535, 65536, 1 << 20] {
        for first in [TEXT, BINARY] {
            let payload: Vec<u8> =
                (0..length).map(|i| b'a' + (i % 26) as u8).collect();
            client.send(masked(first, &payload));
            assert_eq!(client.frame(), (first, payload), "{length} bytes");
        }
    }
    // In parts: as one message of the same bytes.
    let part = vec![0xff; 1 << 19];
    client.send([masked(0x02, &part), masked(0x80, &part)].concat());
    assert_eq!(client.frame(), (BINARY, vec![0xff; 1 << 20]));
    client.send(
        [masked(0x02, &part), masked(0x00, &part), masked(0x80, "x")].concat(),
    );
    assert_eq!(closed(&mut client).0, 1009, "a byte more than 1 MiB");
    server.shut_down();
}

/// Takes a ping, and the message that lets a page know of it.
fn heartbeat(client: &mut Client) {
    assert_eq!(client.frame(), (PING, vec![]));
    assert_eq!(text(client), r#"{"heartbeat":true}"#);
}

#[test]
fn two_pings_unanswered_end_it() {
    let server = server(Duration::from_millis(500));
    let mut deaf = enter(&server);
    let mut alive = enter(&server);
    let alive = meanwhile(move || {
        for _ in 0..6 {
            heartbeat(&mut alive);
            alive.send(masked(PONG, ""));
        }
    });
    for _ in 0..2 {
        heartbeat(&mut deaf);
    }
    assert_eq!(closed(&mut deaf), (1008, "two pings unanswered".into()));
    alive.recv().unwrap();
    server.shut_down();
}

/// A demo that was held up, as by Ctrl-Z, has not been left by its clients.
#[cfg(unix)]
#[test]
fn a_server_that_was_stopped_pings_once_and_not_for_all_it_missed() {
    let mut demo = Process::run(
        env!("CARGO_BIN_EXE_websocket"),
        &["--heartbeat", "300ms", "--every", "1h"],
    );
    let (mut client, _) = ask_for(demo.connect(), "/chat", "");
    text(&mut client);
    sample(&text(&mut client));
    let (sender, pings) = mpsc::channel();
    // Until the test is over.
    meanwhile(move || {
        while sender.send(()).is_ok() {
            heartbeat(&mut client);
            client.send(masked(PONG, ""));
        }
    });
    let next = || pings.recv_timeout(WAIT_TIMEOUT).expect("a ping");
    next();
    next();
    demo.pause_for(Duration::from_millis(1500));
    pings.try_iter().count();
    (0..5).for_each(|_| next());
}

#[test]
fn a_client_that_left_is_gone_at_once() {
    let server = server(LONG);
    let client = enter(&server);
    assert_eq!(server.feed.followers(), 1);
    drop(client);
    wait_until("it is gone", || server.feed.followers() == 0);
    server.shut_down();
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_never_reads_is_gone_within_ten_seconds_and_disturbs_nobody() {
    let server = server(LONG);
    let stuck = open(&server, "/chat");
    let mut reader = enter(&server);
    testkit::outlive_a_stuck_reader(&server, || vec![sample(&text(&mut reader)).0]);
    drop(stuck);
    server.shut_down();
}

#[test]
fn at_shutdown_the_clients_are_told() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let demo = Process::run(env!("CARGO_BIN_EXE_websocket"), &["--every", "1h"]);
        let clients = ["/chat", "/echo"].repeat(10).into_iter().map(|target| {
            let (mut client, head) = ask_for(demo.connect(), target, "");
            assert_eq!(head.code(), 101);
            if target == "/chat" {
                text(&mut client);
                sample(&text(&mut client));
            }
            meanwhile(move || closed(&mut client))
        });
        let clients: Vec<_> = clients.collect();
        let (status, took) = demo.signal(signal);
        assert!(status.success(), "{status}");
        assert!(took.as_secs() < 2, "{took:?}");
        for client in clients {
            let reason = "the server is shutting down".to_owned();
            assert_eq!(client.recv().unwrap(), (1001, reason));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_clients_and_nothing_lost_or_doubled() {
    let ask = handshake("/chat", "");
    testkit::crowd(env!("CARGO_BIN_EXE_websocket"), &ask, |demo, report| {
        let (mut client, _) = ask_for(demo.connect(), "/chat", "");
        text(&mut client);
        loop {
            match client.frame() {
                (PING, _) => client.send(masked(PONG, "")),
                (TEXT, json) => {
                    if !report(sample(&String::from_utf8(json).unwrap()).0) {
                        return;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_vanished_is_gone_within_ten_seconds() {
    testkit::vanish(
        env!("CARGO_BIN_EXE_websocket"),
        "/chat",
        &[
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        ],
    );
}
