//! The tables and rules of the standard (OASIS MQTT 3.1.1), by its sections.

use crate::{
    LONG,
    client::{
        DISCONNECT, Mqtt, PING, PONG, connect, packet, publish, string, subscribe,
        unsubscribe,
    },
    server,
};

/// Examples of §4.7.1.2, §4.7.1.3, §4.7.2 and §4.7.3: a filter, topics that it
/// matches, and topics that it does not.
const FILTERS: &[(&str, &[&str], &[&str])] = &[
    (
        "sport/tennis/player1/#",
        &[
            "sport/tennis/player1",
            "sport/tennis/player1/ranking",
            "sport/tennis/player1/score/wimbledon",
        ],
        &["sport/tennis/player2", "sport/tennis"],
    ),
    ("sport/#", &["sport", "sport/", "sport/a/b"], &["sports", "/sport"]),
    ("#", &["a", "/", "/a", "a/b"], &[]),
    (
        "sport/tennis/+",
        &["sport/tennis/player1", "sport/tennis/player2", "sport/tennis/"],
        &["sport/tennis/player1/ranking", "sport/tennis"],
    ),
    ("sport/+", &["sport/"], &["sport"]),
    ("+", &["finance", "a b"], &["/finance"]),
    ("/+", &["/finance"], &["finance", "/finance/x"]),
    ("+/+", &["/finance", "a/b"], &["finance"]),
    ("+/tennis/#", &["a/tennis", "/tennis/b"], &["tennis", "a/b/tennis"]),
    ("sport/+/player1", &["sport/tennis/player1"], &["sport/player1"]),
    ("ACCOUNTS", &["ACCOUNTS"], &["Accounts"]),
    ("Accounts payable", &["Accounts payable"], &["Accountspayable"]),
    ("/", &["/"], &["a", "//"]),
    ("//", &["//"], &["/"]),
    ("finance", &["finance"], &["/finance", "finance/"]),
    ("größe/+", &["größe/€", "größe/\u{feff}"], &["grosse/€"]),
];

#[test]
fn a_filter_matches_what_the_standard_says() {
    let server = server(LONG);
    let mut publisher = Mqtt::connected(&server, "publisher");
    for (filter, matching, others) in FILTERS {
        let mut client = Mqtt::connected(&server, "subscriber");
        client.subscribe(&[filter, "marker"]);
        let topics = matching.iter().map(|topic| (topic, true));
        for (topic, matches) in
            topics.chain(others.iter().map(|topic| (topic, false)))
        {
            publisher.publish(topic, "x");
            publisher.publish("marker", "");
            let mut seen = Vec::new();
            loop {
                match client.message().1.as_str() {
                    "marker" => break,
                    // `#` and `+` also match the samples, of which there is one.
                    "samples" => {}
                    topic => seen.push(topic.to_owned()),
                }
            }
            let expected: &[&str] = if matches { &[topic] } else { &[] };
            assert_eq!(seen, expected, "{filter} and {topic}");
        }
        client.send(DISCONNECT);
        assert_eq!(client.closed().0, 1000);
    }
    server.shut_down();
}

/// §4.7.1, §4.7.3 and §3.3.2.1.
#[test]
fn what_is_no_filter_or_no_topic_ends_the_connection() {
    let server = server(LONG);
    let long = "x".repeat(257);
    for filter in
        ["sport/tennis#", "sport/tennis/#/ranking", "sport+", "++", "#/", "", &long]
    {
        for packet in [subscribe(1, &[filter]), unsubscribe(1, &["ok", filter])] {
            let mut client = Mqtt::connected(&server, "a");
            client.send(packet);
            assert_eq!(client.closed().0, 1002, "{filter}");
        }
    }
    for topic in ["sport/+", "#", "a+", "", &long] {
        let mut client = Mqtt::connected(&server, "a");
        client.send(publish(0, topic, 0, b"x"));
        assert_eq!(client.closed().0, 1002, "{topic}");
        // A will's topic is one, too.
        let mut client = Mqtt::open(&server);
        client.send(connect(6, 0, &[string("a"), string(topic), string("")]));
        assert_eq!(client.closed().0, 1002, "{topic}");
    }
    server.shut_down();
}

