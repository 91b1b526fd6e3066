//! MQTT in bytes: the standard's rules and tables (`standard`), the cases of the
//! suite that Eclipse Paho tests brokers with (`paho`), and what bounds a client
//! (`hostile`).
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "wire/client.rs"]
mod client;
#[path = "wire/hostile.rs"]
mod hostile;
#[path = "wire/paho.rs"]
mod paho;
#[path = "wire/standard.rs"]
mod standard;

use std::time::Duration;

use mqtt::{TECHNIQUE, Timings, routes};
use testkit::{Server, documented, handshake, outlive_a_stuck_reader, wait_until};

use crate::client::{DISCONNECT, Mqtt, connect, publish, string};

const LONG: Duration = Duration::from_secs(60);

fn server(connect_timeout: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| {
        routes(feed, Timings { connect_timeout })
    })
}

#[test]
fn the_head_is_the_documented_one() {
    let server = server(LONG);
    let mut client = server.connect();
    client.send(handshake("/mqtt", "Sec-WebSocket-Protocol: chat, mqtt\r\n"));
    let documented = documented(TECHNIQUE, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(client.head().normal(), documented);
    server.shut_down();
}

#[test]
fn the_handshake_must_be_of_mqtt_and_of_an_own_page() {
    let server = server(LONG);
    for (fields, code) in [
        ("", 400),
        ("Sec-WebSocket-Protocol: chat\r\n", 400),
        ("Sec-WebSocket-Protocol: mqtt\r\nOrigin: http://evil.example\r\n", 403),
        ("Sec-WebSocket-Protocol: mqtt\r\nOrigin: http://localhost\r\n", 101),
    ] {
        let mut client = server.connect();
        client.send(handshake("/mqtt", fields));
        assert_eq!(client.head().code(), code, "{fields}");
    }
    server.shut_down();
}

#[test]
fn the_documented_packets_are_those_on_the_wire() {
    let server = server(LONG);
    let mut client = Mqtt::open(&server);
    let connect =
        connect(6, 30, &[string("ada"), string("room/ada"), string("fell off")]);
    let shown = TECHNIQUE.source;
    assert!(
        shown.contains(&format!("► 10 {:02x}  CONNECT", connect[1])),
        "{connect:x?}"
    );
    client.send(connect);
    assert_eq!(client.next(), [0x20, 2, 0, 0]);
    client.send(client::subscribe(1, &["samples"]));
    assert_eq!(client.next(), [0x90, 3, 0, 1, 0]);
    assert_eq!(client.sample(), (true, 1));
    server.feed.publish("second");
    assert_eq!(client.sample(), (false, 2));
    client.send(publish(2, "room/ada/says", 2, b"hello"));
    assert_eq!(client.next(), [0x40, 2, 0, 2]);
    client.has_nothing();
    client.send(DISCONNECT);
    assert_eq!(client.closed().0, 1000);
    server.shut_down();
}

#[test]
fn samples_come_from_the_feed_and_the_newest_is_retained() {
    let server = server(LONG);
    for data in ["second", "third"] {
        server.feed.publish(data);
    }
    let mut client = Mqtt::connected(&server, "a");
    client.subscribe(&["samples"]);
    assert_eq!(client.sample(), (true, 3));
    server.feed.publish("fourth");
    assert_eq!(client.sample(), (false, 4));
    // A second filter that matches: the newest once more, and the next ones once.
    client.subscribe(&["#"]);
    assert_eq!(client.sample(), (true, 4));
    server.feed.publish("fifth");
    assert_eq!(client.sample(), (false, 5));
    client.has_nothing();
    // As long as one of them is left.
    client.send(client::unsubscribe(1, &["samples"]));
    assert_eq!(client.next(), [0xb0, 2, 0, 1]);
    server.feed.publish("sixth");
    assert_eq!(client.sample(), (false, 6));
    client.send(client::unsubscribe(2, &["#", "never/had"]));
    assert_eq!(client.next(), [0xb0, 2, 0, 2]);
    assert_eq!(server.feed.followers(), 0);
    server.feed.publish("seventh");
    client.has_nothing();
    server.shut_down();
}

#[test]
fn the_will_tells_who_fell_off_and_a_later_subscriber_too() {
    let server = server(LONG);
    let mut desk = Mqtt::connected(&server, "desk");
    desk.subscribe(&["room/+"]);
    let mut ada = Mqtt::with_will(&server, "ada", "room/ada", 0x20);
    ada.retain("room/ada", "here");
    assert_eq!(desk.message(), (false, "room/ada".into(), "here".into()));
    ada.vanish();
    assert_eq!(desk.message(), (false, "room/ada".into(), "fell off".into()));
    let mut late = Mqtt::connected(&server, "late");
    late.subscribe(&["room/#"]);
    assert_eq!(late.message(), (true, "room/ada".into(), "fell off".into()));
    // One that says good-bye has no will.
    let mut bob = Mqtt::with_will(&server, "bob", "room/bob", 0);
    bob.send(DISCONNECT);
    assert_eq!(bob.closed().0, 1000);
    // One that breaks the protocol has.
    let mut eve = Mqtt::with_will(&server, "eve", "room/eve", 0);
    eve.send_text("hello");
    assert_eq!(eve.closed().0, 1003);
    assert_eq!(desk.message().1, "room/eve");
    desk.has_nothing();
    server.shut_down();
}

/// §3.1.4: the older connection ends, and its will is out before the new one is let
/// in.
#[test]
fn a_client_that_connects_again_replaces_itself() {
    let server = server(LONG);
    let mut desk = Mqtt::connected(&server, "desk");
    desk.subscribe(&["room/+"]);
    let mut old = Mqtt::with_will(&server, "ada", "room/ada", 0x20);
    let mut new = Mqtt::with_will(&server, "ada", "room/ada", 0x20);
    new.retain("room/ada", "here");
    assert_eq!(old.closed(), (1008, "its id connects again".into()));
    assert_eq!(desk.message().2, "fell off");
    assert_eq!(desk.message().2, "here");
    desk.has_nothing();
    new.vanish();
    assert_eq!(desk.message().2, "fell off");
    server.shut_down();
}

#[test]
fn at_shutdown_every_client_is_told() {
    let server = server(LONG);
    let mut idle = Mqtt::connected(&server, "idle");
    let mut reader = Mqtt::connected(&server, "reader");
    reader.subscribe(&["samples"]);
    reader.sample();
    let took = server.shut_down();
    assert!(took < Duration::from_secs(2), "{took:?}");
    for client in [&mut idle, &mut reader] {
        assert_eq!(client.closed(), (1001, "the server shuts down".into()));
    }
}

#[test]
fn a_stuck_reader_is_dropped_and_the_others_go_on() {
    let server = server(LONG);
    let mut stuck = Mqtt::connected(&server, "stuck");
    stuck.subscribe(&["samples"]);
    let mut good = Mqtt::connected(&server, "good");
    good.subscribe(&["samples"]);
    assert_eq!(good.sample(), (true, 1));
    wait_until("both follow", || server.feed.followers() == 2);
    outlive_a_stuck_reader(&server, || vec![good.sample().1]);
    server.shut_down();
}
