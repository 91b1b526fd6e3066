//! What is inside of WebSocket messages and of polls: MQTT, Engine.IO and Socket.IO.

use lens::{
    Direction::{Down, Up},
    ProtocolEvent::{Message, Sample},
    Span,
};

use crate::{
    HANDSHAKE, OK, SAMPLE, SWITCHING,
    check::{Bursts, Known, check},
    masked, shown, text,
};

/// The response to a handshake that has settled on MQTT.
pub(crate) fn switching_to_mqtt() -> String {
    SWITCHING.replace("upgrade\r\n", "upgrade\r\nsec-websocket-protocol: mqtt\r\n")
}

/// The handshake of a session of Engine.IO.
pub(crate) fn engine_io_handshake() -> String {
    HANDSHAKE.replace("/chat", "/socket.io/?EIO=4&transport=websocket&sid=x")
}

fn mqtt(up: &[u8], down: &[u8]) -> Known {
    let bursts: Bursts = vec![
        (Up, HANDSHAKE.into()),
        (Down, switching_to_mqtt().into()),
        (Up, up.to_vec()),
        (Down, down.to_vec()),
    ];
    check(&bursts, &[0])
}

/// The spans of this protocol alone: no head, and no header of a frame.
fn only(spans: &[Span], prefixes: &[&str]) -> String {
    shown(spans.iter().filter(|span| {
        prefixes.iter().any(|prefix| span.label.name().starts_with(prefix))
    }))
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(payload.len()).unwrap()], payload].concat()
}

#[test]
fn packets_of_mqtt_have_a_type_a_length_and_fields() {
    let publish = [b"\x30\x4c\x00\x07samples", SAMPLE.as_bytes()].concat();
    let up = [
        masked(
            0x82,
            b"\x10\x16\x00\x04MQTT\x04\x06\x00\x1e\x00\x01a\x00\x01w\x00\x04gone",
        ),
        // Two packets in one message, and one in two.
        masked(
            0x82,
            b"\x82\x0c\x00\x01\x00\x07samples\x00\xa2\x06\x00\x02\x00\x02a+",
        ),
        masked(0x82, b"\x33\x0a\x00"),
        masked(0x82, b"\x02r"),
        masked(0x02, b"/\x00\x07"),
        masked(0x80, "h€".as_bytes()),
        masked(0x82, b"\xc0\x00\xe0\x00"),
    ];
    let down = [
        frame(0x82, b"\x20\x02\x00\x00"),
        frame(0x82, b"\x90\x04\x00\x01\x00\x80\x40\x02\x00\x07\xb0\x02\x00\x02"),
        frame(0x82, &publish),
        frame(0x82, b"\xd0\x00\x20\x02\x00\x05"),
    ];
    let known = mqtt(&up.concat(), &down.concat());
    let notes: Vec<_> = known
        .up
        .iter()
        .filter(|span| span.label.name().starts_with("mqtt-"))
        .map(|span| {
            let note = span.note.as_deref().unwrap_or_default();
            format!("{} {note}\n", &span.label.name()[5..])
        })
        .collect();
    assert_eq!(
        notes.concat(),
        text(
            "
            type CONNECT
            length 22 bytes follow
            fields MQTT level 4, keep alive 30 s, client id a, will to w: gone
            type SUBSCRIBE
            length 12 bytes follow
            fields packet id 1, samples
            type UNSUBSCRIBE
            length 6 bytes follow
            fields packet id 2, a+
            type PUBLISH, QoS 1, retained
            length 10 bytes follow
            fields a topic of 0 bytes
            fields a topic of 2 bytes
            topic r
            topic r/
            fields packet id 7
            payload h€
            type PINGREQ
            length 0 bytes follow
            type DISCONNECT
            length 0 bytes follow
            "
        )
    );
    assert_eq!(
        only(&known.down, &["mqtt-"]),
        text(&format!(
            r"
            mqtt-type \x20  # CONNACK
            mqtt-length \x02  # 2 bytes follow
            mqtt-fields \x00\x00  # accepted
            mqtt-type \x90  # SUBACK
            mqtt-length \x04  # 4 bytes follow
            mqtt-fields \x00\x01\x00\x80  # packet id 1, QoS 0, refused
            mqtt-type @  # PUBACK
            mqtt-length \x02  # 2 bytes follow
            mqtt-fields \x00\x07  # packet id 7
            mqtt-type \xb0  # UNSUBACK
            mqtt-length \x02  # 2 bytes follow
            mqtt-fields \x00\x02  # packet id 2
            mqtt-type 0  # PUBLISH, QoS 0
            mqtt-length L  # 76 bytes follow
            mqtt-fields \x00\x07  # a topic of 7 bytes
            mqtt-topic samples  # samples
            mqtt-payload {}  # {SAMPLE}
            mqtt-type \xd0  # PINGRESP
            mqtt-length \x00  # 0 bytes follow
            mqtt-type \x20  # CONNACK
            mqtt-length \x02  # 2 bytes follow
            mqtt-fields \x00\x05  # refused, code 5
            ",
            SAMPLE.as_bytes().escape_ascii()
        ))
        .replace(r"\x20  #", "   #")
    );
    // A sample is counted where it is, a message where its frame ends.
    let down = known.events.iter().filter(|(to, _)| *to == Down).skip(1);
    let down: Vec<_> = down.map(|(_, event)| event.clone()).collect();
    assert_eq!(down, [Message, Message, Sample, Message, Message]);
}