/// §4.7.2: topics of the server itself. Messages to them go nowhere, and are
/// acknowledged, since 3.1.1 has no way to refuse one (§3.3.5).
#[test]
fn wildcards_do_not_match_the_servers_own_topics() {
    let server = server(LONG);
    let mut client = Mqtt::connected(&server, "a");
    client.subscribe(&["#", "+/monitor/Clients", "$SYS/#", "$SYS/monitor/+"]);
    assert_eq!(client.sample(), (true, 1));
    let mut other = Mqtt::with_will(&server, "b", "samples", 0);
    for topic in ["$SYS/monitor/Clients", "$x", "samples"] {
        other.retain(topic, "forged");
    }
    other.vanish();
    Mqtt::connected(&server, "c").publish("end", "");
    assert_eq!(client.message().1, "end");
    let mut late = Mqtt::connected(&server, "d");
    late.subscribe(&["samples", "$SYS/#"]);
    assert_eq!(late.sample(), (true, 1));
    late.has_nothing();
    server.shut_down();
}

/// §2.2.3, table 2.4: the least and the most of each number of digits.
#[test]
fn a_remaining_length_has_one_to_four_bytes() {
    let server = server(LONG);
    let mut client = Mqtt::connected(&server, "a");
    client.subscribe(&["t"]);
    // Three bytes are the topic and its length.
    for (length, header) in [(0, 2), (124, 2), (125, 3), (16_380, 3), (16_381, 4)] {
        let packet = publish(0, "t", 0, &vec![b'x'; length]);
        assert_eq!(packet.len(), header + 3 + length);
        client.send(packet);
        assert_eq!(client.message().2.len(), length);
    }
    // In more bytes than it needs: not forbidden before 5.0.
    client.send([0xc0, 0x80, 0x80, 0x80, 0]);
    assert_eq!(client.next(), PONG);
    // The most of four bytes is a length, and too much for this server.
    client.send([0x30, 0xff, 0xff, 0xff, 0x7f]);
    let (code, why) = client.closed();
    assert_eq!((code, why.contains("268435455")), (1009, true), "{why}");
    let mut client = Mqtt::connected(&server, "a");
    client.send([0x30, 0x81, 0x80, 0x01]); // 16 385
    assert_eq!(client.closed().0, 1009);
    // A fifth byte is malformed, whatever it is.
    for fifth in [0x00, 0x01, 0x80, 0xff] {
        let mut client = Mqtt::connected(&server, "a");
        client.send([0x30, 0x80, 0x80, 0x80, 0x80, fifth]);
        assert_eq!(
            client.closed(),
            (1002, "the remaining length has more than four bytes".into())
        );
    }
    server.shut_down();
}

/// §2.2.1 and table 2.2: the flags of each type, and the types that no client sends.
#[test]
fn reserved_bits_and_types_end_the_connection() {
    let server = server(LONG);
    let body = |kind: u8| match kind {
        8 => [vec![0, 1], string("t"), vec![0]].concat(),
        10 => [vec![0, 1], string("t")].concat(),
        _ => Vec::new(),
    };
    for (kind, allowed) in [(8, 2), (10, 2), (12, 0), (14, 0)] {
        for flags in (0..16).filter(|flags| *flags != allowed) {
            let mut client = Mqtt::connected(&server, "a");
            client.send(packet(kind << 4 | flags, &body(kind)));
            assert_eq!(client.closed().0, 1002, "{kind} {flags:04b}");
        }
    }
    for kind in [0, 2, 4, 5, 6, 7, 9, 11, 13, 15] {
        let mut client = Mqtt::connected(&server, "a");
        client.send(packet(kind << 4, &[0, 1]));
        assert_eq!(client.closed().0, 1002, "{kind}");
    }
    for flags in 1..16 {
        let mut client = Mqtt::open(&server);
        let mut bytes = connect(2, 0, &[string("a")]);
        bytes[0] |= flags;
        client.send(bytes);
        assert_eq!(client.closed().0, 1002, "CONNECT {flags:04b}");
    }
    server.shut_down();
}

