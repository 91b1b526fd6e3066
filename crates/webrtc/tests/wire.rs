//! Signalling in bytes.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use testkit::{Client, Server, documented, masked, meanwhile};
use webrtc::{TECHNIQUE, Timings, routes};

const LONG: Duration = Duration::from_secs(60);
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

const CANDIDATE: &str = r#"{"candidate":{"candidate":"candidate:1 1 udp 2113937151 3f2e.local 54321 typ host generation 0","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}}"#;

fn server(heartbeat: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| routes(feed, Timings { heartbeat }))
}

/// The handshake that the `//!` shows.
fn handshake(query: &str, origin: &str) -> String {
    format!(
        "GET /signal{query} HTTP/1.1\r\nHost: localhost:3007\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nOrigin: {origin}\r\n\r\n"
    )
}

fn open(server: &Server, query: &str) -> Client {
    let mut client = server.connect();
    client.send(handshake(query, "http://localhost:3007"));
    assert_eq!(client.head().code(), 101);
    client
}

fn text(client: &mut Client) -> String {
    let (first, payload) = client.frame();
    let text = String::from_utf8(payload).unwrap();
    assert_eq!(first, TEXT, "{text}");
    text
}

fn say(client: &mut Client, message: &str) {
    client.send(masked(TEXT, message));
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

const DIRECT: &str = r#"{"network":{"relayed":false,"loss":0,"cut":false}}"#;

/// Two pages in one room, with all taken that they were told, and its code.
fn two(server: &Server) -> (Client, Client, String) {
    let mut ada = open(server, "");
    let welcome = text(&mut ada);
    let code = welcome
        .strip_prefix(r#"{"welcome":{"room":""#)
        .and_then(|rest| rest.strip_suffix(r#"","offer":false}}"#));
    let code = code.unwrap_or_else(|| panic!("{welcome}")).to_owned();
    assert_eq!(text(&mut ada), DIRECT);
    let mut bob = open(server, &format!("?room={}", code.to_lowercase()));
    let welcome = format!(r#"{{"welcome":{{"room":"{code}","offer":true}}}}"#);
    assert_eq!([text(&mut bob), text(&mut bob)], [welcome, DIRECT.into()]);
    assert_eq!(text(&mut ada), r#"{"joined":null}"#);
    (ada, bob, code)
}

#[test]
fn the_handshake_is_the_documented_one() {
    let server = server(LONG);
    let mut client = server.connect();
    client.send(handshake("?room=BCDF", "http://localhost:3007"));
    let documented = documented(TECHNIQUE, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(client.head().normal(), documented);
    let mut client = server.connect();
    client.send(handshake("", "https://evil.example"));
    assert_eq!(client.response().0.code(), 403);
    server.shut_down();
}

#[test]
fn what_one_page_says_the_other_is_sent_and_who_leaves_is_told() {
    let server = server(LONG);
    let (mut ada, mut bob, code) = two(&server);
    let offer = r#"{"description":{"type":"offer","sdp":"v=0\r\n"}}"#;
    let sample =
        r#"{"sample":{"id":"k3f9-1","seq":1,"at":1795207096301,"data":"ud8"}}"#;
    for message in [offer, CANDIDATE, r#"{"candidate":null}"#, sample] {
        say(&mut bob, message);
        assert_eq!(text(&mut ada), message);
    }
    let answer = offer.replace("offer", "answer");
    say(&mut ada, &answer);
    assert_eq!(text(&mut bob), answer);
    drop(bob);
    assert_eq!(text(&mut ada), r#"{"left":null}"#);
    // Its place is free, and to speak to nobody is no error.
    say(&mut ada, offer);
    let mut bob = open(&server, &format!("?room={code}"));
    assert!(text(&mut bob).contains(r#""offer":true"#));
    assert_eq!(text(&mut ada), r#"{"joined":null}"#);
    server.shut_down();
}

/// Of a candidate, the chapter leaves out where it belongs.
#[test]
fn the_excerpt_of_the_chapter_is_what_the_server_says_and_passes_on() {
    let notes = include_str!("../../../workshop-notes/12-webrtc.md");
    let excerpt =
        notes.split("```json\n").nth(1).and_then(|at| at.split("```").next());
    let lines: Vec<_> = excerpt.unwrap().lines().collect();
    let [welcome, offer, answer, candidate] = lines[..] else {
        panic!("{lines:?}");
    };
    let server = server(LONG);
    let mut ada = open(&server, "?room=BCDF");
    let mut bob = open(&server, "?room=BCDF");
    assert_eq!([text(&mut bob), text(&mut bob)], [welcome, DIRECT]);
    for _ in ["welcome", "network", "joined"] {
        text(&mut ada);
    }
    say(&mut bob, offer);
    assert_eq!(text(&mut ada), offer);
    say(&mut ada, answer);
    assert_eq!(text(&mut bob), answer);
    say(&mut bob, candidate);
    let nowhere = r#","sdpMid":null,"sdpMLineIndex":null,"usernameFragment":null"#;
    assert_eq!(text(&mut ada).replace(nowhere, ""), candidate);
    server.shut_down();
}

#[test]
fn a_third_page_is_refused_with_a_reason_and_so_is_what_is_no_code() {
    let server = server(LONG);
    let (_ada, _bob, code) = two(&server);
    let (status, reason) = closed(&mut open(&server, &format!("?room={code}")));
    assert_eq!(status, 1008);
    assert_eq!(
        reason,
        format!("room {code} has two pages already: open the page without a code")
    );
    for wrong in ["BCD", "BCDFG", "BC%20F", "", "1234"] {
        let (status, reason) = closed(&mut open(&server, &format!("?room={wrong}")));
        assert_eq!(status, 1008);
        assert!(reason.contains("expected four letters"), "{wrong}: {reason}");
    }
    server.shut_down();
}

#[test]
fn what_is_not_understood_or_too_long_is_answered_and_not_passed_on() {
    let server = server(LONG);
    let (mut ada, mut bob, _) = two(&server);
    for wrong in ["hello", r#"{"sing":"la"}"#, r#"{"sample":{"seq":1}}"#, "{}"] {
        say(&mut ada, wrong);
        let error = text(&mut ada);
        assert!(error.starts_with(r#"{"error":""#), "{wrong}: {error}");
        assert!(error.contains("expected"), "{wrong}: {error}");
    }
    for network in ["\"relayed\":true,\"loss\":31", "\"relayed\":true,\"loss\":-1"] {
        say(&mut ada, &format!(r#"{{"network":{{{network},"cut":false}}}}"#));
        assert!(text(&mut ada).starts_with(r#"{"error":""#), "{network}");
    }
    say(&mut ada, &"x".repeat((16 << 10) + 1));
    assert_eq!(closed(&mut ada).0, 1009);
    // Of all that, the other page has seen nothing.
    assert_eq!(text(&mut bob), r#"{"left":null}"#);
    server.shut_down();
}

#[test]
fn a_page_that_does_not_read_costs_a_bounded_queue() {
    let server = server(LONG);
    let (mut ada, bob, _) = two(&server);
    let sdp = "x".repeat(15 << 10);
    let offer = format!(r#"{{"description":{{"type":"offer","sdp":"{sdp}"}}}}"#);
    // What the system's buffers take is bounded as well.
    let error = (0..500).find_map(|_| {
        (0..20).for_each(|_| say(&mut ada, &offer));
        say(&mut ada, r#"{"account":null}"#);
        std::iter::repeat_with(|| text(&mut ada))
            .take_while(|message| !message.starts_with(r#"{"account""#))
            .last()
    });
    let error = error.unwrap();
    assert!(error.contains("has not read its last 64 messages"), "{error}");
    drop(bob);
    server.shut_down();
}

#[test]
fn through_the_relay_each_page_is_told_a_port_of_it() {
    let server = server(LONG);
    let (mut ada, mut bob, _) = two(&server);
    say(&mut bob, r#"{"account":null}"#);
    assert_eq!(text(&mut bob), r#"{"account":null}"#);
    let relayed = r#"{"network":{"relayed":true,"loss":5,"cut":false}}"#;
    say(&mut bob, relayed);
    assert_eq!([text(&mut ada), text(&mut bob)], [relayed, relayed]);
    let mut ports = Vec::new();
    for told in [0, 1] {
        let (from, to) =
            if told == 0 { (&mut bob, &mut ada) } else { (&mut ada, &mut bob) };
        // Only this kind can be replaced; others would lead past the relay.
        say(from, &CANDIDATE.replace("typ host", "typ srflx"));
        say(from, &CANDIDATE.replace(" udp ", " tcp "));
        say(from, CANDIDATE);
        let candidate = text(to);
        let (before, rest) = candidate.split_once(" 127.0.0.1 ").unwrap();
        assert!(before.ends_with("1 udp 2113937151"), "{candidate}");
        ports.push(rest.split_once(" typ host generation 0").unwrap().0.to_owned());
        let sdp = r#"v=0\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=b\r\n"#;
        say(from, &format!(r#"{{"description":{{"type":"offer","sdp":"{sdp}"}}}}"#));
        assert_eq!(
            text(to),
            r#"{"description":{"type":"offer","sdp":"v=0\r\na=b\r\n"}}"#
        );
    }
    assert_ne!(ports[0], ports[1]);
    say(&mut bob, r#"{"account":null}"#);
    let account = text(&mut bob);
    assert!(account.starts_with(r#"{"account":{"opened":1,"open":1,"#), "{account}");
    server.shut_down();
}

#[test]
fn a_page_that_answers_no_ping_gives_its_place_up() {
    let server = server(Duration::from_millis(50));
    let mut ada = open(&server, "");
    let (mut code, mut reason) = (0, String::new());
    while code == 0 {
        let (first, payload) = ada.frame();
        if first == CLOSE {
            code = u16::from_be_bytes([payload[0], payload[1]]);
            reason = String::from_utf8_lossy(&payload[2..]).into();
        }
    }
    assert_eq!((code, reason.as_str()), (1008, "two pings unanswered"));
    server.shut_down();
}

#[test]
fn at_shutdown_pages_are_told() {
    let server = server(LONG);
    let mut ada = open(&server, "");
    assert!(text(&mut ada).contains("welcome"));
    assert_eq!(text(&mut ada), DIRECT);
    let told = meanwhile(move || closed(&mut ada));
    server.shut_down();
    let reason = "the server is shutting down".to_owned();
    assert_eq!(told.recv().unwrap(), (1001, reason));
}
