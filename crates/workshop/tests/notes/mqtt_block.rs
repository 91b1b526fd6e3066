//! What a client and the broker of `mqtt` say, as packets.

use std::mem;

use testkit::{Client, masked};

/// How many characters of a packet, in one line of a slide.
const PACKET_WIDTH: usize = 70;

/// A session with a broker: connecting with a will, a subscription, a message to be
/// acknowledged, and the end.
pub(crate) fn mqtt_packets(client: &mut Client) -> Vec<String> {
    let mut lines = Vec::new();
    let asked: [(&str, &[u8], usize); 5] = [
        (
            "CONNECT",
            b"\x10\x23\0\x04MQTT\x04\x06\0\x14\0\x03ada\0\x08room/ada\0\x08fell off",
            1,
        ),
        ("SUBSCRIBE", b"\x82\x0c\0\x01\0\x07samples\0", 2),
        ("PUBLISH", b"\x32\x11\0\x08room/ada\0\x02hello", 1),
        ("PINGREQ", b"\xc0\0", 1),
        ("DISCONNECT", b"\xe0\0", 0),
    ];
    for (name, packet, answers) in asked {
        lines.extend(packet_lines('►', name, packet));
        client.send(masked(0x82, packet));
        for _ in 0..answers {
            let (_, packet) = client.frame();
            let name = match packet[0] >> 4 {
                2 => "CONNACK",
                3 => "PUBLISH",
                4 => "PUBACK",
                9 => "SUBACK",
                13 => "PINGRESP",
                other => panic!("packet type {other}"),
            };
            lines.extend(packet_lines('◄', name, &packet));
        }
    }
    lines
}

/// A packet: three letters or more in a row as text, and all else in hex.
fn packet_lines(arrow: char, name: &str, packet: &[u8]) -> Vec<String> {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let parts = packet.chunk_by(|a, b| is_text(a) && is_text(b));
    let words = parts.map(|part| match str::from_utf8(part) {
        Ok(text) if text.len() > 2 && text.bytes().all(|b| is_text(&b)) => {
            text.to_owned()
        }
        _ => {
            let hex: Vec<_> =
                part.iter().map(|byte| format!("{byte:02x}")).collect();
            hex.join(" ")
        }
    });
    let mut lines = Vec::new();
    let mut line = format!("{arrow} {name:<10}");
    for word in words {
        let mut space = " ";
        for part in word.split_inclusive(',') {
            if line.chars().count() + part.len() >= PACKET_WIDTH {
                lines.push(mem::replace(&mut line, " ".repeat(13)));
                space = "";
            }
            line += space;
            line += part;
            space = "";
        }
    }
    lines.push(line);
    lines
}
