//! The workshop as a process: its start and its end.

use std::time::Duration;

use serde_json::json;
use testkit::{Client, Process, Signal, WAIT_TIMEOUT, meanwhile};

use crate::{ADA, CLOSE, open, stream};

#[test]
fn it_ends_within_two_seconds_with_all_of_it_open() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let pages: Vec<_> = (0..20).map(|_| workshop.attendee(ADA)).collect();
    let streams: Vec<_> = (0..20)
        .flat_map(|_| {
            [
                stream(&workshop, ADA, 2, "/stream"),
                stream(&workshop, ADA, 3, "/api/v1/live-data"),
            ]
        })
        .collect();
    let said: Vec<_> = streams
        .into_iter()
        .map(|mut stream| meanwhile(move || stream.end()))
        .collect();
    // With effects on, too: nobody on the other side of a stall can be told.
    presenter.command(
        &json!({"set": {"technique": "long-poll", "effect": "stall", "on": true}}),
    );
    presenter.until("room", |room| room["effects"] != json!([]));
    let mut held = Client::connect_from(ADA, workshop.techniques[1]);
    held.get("/long-polling");
    let (status, time) = workshop.process.signal(Signal::Interrupt);
    assert!(status.success(), "{status}");
    assert!(time < Duration::from_secs(2), "{time:?}");
    for said in said {
        let said = said.recv_timeout(WAIT_TIMEOUT).unwrap();
        assert!(said.contains("bye"), "{said}");
    }
    for mut page in pages {
        loop {
            let (first, payload) = page.0.frame();
            if first == CLOSE {
                assert_eq!(payload[..2], 1001u16.to_be_bytes());
                break;
            }
        }
    }
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let workshop = open(&[]);
    // The third of the ports is one that the other has.
    let base = workshop.techniques[2].port() - 3;
    let binary = env!("CARGO_BIN_EXE_workshop");
    let (code, said) = Process::fail(binary, &["--base-port", &base.to_string()]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("is in use") && said.contains("--base-port"), "{said}");
    let (code, said) = Process::fail(binary, &["--base-port", "65535"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("0 to 65529"), "{said}");
}