#[test]
fn what_is_no_packet_of_mqtt_stays_a_payload() {
    for bytes in [&b"\x00\x01"[..], b"\xf0\x00", b"\x30\xff\xff\xff\xff\x01"] {
        let known = mqtt(b"", &frame(0x82, bytes));
        assert!(only(&known.down, &["ws-payload"]).len() > 10, "{bytes:x?}");
    }
    // Nor does text have packets, nor a WebSocket of another subprotocol.
    let known = mqtt(b"", &frame(0x81, b"\x20\x02\x00\x00"));
    assert_eq!(only(&known.down, &["mqtt-"]), "");
    // Packets that end before their fields do, and one that says so.
    for bytes in [
        &b"\x30\x00"[..],
        b"\x30\x01\x00",
        b"\x30\x02\x00\x00",
        b"\x30\x03\x00\x09a",
        b"\x32\x03\x00\x00\x01",
        b"\x32\x02\x00\x00",
        b"\x10\x00",
        b"\x82\x01\x00",
    ] {
        let known = mqtt(b"", &frame(0x82, &[bytes, b"\xd0\x00"].concat()));
        let shown = only(&known.down, &["mqtt-type"]);
        assert!(shown.ends_with("PINGRESP\n"), "{bytes:x?}: {shown}");
    }
}

const EIO: [&str; 3] = ["engine-", "socket-", "ws-payload"];

#[test]
fn packets_of_engine_io_are_in_the_content_of_polls() {
    let packets =
        format!("40{{\"sid\":\"x\"}}\x1e42[\"sample\",{SAMPLE},\"k3f9-17\"]\x1e2");
    let poll = "GET /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\n\r\n";
    let answer = |kind: &str, content: &str| {
        let length = content.len();
        format!(
            "{OK}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{content}"
        )
    };
    let post = "POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\n\
        Content-Length: 34\r\n\r\n420[\"say\",\"a\"]\x1e43/a,1[]\x1e452-/a,7[]";
    let bursts: Bursts = vec![
        (Up, poll.into()),
        (Down, answer("text/plain; charset=UTF-8", &packets).into()),
        (Up, post.into()),
        (Down, answer("text/plain", "ok").into()),
    ];
    let known = check(&bursts, &[0]);
    assert_eq!(
        only(&known.down, &["engine-", "socket-", "body"]),
        text(&format!(
            r#"
            engine-type 4  # message
            socket-type 0  # connect
            socket-data {{\"sid\":\"x\"}}  # {{"sid":"x"}}
            engine-separator \x1e  # the next packet
            engine-type 4  # message
            socket-type 2  # event
            socket-data [\"sample\",{},\"k3f9-17\"]  # ["sample",{SAMPLE},"k3f9-17"]
            engine-separator \x1e  # the next packet
            engine-type 2  # ping
            body ok
            "#,
            SAMPLE.as_bytes().escape_ascii()
        ))
    );
    assert_eq!(
        only(&known.up, &["engine-", "socket-", "body"]),
        text(
            r#"
            engine-type 4  # message
            socket-type 2  # event
            socket-header 0  # 0
            socket-data [\"say\",\"a\"]  # ["say","a"]
            engine-separator \x1e  # the next packet
            engine-type 4  # message
            socket-type 3  # acknowledgement
            socket-header /a,1  # /a,1
            socket-data []  # []
            engine-separator \x1e  # the next packet
            engine-type 4  # message
            socket-type 5  # binary event
            socket-header 2-/a,7  # 2-/a,7
            socket-data []  # []
            "#
        )
    );
    let samples = known.events.iter().filter(|(_, event)| *event == Sample);
    assert_eq!(samples.count(), 1);
    // Of another server the same content is just content.
    let bursts: Bursts = vec![
        (Up, b"GET /x HTTP/1.1\r\n\r\n".to_vec()),
        (Down, answer("text/plain", &packets).into()),
    ];
    assert_eq!(only(&check(&bursts, &[0]).down, &EIO), "");
}

#[test]
fn packets_of_engine_io_are_in_text_messages() {
    let up = [
        masked(0x81, b"2probe"),
        masked(0x81, b"5"),
        masked(0x81, b"4hello"),
        masked(0x01, b"4"),
        masked(0x80, b"2[]"),
    ];
    let down = [
        frame(0x81, b"3probe"),
        frame(0x82, b"\x04\x05"),
        frame(0x81, b"b4AQ=="),
        frame(0x81, b"x4"),
    ];
    let bursts: Bursts = vec![
        (Up, engine_io_handshake().into()),
        (Down, SWITCHING.into()),
        (Up, up.concat()),
        (Down, down.concat()),
    ];
    let known = check(&bursts, &[0]);
    let notes: Vec<_> = known
        .up
        .iter()
        .filter(|span| !only(std::slice::from_ref(span), &EIO).is_empty())
        .map(|span| {
            let note = span.note.as_deref().unwrap_or_default();
            format!("{} {note}\n", span.label.name())
        })
        .collect();
    assert_eq!(
        notes.concat(),
        text(
            "
            engine-type ping
            engine-data probe
            engine-type upgrade: all goes through the WebSocket from here
            engine-type message
            engine-data hello
            engine-type message
            socket-type event
            socket-data []
            "
        )
    );
    assert_eq!(
        only(&known.down, &EIO),
        text(
            r"
            engine-type 3  # pong
            engine-data probe  # probe
            ws-payload \x04\x05
            engine-type b  # binary, in base64
            engine-data 4AQ==  # 4AQ==
            ws-payload x4
            "
        )
    );
}
