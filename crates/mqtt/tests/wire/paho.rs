//! The cases of `client_test.py`, with which Eclipse Paho tests brokers of MQTT
//! 3.1.1 (eclipse/paho.mqtt.testing, interoperability), point by point. Two of them
//! ask for what this broker does not offer, since it grants QoS 0: messages queued
//! for a client that is away (`test_offline_message_queueing`, of which the session
//! is tested here) and redelivery (`test_redelivery_on_reconnect`). Its QoS 2 is QoS
//! 1 here.

use std::time::{Duration, Instant};

use crate::{
    LONG,
    client::{DISCONNECT, Mqtt, connect, packet, string, subscribe, unsubscribe},
    server,
};

const TOPICS: [&str; 5] = ["TopicA", "TopicA/B", "Topic/C", "TopicA/C", "/TopicA"];

#[test]
fn basic() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "myclientid");
    a.send(DISCONNECT);
    assert_eq!(a.closed().0, 1000);
    let mut a = Mqtt::connected(&server, "myclientid");
    a.send(subscribe(1, &[TOPICS[0]]));
    assert_eq!(a.next(), [0x90, 3, 0, 1, 0]);
    a.send(crate::client::publish(0, TOPICS[0], 0, b"qos 0"));
    assert_eq!(a.message(), (false, TOPICS[0].into(), "qos 0".into()));
    a.publish(TOPICS[0], "qos 1");
    assert_eq!(a.message(), (false, TOPICS[0].into(), "qos 1".into()));
    // A second CONNECT, and a wrong protocol name.
    a.send(connect(2, 0, &[string("myclientid")]));
    assert_eq!(a.closed().0, 1002);
    let mut a = Mqtt::open(&server);
    a.send(packet(0x10, &[string("hj"), vec![4, 2, 0, 0], string("a")].concat()));
    assert_eq!(a.closed().0, 1002);
    server.shut_down();
}

#[test]
fn retained_messages() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "myclientid");
    for topic in &TOPICS[1..4] {
        a.retain(topic, topic);
    }
    a.subscribe(&["+/+"]);
    let mut seen: Vec<_> = (0..3).map(|_| a.message()).collect();
    seen.sort();
    let kept = |topic: &str| (true, topic.to_owned(), topic.to_owned());
    assert_eq!(seen, [kept("Topic/C"), kept("TopicA/B"), kept("TopicA/C")]);
    // Subscribed once more, they come once more (§3.8.4); the newest of each topic
    // alone.
    a.retain(TOPICS[1], "newer");
    assert_eq!(a.message(), (false, TOPICS[1].into(), "newer".into()));
    a.subscribe(&["TopicA/B"]);
    assert_eq!(a.message(), (true, TOPICS[1].into(), "newer".into()));
    a.has_nothing();
    // An empty one clears it, and reaches those that are there (§3.3.1.3).
    for topic in &TOPICS[1..4] {
        a.retain(topic, "");
        assert_eq!(a.message(), (false, (*topic).into(), String::new()));
    }
    let mut b = Mqtt::connected(&server, "myclientid2");
    b.subscribe(&["+/+"]);
    b.has_nothing();
    server.shut_down();
}

#[test]
fn will_message_and_keep_alive() {
    let server = server(LONG);
    let mut b = Mqtt::connected(&server, "myclientid2");
    b.subscribe(&[TOPICS[2], TOPICS[4]]);
    Mqtt::with_will(&server, "myclientid", TOPICS[2], 0).vanish();
    assert_eq!(b.message(), (false, TOPICS[2].into(), "fell off".into()));
    // A second of keep alive: one and a half of silence. Another has none, and
    // stays.
    let payload = [string("myclientid"), string(TOPICS[4]), string("expired")];
    let begun = Instant::now();
    let mut a = Mqtt::connected_with(&server, &connect(6, 1, &payload), false);
    a.has_nothing();
    assert_eq!(a.closed(), (1008, "silent beyond its keep alive".into()));
    let silent = begun.elapsed();
    assert!(silent >= Duration::from_millis(1500), "{silent:?}");
    assert_eq!(b.message(), (false, TOPICS[4].into(), "expired".into()));
    b.has_nothing();
    server.shut_down();
}