/// §3.1: what a broker must make of a CONNECT.
#[test]
fn a_connect_that_is_wrong_is_refused_or_ends_the_connection() {
    let server = server(LONG);
    let id = || string("a");
    let level = |name: &str, level: u8| {
        packet(0x10, &[string(name), vec![level, 2, 0, 0], id()].concat())
    };
    // With a code, and then the end.
    for (bytes, code) in [
        (level("MQTT", 3), 1),
        (level("MQTT", 5), 1),
        (level("MQIsdp", 3), 1),
        (connect(0, 0, &[string("")]), 2),
        (connect(2, 0, &[string("x".repeat(65))]), 2),
    ] {
        let mut client = Mqtt::open(&server);
        client.send(&bytes);
        assert_eq!(client.next(), [0x20, 2, 0, code], "{bytes:x?}");
        assert_eq!(client.closed().0, 1008);
    }
    // Without one.
    let will = || [id(), string("w"), string("x")];
    for bytes in [
        level("hj", 4),
        level("mqtt", 4),
        connect(0x03, 0, &[id()]), // the reserved flag
        connect(0x0a, 0, &[id()]), // a QoS of no will
        connect(0x22, 0, &[id()]), // no will, retained
        connect(0x1e, 0, &will()), // QoS 3
        connect(0x42, 0, &[id(), string("password")]), // a password of nobody
        connect(0x82, 0, &[id()]), // no user name
        connect(0x06, 0, &[id()]), // no will
        connect(0x02, 0, &[id(), string("what is this")]),
        connect(0x02, 0, &[]),
        connect(0x02, 0, &[string(b"\xff")]),
        connect(0x02, 0, &[string("a\0b")]),
        connect(0x02, 0, &[string(b"\xed\xa0\x80")]), // U+D800
        packet(0x10, &[0, 4, b'M', b'Q']),
        packet(0x10, &[]),
    ] {
        let mut client = Mqtt::open(&server);
        client.send(&bytes);
        assert_eq!(client.closed().0, 1002, "{bytes:x?}");
    }
    // Right ones: a name and a password that nobody asked for, an id drawn here.
    for bytes in [
        connect(0xc2, 0, &[id(), string("ada"), string("secret")]),
        connect(0x82, 0, &[id(), string("ada")]),
        connect(0x02, 0, &[string("")]),
        connect(
            0x02,
            0,
            &[string("abcdefghijklmnopqrstuvwABCDEFGHIJKLMNOPQRSTUVW0123456789")],
        ),
        connect(0x02, 0, &[string("größe €")]),
    ] {
        Mqtt::connected_with(&server, &bytes, false).has_nothing();
    }
    server.shut_down();
}

/// §3.1, §3.3.1, §3.8.3, §3.10.3, §2.3.1, §6: what ends a connection behind
/// CONNECT.
#[test]
fn what_breaks_the_protocol_ends_the_connection() {
    let server = server(LONG);
    let mut early = Mqtt::open(&server);
    early.send(PING);
    assert_eq!(early.closed(), (1002, "expected CONNECT first".into()));
    for (bytes, code) in [
        (connect(2, 0, &[string("a")]), 1002),
        (packet(0x82, &[0, 1]), 1002), // no filter
        (packet(0xa2, &[0, 1]), 1002),
        (subscribe(0, &["t"]), 1002), // packet id 0
        (unsubscribe(0, &["t"]), 1002),
        (publish(2, "t", 0, b""), 1002),
        (packet(0x82, &[vec![0, 1], string("t"), vec![3]].concat()), 1002), // QoS 3
        (packet(0x82, &[vec![0, 1], string("t"), vec![4]].concat()), 1002),
        (packet(0x82, &[vec![0, 1], string("t")].concat()), 1002), // no QoS
        (publish(4, "t", 1, b""), 1002),                           // QoS 2
        (publish(6, "t", 1, b""), 1002),                           // QoS 3
        (publish(8, "t", 0, b""), 1002),                           // DUP, QoS 0
        (packet(0x30, &[0, 9, b't']), 1002),
        (packet(0x30, &string(b"\xc0\x80")), 1002),
        (packet(0xc0, &[0]), 1002),
        (packet(0xe0, &[0]), 1002),
    ] {
        let mut client = Mqtt::connected(&server, "a");
        client.send(&bytes);
        let (closed, why) = client.closed();
        assert_eq!(closed, code, "{bytes:x?}: {why}");
        assert!(!why.is_empty());
    }
    let mut client = Mqtt::connected(&server, "a");
    client.send_text("hello");
    assert_eq!(client.closed(), (1003, "expected binary messages".into()));
    server.shut_down();
}

/// §6: packets do not end where messages do.
#[test]
fn packets_may_be_cut_and_joined() {
    let server = server(LONG);
    let mut client = Mqtt::open(&server);
    let all = [
        connect(2, 0, &[string("a")]),
        subscribe(1, &["t"]),
        publish(0, "t", 0, b"hello"),
        PING.to_vec(),
    ]
    .concat();
    for byte in &all[..20] {
        client.send([*byte]);
    }
    // The rest is one message, in two frames with a ping of WebSocket between.
    client.send_frame(0x02, &all[20..30]);
    client.send_frame(0x89, b"");
    client.send_frame(0x80, &all[30..]);
    assert_eq!(client.next(), [0x20, 2, 0, 0]);
    assert_eq!(client.pong(), b"");
    assert_eq!(client.next(), [0x90, 3, 0, 1, 0]);
    let mut seen = [client.next(), client.next()];
    seen.sort(); // The ping's answer may overtake.
    assert_eq!(seen, [publish(0, "t", 0, b"hello"), PONG.to_vec()]);
    server.shut_down();
}
