//! What bounds a client: sessions, retained messages, what waits for it, how long it may send nothing.

use std::time::Duration;

use testkit::wait_until;

use crate::{
    LONG,
    client::{DISCONNECT, Mqtt, connect, packet, publish, string, subscribe},
    server,
};

#[test]
fn a_client_that_says_nothing_is_ended() {
    let server = server(Duration::from_millis(100));
    let mut client = Mqtt::open(&server);
    assert_eq!(client.closed(), (1008, "expected CONNECT in time".into()));
    // A CONNECT that is never complete is none.
    let mut client = Mqtt::open(&server);
    client.send(&connect(2, 0, &[string("a")])[..9]);
    assert_eq!(client.closed().0, 1008);
    server.shut_down();
}

#[test]
fn retained_messages_are_bounded() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "a");
    // A thousand of them.
    for number in 0..1001 {
        a.send(publish(1, &format!("few/{number}"), 0, b"x"));
    }
    a.subscribe(&["few/0", "few/1", "few/1000"]);
    let topics = [a.message().1, a.message().1];
    assert_eq!(topics, ["few/1", "few/1000"]);
    // And a mebibyte: the older ones go first.
    let payload = vec![b'x'; 16_000];
    for number in 0..70 {
        a.send(publish(1, &format!("big/{number}"), 0, &payload));
    }
    a.subscribe(&["few/1000", "big/0", "big/69"]);
    assert_eq!(a.message().1, "big/69");
    a.has_nothing();
    server.shut_down();
}

#[test]
fn a_filter_that_comes_often_is_sent_what_is_retained_once() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "a");
    a.retain("t", "kept");
    let mut b = Mqtt::connected(&server, "b");
    b.subscribe(&["t/#"; 100]);
    assert_eq!(b.message(), (true, "t".into(), "kept".into()));
    b.has_nothing();
    // With more in one packet, the connection ends.
    b.send(subscribe(1, &["#"; 101]));
    let reason = "a packet has at most 100 topic filters";
    assert_eq!(b.closed(), (1008, reason.into()));
    server.shut_down();
}

#[test]
fn packets_that_come_too_often_end_the_connection() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "a");
    a.send(publish(0, "t", 0, b"").repeat(3000));
    let reason = "too many packets: expected one every 10ms on average";
    assert_eq!(a.closed(), (1008, reason.into()));
    server.shut_down();
}

#[test]
fn a_packet_is_bounded_before_it_has_come() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "a");
    a.send(&packet(0x30, &[0; (16 << 10) + 1])[..4]);
    assert_eq!(a.closed().0, 1009);
    // And so is a WebSocket message.
    let mut a = Mqtt::connected(&server, "a");
    a.send(vec![0; (64 << 10) + 1]);
    assert_eq!(a.closed().0, 1009);
    server.shut_down();
}

#[test]
fn what_waits_for_a_client_is_bounded_and_lost_beyond() {
    let server = server(LONG);
    let mut slow = Mqtt::connected(&server, "slow");
    slow.subscribe(&["t", "marker"]);
    let mut fast = Mqtt::connected(&server, "fast");
    // All in one WebSocket message: the broker reads it to its end before it sends, and
    // the outbox is full long before.
    let many =
        (0..200_u8).map(|number| publish(0, "t", 0, number.to_string().as_bytes()));
    let many: Vec<_> = many.collect();
    fast.send(many.concat());
    fast.has_nothing();
    // What comes is in order, and then it goes on: what it reads makes room.
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last| last != "end") {
        fast.publish("marker", "end");
        seen.push(slow.message().2);
    }
    let first: Vec<_> = (0..32).map(|number| number.to_string()).collect();
    assert_eq!(seen[..32], first);
    assert!(seen.len() < 200, "{seen:?}");
    server.shut_down();
}

#[test]
fn sessions_are_bounded_and_the_oldest_that_was_left_makes_room() {
    let server = server(LONG);
    let lasting = |number: usize| connect(0, 0, &[string(format!("away {number}"))]);
    for number in 0..3 {
        let mut client = Mqtt::connected_with(&server, &lasting(number), false);
        client.send(DISCONNECT);
        assert_eq!(client.closed().0, 1000);
    }
    let mut clients: Vec<_> = (0..498_u16)
        .map(|number| {
            let device = 1 + (number / 20) as u8;
            Mqtt::connected_from(&server, device, &number.to_string())
        })
        .collect();
    // The first of them made room, the second one is still there.
    clients.push(Mqtt::connected_with(&server, &lasting(1), true));
    clients.push(Mqtt::connected_with(&server, &lasting(0), false));
    let mut refused = Mqtt::open(&server);
    refused.send(connect(2, 0, &[string("one too many")]));
    assert_eq!(refused.next(), [0x20, 2, 0, 3]);
    let reason = "too many clients: try again later";
    assert_eq!(refused.closed(), (1008, reason.into()));
    clients.remove(0).vanish();
    wait_until("there is room again", || {
        let mut client = Mqtt::open(&server);
        client.send(connect(2, 0, &[string("last")]));
        client.next()[3] == 0
    });
    drop(clients);
    server.shut_down();
}
