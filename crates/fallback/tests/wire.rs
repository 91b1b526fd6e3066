//! Fallback in bytes. The tests of Engine.IO's own suite (socketio/socket.io,
//! docs/engine.io-protocol/v4-test-suite) are here point by point: see `conformance`.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "wire/client.rs"]
mod client;
#[path = "wire/conformance.rs"]
mod conformance;
#[path = "wire/hostile.rs"]
mod hostile;

use std::time::Duration;

use fallback::{TECHNIQUE, Timings, routes};
use testkit::{Server, documented, outlive_a_stuck_reader, sample, wait_until};

use crate::client::{Session, WebSocket, ask, event, open_by_socket};

const LONG: Duration = Duration::from_secs(60);

fn server(ping_interval: Duration, ping_timeout: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| {
        routes(feed, Timings { ping_interval, ping_timeout })
    })
}

/// The samples of a poll: their numbers.
fn numbers(packets: &str) -> Vec<u64> {
    packets.split('\x1e').filter_map(event).map(|(number, _)| number).collect()
}

#[test]
fn the_head_is_the_documented_one() {
    let server = server(LONG, LONG);
    let (head, body) = ask(&server, "GET", "EIO=4&transport=polling", "");
    assert!(body.starts_with("0{\"sid\":\""), "{body}");
    let end = r#"","upgrades":["websocket"],"pingInterval":60000,"pingTimeout":60000,"maxPayload":16384}"#;
    assert!(body.ends_with(end), "{body}");
    assert_eq!(head.normal(), documented(TECHNIQUE, "HTTP/1.1 200 OK"));
    server.shut_down();
}

#[test]
fn a_poll_is_held_until_there_is_a_sample() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    session.post("40");
    let first = session.poll();
    assert!(first.starts_with("40{\"sid\":\""), "{first}");
    assert_eq!(numbers(&session.poll()), [1]);
    let mut held = session.hold();
    server.feed.publish("second");
    let (_, packets) = held.response();
    assert_eq!(event(&packets), Some((2, "second".into())));
    // What is published between two polls waits in the feed, not in the session.
    server.feed.publish("third");
    server.feed.publish("fourth");
    assert_eq!(numbers(&session.poll()), [3, 4]);
    server.shut_down();
}

#[test]
fn an_event_is_acknowledged() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    session
        .post("420[\"say\",\"grüß\"]\x1e42[\"say\",\"no ack\"]\x1e421[\"other\",1]");
    assert_eq!(session.poll(), "430[\"grüß\"]");
    server.shut_down();
}

#[test]
fn nothing_is_lost_in_the_upgrade() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let mut socket = session.socket();
    socket.send("2probe");
    assert_eq!(socket.text(), "3probe");
    assert_eq!(session.poll(), "6");
    server.feed.publish("while it pauses");
    socket.send("5");
    assert_eq!(event(&socket.text()).unwrap(), (2, "while it pauses".into()));
    socket.send("427[\"say\",\"here\"]");
    assert_eq!(socket.text(), "437[\"here\"]");
    server.shut_down();
}

#[test]
fn without_upgrade_the_session_stays_with_polling() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let mut held = session.hold();
    // A probe that is given up, and a handshake that never was one.
    let mut socket = session.socket();
    socket.send("2probe");
    assert_eq!(socket.text(), "3probe");
    assert_eq!(held.response().1, "6");
    socket.close(1000);
    let target = format!("EIO=4&transport=websocket&sid={}", session.sid);
    assert_eq!(ask(&server, "GET", &target, "").0.code(), 400);
    server.feed.publish("second");
    assert_eq!(numbers(&session.poll()), [2]);
    // It may try again.
    let mut socket = session.socket();
    socket.send("2probe");
    assert_eq!(socket.text(), "3probe");
    server.shut_down();
}

