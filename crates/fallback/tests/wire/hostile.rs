//! What a client may not do, and what bounds it.

use std::time::Duration;

use crate::{
    LONG,
    client::{Session, ask, handshake, open_by_socket, request},
    server, upgraded,
};

const BINARY: &str = "binary is not taken here: send text";

#[test]
fn binary_is_refused_with_a_reason() {
    let server = server(LONG, LONG);
    for packets in [
        "4hello\x1ebAQIDBA==".replace("4hello", "42[\"say\",\"hello\"]"),
        r#"451-["say",{"_placeholder":true,"num":0}]"#.into(),
        r#"461-0[{"_placeholder":true,"num":0}]"#.into(),
    ] {
        let session = Session::connected(&server);
        let expected = format!(r#"{{"code":3,"message":"{BINARY}"}}"#);
        assert_eq!(session.try_post(&packets), (400, expected));
        assert_eq!(session.try_poll().0, 400);
    }
    let session = Session::connected(&server);
    let mut socket = upgraded(&session);
    socket.send_bytes(&[1, 2, 3, 4]);
    assert_eq!(socket.closed(), (1003, BINARY.into()));
    let mut socket = open_by_socket(&server);
    socket.text();
    socket.send(r#"451-["say",{"_placeholder":true,"num":0}]"#);
    assert_eq!(socket.closed(), (1003, BINARY.into()));
    server.shut_down();
}

#[test]
fn what_is_no_packet_ends_the_session() {
    let server = server(LONG, LONG);
    for packet in [
        "",
        "0",
        "2",
        "5",
        "6",
        "7",
        "4",
        "4x",
        "47",
        "42",
        "42{}",
        "42[]",
        "42[{}]",
        "42[null]",
        "42[\"say\"",
        "42\"say\"",
        "43",
        "430{}",
        "41{}",
        "40",
        "40[]",
        "40{\"pid\":1}",
        "42/admin,[\"say\",\"x\"]",
        "41/admin,",
        "\x1e",
        "é",
        "4é",
        "4299999999999999999999[\"say\",\"x\"]",
        "44{\"message\":\"x\"}",
        "4\u{0}",
    ] {
        let session = Session::connected(&server);
        assert_eq!(session.try_post(packet).0, 400, "{packet:?}");
        assert_eq!(session.try_poll().0, 400, "{packet:?}");
    }
    // Before it is connected, no event.
    let session = Session::open(&server);
    assert_eq!(session.try_post("42[\"say\",\"x\"]").0, 400);
    server.shut_down();
}

#[test]
fn a_page_of_another_origin_opens_no_session() {
    let server = server(LONG, LONG);
    let foreign = "Origin: http://evil.example\r\n";
    let mut client = server.connect();
    client.send(handshake("EIO=4&transport=websocket", foreign));
    let (head, body) = client.response();
    assert_eq!(head.code(), 403);
    assert!(body.starts_with(r#"{"code":4,"message":"Origin"#), "{body}");
    let mut client = server.connect();
    let poll = request("GET", "EIO=4&transport=polling", "");
    client.send(poll.replace("Host:", &format!("{foreign}Host:")));
    let (head, _) = client.response();
    assert_eq!(head.code(), 403);
    // Nor may it read what one that asks without credentials is given.
    let (head, _) = ask(&server, "GET", "EIO=4&transport=polling", "");
    assert_eq!(head.field("access-control-allow-origin"), None);
    // Its own page may, and so may one behind a proxy that rewrites Host: it has the sid.
    let session = Session::open(&server);
    let mut client = server.connect();
    let post = request("POST", &session.query(), "40");
    client.send(post.replace("Host:", "Origin: http://localhost:4010\r\nHost:"));
    assert_eq!(client.response().1, "ok");
    server.shut_down();
}

#[test]
fn what_a_client_sends_and_keeps_is_bounded() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let (head, body) =
        ask(&server, "POST", &session.query(), &"4".repeat((16 << 10) + 1));
    assert_eq!(head.code(), 413, "{body}");
    let mut socket = open_by_socket(&server);
    socket.text();
    socket.send(&"4".repeat((16 << 10) + 1));
    assert_eq!(socket.closed().0, 1009);
    // Acknowledgements that it does not fetch.
    let session = Session::connected(&server);
    let say = ["420[\"say\",\"x\"]"; 100].join("\x1e");
    session.post(&say);
    let (code, body) = session.try_post(&say);
    assert_eq!(code, 400);
    assert!(body.contains("too many packets wait"), "{body}");
    let session = Session::connected(&server);
    let long = format!("420[\"say\",\"{}\"]", "x".repeat(15_000));
    for _ in 0..4 {
        session.post(&long);
    }
    let (code, body) = session.try_post(&long);
    assert_eq!(code, 400);
    assert!(body.contains("too many packets wait"), "{body}");
    server.shut_down();
}

#[test]
fn sessions_are_bounded_and_end_by_themselves() {
    let server = server(Duration::from_millis(400), Duration::from_millis(400));
    let mut client = server.connect();
    let mut codes = Vec::new();
    for _ in 0..=1000 {
        client.send(request("GET", "EIO=4&transport=polling", ""));
        codes.push(client.response().0.code());
    }
    // On a slow machine the first have ended before the last is asked for.
    assert!(codes.iter().filter(|code| **code == 200).count() >= 1000);
    testkit::wait_until("there is room again", || {
        client.send(request("GET", "EIO=4&transport=polling", ""));
        client.response().0.code() == 200
    });
    server.shut_down();
}
