//! Engine.IO's own test suite for version 4, point by point. Where its server returns
//! messages as they came, ours answers an event with its acknowledgement; binary, which
//! the suite has returned, is refused (see `hostile`).

use std::time::{Duration, Instant};

use crate::{
    LONG,
    client::{Session, ask, handshake, open_by_socket},
    server, upgraded,
};

const PING_INTERVAL: Duration = Duration::from_millis(300);
const PING_TIMEOUT: Duration = Duration::from_millis(200);
const OPEN_END: &str =
    r#""pingInterval":60000,"pingTimeout":60000,"maxPayload":16384}"#;
/// What takes a message and returns it.
const HELLO: (&str, &str) = ("420[\"say\",\"hello\"]", "430[\"hello\"]");

#[test]
fn handshake_opens_a_session() {
    let server = server(LONG, LONG);
    let (head, body) = ask(&server, "GET", "EIO=4&transport=polling", "");
    assert_eq!(head.code(), 200);
    assert!(body.starts_with("0{\"sid\":\""), "{body}");
    assert!(body.ends_with(&format!("\"upgrades\":[\"websocket\"],{OPEN_END}")));
    let open = open_by_socket(&server).text();
    assert!(open.starts_with("0{\"sid\":\""), "{open}");
    assert!(open.ends_with(&format!("\"upgrades\":[],{OPEN_END}")), "{open}");
    server.shut_down();
}

/// The codes and texts are those of the npm package `engine.io` 6.6.
#[test]
fn handshake_fails_as_the_real_one() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    let sid = &session.sid;
    let known = format!("EIO=4&transport=websocket&sid={sid}");
    let other_version = format!("EIO=3&transport=polling&sid={sid}");
    for (method, query, code, message) in [
        ("GET", "transport=polling", 5, "Unsupported protocol version"),
        ("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version"),
        ("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"),
        ("GET", "EIO=4", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=abc", 0, "Transport unknown"),
        ("POST", "EIO=4&transport=abc", 0, "Transport unknown"),
        ("POST", "EIO=4&transport=polling", 2, "Bad handshake method"),
        ("PUT", "EIO=4&transport=polling", 2, "Bad handshake method"),
        ("GET", "EIO=4&transport=polling&sid=abc", 1, "Session ID unknown"),
        ("POST", "EIO=4&transport=polling&sid=abc", 1, "Session ID unknown"),
        ("GET", "EIO=4&transport=websocket&sid=abc", 1, "Session ID unknown"),
        ("GET", "EIO=4&transport=websocket", 3, "Bad request"),
        ("GET", &known, 3, "Bad request"),
        ("GET", &other_version, 3, "Bad request"),
    ] {
        let (head, body) = ask(&server, method, query, "");
        assert_eq!(head.code(), 400, "{method} {query}");
        let expected = format!(r#"{{"code":{code},"message":"{message}"}}"#);
        assert_eq!(body, expected, "{method} {query}");
    }
    // The same of a WebSocket's handshake: the browser sees that it fails.
    for query in [
        "transport=websocket",
        "EIO=abc&transport=websocket",
        "EIO=4",
        "EIO=4&transport=abc",
    ] {
        let mut client = server.connect();
        client.send(handshake(query, ""));
        assert_eq!(client.head().code(), 400, "{query}");
    }
    server.shut_down();
}

#[test]
fn message_over_polling() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    session.post(HELLO.0);
    assert_eq!(session.poll(), HELLO.1);
    session.post("421[\"say\",\"a\"]\x1e422[\"say\",\"b\"]\x1e423[\"say\",\"c\"]");
    assert_eq!(session.poll(), "431[\"a\"]\x1e432[\"b\"]\x1e433[\"c\"]");
    server.shut_down();
}