#[test]
fn what_was_missed_comes_to_a_client_with_a_cursor() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    session.post("40");
    let first = session.poll();
    let pid = first.split("\"pid\":\"").nth(1).unwrap().split('"').next().unwrap();
    let run = server.feed.since(None).cursor().unwrap().run;
    session.post("1");
    for data in ["second", "third"] {
        server.feed.publish(data);
    }
    // Without: the newest alone.
    let session = Session::open(&server);
    session.post("40");
    assert!(!session.poll().contains(pid));
    assert_eq!(numbers(&session.poll()), [3]);
    // With: all, and the same private id says that it is so.
    let session = Session::open(&server);
    session.post(&format!(r#"40{{"pid":"{pid}","offset":"{run}-1"}}"#));
    assert!(session.poll().contains(&format!("\"pid\":\"{pid}\"")));
    assert_eq!(numbers(&session.poll()), [2, 3]);
    // With a cursor that fell off the log: the client is told, by another id, too.
    for _ in 0..20 {
        server.feed.publish("more");
    }
    let session = Session::open(&server);
    session.post(&format!(r#"40{{"pid":"{pid}","offset":"{run}-1"}}"#));
    assert!(!session.poll().contains(pid));
    let packets = session.poll();
    let gap = format!(
        r#"42["gap",{{"missed":12,"restarted":false,"id":"{run}-13"}},"{run}-13"]"#
    );
    assert!(packets.starts_with(&gap), "{packets}");
    assert_eq!(numbers(&packets), (14..=23).collect::<Vec<_>>());
    // What is no cursor is taken for none.
    let session = Session::open(&server);
    session.post(r#"40{"pid":"x","offset":"nonsense","token":1}"#);
    session.poll();
    assert_eq!(numbers(&session.poll()), [23]);
    server.shut_down();
}

#[test]
fn only_the_namespace_of_the_samples_is_there() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    session.post("40/admin,{\"token\":1}");
    assert_eq!(session.poll(), r#"44/admin,{"message":"Invalid namespace"}"#);
    session.post("40");
    session.poll();
    // Disconnected, it is sent no more samples, and may connect again.
    session.post("41");
    session.post("40");
    assert!(session.poll().starts_with("40{"));
    server.shut_down();
}

#[test]
fn at_shutdown_polls_and_sockets_are_told() {
    let server = server(LONG, LONG);
    let session = Session::connected(&server);
    let mut held = session.hold();
    let mut socket = open_by_socket(&server);
    socket.text();
    wait_until("it is held", || server.feed.followers() == 1);
    let took = server.shut_down();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(held.response().1, "1");
    assert_eq!(socket.closed(), (1001, "the server is shutting down".into()));
}

#[test]
fn a_stuck_reader_is_dropped_and_the_others_go_on() {
    let server = server(LONG, LONG);
    let mut stuck = open_by_socket(&server);
    stuck.text();
    stuck.send("40");
    let mut good = open_by_socket(&server);
    good.text();
    good.send("40");
    assert!(good.text().starts_with("40{"));
    assert_eq!(event(&good.text()).unwrap().0, 1);
    outlive_a_stuck_reader(&server, || vec![event(&good.text()).unwrap().0]);
    server.shut_down();
}

/// A sample of this server is the same JSON as that of the five.
#[test]
fn a_sample_is_the_same_as_elsewhere() {
    let server = server(LONG, LONG);
    let session = Session::open(&server);
    session.post("40");
    session.poll();
    let packet = session.poll();
    let json = packet.strip_prefix("42[\"sample\",").unwrap();
    let (json, cursor) = json.rsplit_once(",\"").unwrap();
    assert_eq!(sample(json), (1, "first".into()));
    let newest = server.feed.since(None).cursor().unwrap();
    assert_eq!(cursor, format!("{newest}\"]"));
    server.shut_down();
}

/// Kept here for both modules: a socket that was upgraded.
fn upgraded(session: &Session<'_>) -> WebSocket {
    let mut socket = session.socket();
    socket.send("2probe");
    assert_eq!(socket.text(), "3probe");
    socket.send("5");
    socket
}
