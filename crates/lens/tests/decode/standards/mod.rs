//! What the labels and notes say, held against the standards where a name alone would
//! mislead: the value counts, and the message it is in.

mod framing;
mod notes;

use lens::{Label, ProtocolEvent, Span};

use crate::check::Known;

/// The note of the piece with these bytes.
fn note<'a>(spans: &'a [Span], bytes: &str) -> &'a str {
    let of = |span: &&Span| span.bytes == bytes.as_bytes();
    let span = spans.iter().rfind(of).unwrap_or_else(|| panic!("no {bytes:?}"));
    span.note.as_deref().unwrap_or_default()
}

/// What has this label, one after the other.
fn labelled(spans: &[Span], label: Label) -> Vec<String> {
    let spans = spans.iter().filter(|span| span.label == label);
    spans.map(|span| span.bytes.escape_ascii().to_string()).collect()
}

fn events(known: &Known, direction: lens::Direction) -> Vec<&ProtocolEvent> {
    let told = known.events.iter().filter(|(to, _)| *to == direction);
    told.map(|(_, event)| event).collect()
}

pub(crate) const EVENTS: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

pub(crate) const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

pub(crate) const KEY: &str = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n";

const ACCEPT: &str = "Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n";

/// A request for a protocol, with more fields.
pub(crate) fn upgrade(protocol: &str, more: &str) -> String {
    format!(
        "GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{more}\r\n"
    )
}

pub(crate) fn switching(protocol: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
         Upgrade: {protocol}\r\n{ACCEPT}\r\n"
    )
}
