//! Server-sent events: however chunks and reads cut them, the labels are the same,
//! and as many messages are seen as a simple parser finds in the whole text.
#![no_main]

#[path = "../../tests/check/mod.rs"]
mod check;
mod input;

use lens::{
    Direction::{Down, Up},
    ProtocolEvent, Label, Span,
};
use libfuzzer_sys::fuzz_target;

const REQUEST: &str = "GET / HTTP/1.1\r\n\r\n";
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

fuzz_target!(|data: &[u8]| {
    // Here all bursts are one text.
    let (sizes, bursts) = input::parse(data);
    let text: Vec<u8> = bursts.into_iter().flat_map(|(_, bytes)| bytes).collect();
    let whole = format!("{HEAD}\r\n").into_bytes();
    let whole = [whole, text.clone()].concat();
    let whole = check::check(&vec![(Up, REQUEST.into()), (Down, whole)], sizes);

    let mut chunked =
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let mut rest = text.as_slice();
    let mut sizes_of_chunks = sizes.iter().cycle();
    while !rest.is_empty() {
        let size =
            sizes_of_chunks.next().map_or(rest.len(), |size| 1 + usize::from(*size));
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        chunked.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
        rest = after;
    }
    chunked.extend(b"0\r\n\r\n");
    let chunked = check::check(&vec![(Up, REQUEST.into()), (Down, chunked)], &[0]);

    assert_eq!(content(&whole.down), content(&chunked.down));
    for known in [whole, chunked] {
        let messages = known.events.iter();
        let messages =
            messages.filter(|(_, happened)| *happened == ProtocolEvent::Message);
        assert_eq!(messages.count(), expected_messages(&text));
    }
});

/// The label of each byte of the content.
fn content(spans: &[Span]) -> Vec<(u8, Label)> {
    let spans =
        spans.iter().filter(|span| span.label.name().starts_with("sse-"));
    let bytes = spans.flat_map(|p| p.bytes.iter().map(|byte| (*byte, p.label)));
    bytes.collect()
}

/// WHATWG HTML §9.2.6, over the whole text at once.
fn expected_messages(text: &[u8]) -> usize {
    // Whatever the bytes are, as characters: line ends are the same in both.
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let text: String = text.iter().map(|byte| char::from(*byte)).collect();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What is after the last line end is no line yet.
    lines.pop();
    let mut data = false;
    let mut messages = 0;
    for line in lines {
        if line.is_empty() {
            messages += usize::from(data);
            data = false;
        } else {
            data |= line == "data" || line.starts_with("data:");
        }
    }
    messages
}
