//! What the labels of real exchanges are, and what holds for all others. Here: exchanges
//! that several tests decode, and how their labels are written.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod accounts;
#[path = "../check/mod.rs"]
mod check;
mod http;
mod inside;
mod opaque;
mod properties;
mod standards;
mod websocket;

use check::{Bursts, Known, check};
use lens::{
    Class,
    Direction::{Down, Up},
    Label,
    ProtocolEvent::{self, Request, Response},
    Span,
};

/// Decodes the bursts, also a byte at a time.
fn known(bursts: &[(lens::Direction, &str)]) -> Known {
    let bursts = bursts.iter().map(|(to, text)| (*to, text.as_bytes().to_vec()));
    check(&bursts.collect(), &[0])
}

/// A line a piece: label, bytes, and the note, if there is one.
fn shown<'a>(spans: impl IntoIterator<Item = &'a Span>) -> String {
    let lines = spans.into_iter().map(|span| {
        let bytes = span.bytes.escape_ascii();
        let note = span.note.iter().map(|note| format!("  # {note}"));
        format!("{} {bytes}{}\n", span.label.name(), note.collect::<String>())
    });
    lines.collect()
}

/// The same without heads.
fn without_heads(spans: &[Span]) -> String {
    shown(spans.iter().filter(|span| span.label.class() != Class::Head))
}

/// How many pieces each group has.
fn groups(spans: &[Span]) -> Vec<usize> {
    spans.chunk_by(|a, b| a.group == b.group).map(<[Span]>::len).collect()
}

/// The text without the indentation that it has here.
fn text(indented: &str) -> String {
    let lines = indented.trim().lines().map(|line| format!("{}\n", line.trim()));
    lines.collect()
}

fn request(target: &str) -> (lens::Direction, ProtocolEvent) {
    (Up, Request { target: target.into() })
}

fn response(status: u16, empty: bool) -> (lens::Direction, ProtocolEvent) {
    (Down, Response { status, empty })
}

/// What is told of why a direction is opaque; empty, if it is not.
fn fault(spans: &[Span]) -> &str {
    let last = spans.last().filter(|span| span.label == Label::Opaque);
    last.and_then(|span| span.note.as_deref()).unwrap_or_default()
}

const ASK: &str = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n";
const SAMPLE: &str =
    r#"{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}"#;
const HANDSHAKE: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n";
const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    connection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n";

/// A chunk with this content.
fn chunk(content: &str) -> String {
    format!("{:x}\r\n{content}\r\n", content.len())
}

/// A stream of this type with these chunks, answered to [`ASK`].
fn stream(kind: &str, chunks: &[&str]) -> Known {
    let chunks: String = chunks.iter().map(|content| chunk(content)).collect();
    let answer = format!("{CHUNKED}content-type: {kind}\r\n\r\n{chunks}0\r\n\r\n");
    known(&[(Up, ASK), (Down, &answer)])
}

/// A handshake, and then these frames.
fn frames(up: &[u8], down: &[u8]) -> Known {
    let bursts: Bursts = vec![
        (Up, HANDSHAKE.into()),
        (Down, SWITCHING.into()),
        (Up, up.to_vec()),
        (Down, down.to_vec()),
    ];
    check(&bursts, &[0])
}

/// A frame of the client.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let key = *b"\x37\xfa\x21\x3d";
    let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).unwrap()];
    frame.extend(key);
    frame.extend(
        payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key),
    );
    frame
}
