//! What is counted, and that each label is explained.

use std::collections::HashSet;

use bytes::Bytes;
use lens::{
    Account, Decoder,
    Direction::{Down, Up},
    Label, ProtocolEvent,
};

use crate::{
    ASK, CHUNKED, OK, SAMPLE,
    check::{self, Known},
    chunk, frames, known, stream,
};

#[test]
fn an_account_adds_up() {
    let answer = format!(
        "{CHUNKED}content-type: text/plain\r\n\r\n{}",
        chunk(&format!("{SAMPLE}\n\n"))
    );
    let mut account = Account::default();
    let mut decoder = Decoder::new(check::MARKERS);
    account.opened();
    account.add(Up, &decoder.push(Up, Bytes::from_static(ASK.as_bytes())));
    account.add(Down, &decoder.push(Down, answer.clone().into()));
    account.add(Down, &decoder.push(Down, "x".into()));
    account.closed();
    let (up, down) = (ASK.len() as u64, answer.len() as u64 + 1);
    let expected = Account {
        opened: 1,
        open: 0,
        requests: 1,
        responses: 1,
        empty: 0,
        up,
        down,
        head: up + down - 1 - 67 - 1 - 1 - 6,
        framing: 7,
        payload: 67,
        control: 1,
        opaque: 1,
        messages: 1,
        samples: 1,
        missed: 0,
    };
    assert_eq!(account, expected);
}

#[test]
fn labels_are_explained() {
    let names: HashSet<_> = Label::ALL.iter().map(|label| label.name()).collect();
    assert_eq!((names.len(), Label::ALL.len()), (62, 62));
    for label in Label::ALL {
        let explains = label.explanation();
        assert!(explains.ends_with('.') && explains.len() < 200, "{explains}");
        let letters = explains.as_bytes();
        let humps = letters.windows(2).any(|pair| {
            pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()
        });
        let of_the_page = explains.contains("addEventListener");
        assert!(!humps || of_the_page, "a name from the sources: {explains}");
        assert!(!label.title().is_empty());
        let reference = label.reference();
        let known = ["RFC ", "WHATWG ", "MQTT 3", "Engine.IO p", "Socket.IO p"];
        assert!(known.iter().any(|source| reference.starts_with(source)));
    }
}

/// What each technique announces, decoded whole and a byte at a time.
#[test]
fn missed_samples_are_counted_where_they_are_announced() {
    const GAP: &str = r#"{"missed":12,"restarted":false,"id":"k3f9-29"}"#;
    let missed = |known: &Known| -> Vec<_> {
        let missed = |(_, event): &(_, ProtocolEvent)| match event {
            ProtocolEvent::Missed(samples) => Some(*samples),
            _ => None,
        };
        known.events.iter().filter_map(missed).collect()
    };
    let json = "content-type: application/json\r\ncontent-length: 2\r\n\r\n[]";
    let polled =
        known(&[(Up, ASK), (Down, &format!("{OK}feed-gap: {GAP}\r\n{json}"))]);
    assert_eq!(missed(&polled), [12]);
    let line = format!("{{\"gap\":{GAP}}}\n");
    let streamed = stream("text/plain", &[&line[..18], &line[18..]]);
    assert_eq!(missed(&streamed), [12]);
    let event = format!("event: gap\ndata: {GAP}\n\n");
    assert_eq!(missed(&stream("text/event-stream", &[&event, &event])), [12, 12]);
    let message = format!("{{\"gap\":{GAP}}}");
    let frame = [&[0x81, message.len() as u8], message.as_bytes()].concat();
    assert_eq!(missed(&frames(b"", &frame)), [12]);
    // What a client says is no announcement, nor is another field, or a quoted text.
    let said = known(&[
        (Up, &ASK.replace("Host: a", &format!("Feed-Gap: {GAP}"))),
        (Down, &format!("{OK}x-feed-gap: {GAP}\r\n{json}")),
    ]);
    assert_eq!(missed(&said), [0; 0]);
    let quoted = format!("{}\n", GAP.replace('"', "\\\""));
    assert_eq!(missed(&stream("text/plain", &[&quoted])), [0; 0]);
}