#[test]
fn zero_length_client_id() {
    let server = server(LONG);
    let mut client = Mqtt::open(&server);
    client.send(connect(0, 0, &[string("")]));
    assert_eq!(client.next(), [0x20, 2, 0, 2]);
    assert_eq!(client.closed().0, 1008);
    // With a clean session, each is given an id of its own.
    let [mut a, mut b] = [(); 2].map(|()| {
        Mqtt::connected_with(&server, &connect(2, 0, &[string("")]), false)
    });
    a.has_nothing();
    b.has_nothing();
    server.shut_down();
}

#[test]
fn a_session_outlives_its_connection_without_messages() {
    let server = server(LONG);
    let lasting = connect(0, 0, &[string("myclientid")]);
    let mut a = Mqtt::connected_with(&server, &lasting, false);
    a.subscribe(&["+/+", "samples"]);
    assert_eq!(a.sample(), (true, 1));
    a.send(DISCONNECT);
    assert_eq!(a.closed().0, 1000);
    let mut b = Mqtt::connected(&server, "myclientid2");
    b.publish(TOPICS[1], "qos 1");
    server.feed.publish("second");
    let mut a = Mqtt::connected_with(&server, &lasting, true);
    a.has_nothing();
    b.publish(TOPICS[1], "again");
    assert_eq!(a.message().2, "again");
    server.feed.publish("third");
    assert_eq!(a.sample(), (false, 3));
    // Its own connection is replaced, too; a clean session is the end of it.
    let mut a = Mqtt::connected_with(&server, &lasting, true);
    a.send(DISCONNECT);
    assert_eq!(a.closed().0, 1000);
    Mqtt::connected(&server, "myclientid").send(DISCONNECT);
    Mqtt::connected_with(&server, &lasting, false).has_nothing();
    server.shut_down();
}

#[test]
fn overlapping_subscriptions() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "myclientid");
    a.subscribe(&["TopicA/#", "TopicA/+"]);
    a.publish(TOPICS[3], "overlapping topic filters");
    assert_eq!(a.message().2, "overlapping topic filters");
    a.has_nothing();
    server.shut_down();
}

#[test]
fn dollar_topics() {
    let server = server(LONG);
    let mut b = Mqtt::connected(&server, "myclientid2");
    b.subscribe(&["+/+"]);
    b.publish("$TopicA/B", "");
    b.has_nothing();
    server.shut_down();
}

#[test]
fn unsubscribing() {
    let server = server(LONG);
    let mut b = Mqtt::connected(&server, "myclientid2");
    for topic in &TOPICS[..3] {
        b.subscribe(&[topic]);
    }
    b.send(unsubscribe(3, &[TOPICS[0]]));
    assert_eq!(b.next(), [0xb0, 2, 0, 3]);
    let mut a = Mqtt::connected(&server, "myclientid");
    for topic in &TOPICS[..3] {
        a.publish(topic, "");
    }
    assert_eq!([b.message().1, b.message().1], TOPICS[1..3]);
    b.has_nothing();
    server.shut_down();
}

#[test]
fn a_subscription_that_fails_is_told_so() {
    let server = server(LONG);
    let mut a = Mqtt::connected(&server, "myclientid");
    let filters: Vec<String> = (0..52).map(|number| format!("t/{number}")).collect();
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    // Fifty of a client are kept.
    a.send(subscribe(1, &filters));
    let codes = [vec![0; 50], vec![0x80; 2]].concat();
    assert_eq!(a.next(), packet(0x90, &[vec![0, 1], codes].concat()));
    a.publish("t/49", "");
    assert_eq!(a.message().1, "t/49");
    a.publish("t/50", "");
    a.has_nothing();
    // The same once more takes no room.
    a.subscribe(&["t/0"]);
    server.shut_down();
}