#[test]
fn message_in_an_invalid_format_ends_the_session() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    assert_eq!(session.try_post("abc").0, 400);
    assert_eq!(session.try_poll().0, 400);
    let mut socket = open_by_socket(&server);
    socket.text();
    socket.send("abc");
    assert_eq!(socket.closed().0, 1008);
    server.shut_down();
}

#[test]
fn message_polled_twice_at_once_ends_the_session() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    let mut first = session.hold();
    // Nothing tells that the first is held: the second goes along the same way, later.
    let mut second = session.hold();
    let mut answers = [first.response(), second.response()];
    answers.sort_by_key(|(head, _)| head.code());
    let [(ok, packets), (refused, _)] = answers;
    assert_eq!((ok.code(), packets.as_str(), refused.code()), (200, "1", 400));
    assert_eq!(session.try_poll().0, 400);
    server.shut_down();
}

#[test]
fn message_poll_cancelled_ends_the_session() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let held = session.hold();
    testkit::wait_until("it is there", || server.feed.followers() == 1);
    drop(held);
    testkit::wait_until("the session ends", || server.feed.followers() == 0);
    assert_eq!(session.try_poll().0, 400);
    server.shut_down();
}

#[test]
fn message_over_websocket() {
    let server = server(LONG, LONG);
    let mut socket = open_by_socket(&server);
    socket.text();
    socket.send("40");
    assert!(socket.text().starts_with("40{"));
    socket.text();
    socket.send(HELLO.0);
    assert_eq!(socket.text(), HELLO.1);
    server.shut_down();
}

#[test]
fn heartbeat_pings_and_ends_what_is_silent() {
    let server = server(PING_INTERVAL, PING_TIMEOUT);
    let session = Session::open(&server);
    for _ in 0..3 {
        assert_eq!(session.poll(), "2");
        session.post("3");
    }
    let start = Instant::now();
    assert_eq!(session.poll(), "2");
    assert_eq!(session.poll(), "1", "the held poll is told");
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(session.try_post("3").0, 400);

    let mut socket = open_by_socket(&server);
    socket.text();
    for _ in 0..3 {
        assert_eq!(socket.text(), "2");
        socket.send("3");
    }
    assert_eq!(socket.text(), "2");
    assert_eq!(socket.closed(), (1008, "ping timeout".into()));
    server.shut_down();
}

#[test]
fn close_by_the_client() {
    let server = server(LONG, LONG);
    // The POST may overtake the poll, which then finds no session.
    testkit::wait_until("the poll is there before the packet", || {
        let session = Session::connected(&server);
        let mut held = session.hold();
        session.post("1");
        let (head, body) = held.response();
        assert_eq!(session.try_poll().0, 400);
        assert!(body == "6" || head.code() == 400, "{body}");
        body == "6"
    });

    let mut socket = open_by_socket(&server);
    socket.text();
    socket.send("1");
    assert_eq!(socket.closed().0, 1000);
    server.shut_down();
}

#[test]
fn upgrade_from_polling_to_websocket() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let mut socket = session.socket();
    socket.send("2probe");
    assert_eq!(socket.text(), "3probe");
    assert_eq!(session.poll(), "6", "ends the poll cleanly");
    socket.send("5");
    socket.send(HELLO.0);
    assert_eq!(socket.text(), HELLO.1);
    server.shut_down();
}

#[test]
fn upgrade_is_the_last_word_on_the_transport() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let mut socket = upgraded(&session);
    socket.send(HELLO.0);
    assert_eq!(socket.text(), HELLO.1);
    assert_eq!(session.try_poll().0, 400);
    assert_eq!(session.try_post(HELLO.0).0, 400);
    // A second WebSocket of this session.
    let query = format!("EIO=4&transport=websocket&sid={}", session.sid);
    let mut client = server.connect();
    client.send(handshake(&query, ""));
    assert_eq!(client.head().code(), 400);
    socket.send(HELLO.0);
    assert_eq!(socket.text(), HELLO.1);
    server.shut_down();
}
