//! HTTP and WebSocket as every server of the workshop speaks them: the hub's, and the
//! five behind their lenses.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use wire::{Client, Live, Workshop, masked};

fn open(flags: &[&str]) -> Workshop {
    let binary = env!("CARGO_BIN_EXE_workshop");
    Workshop::run(Command::new(binary).args(["--base-port", "0"]).args(flags))
}

/// A connection to each server, with a name for it.
fn each(workshop: &Workshop) -> impl Iterator<Item = (usize, Client)> {
    let all = [workshop.demo.address, workshop.presenter];
    let all = all.into_iter().chain(workshop.techniques.clone());
    all.map(Client::connect).enumerate()
}

#[test]
fn http_1_0_knows_no_chunks() {
    let workshop = open(&[]);
    let mut client = workshop.demo.connect();
    client.send("GET /quiz/results HTTP/1.0\r\n\r\n");
    let head = client.head();
    assert_eq!(head.field("transfer-encoding"), None);
    assert_eq!(client.until("\n\n").split(':').next(), Some("retry"));
}

#[test]
fn a_body_in_chunks_that_nobody_asked_for_ends_the_connection() {
    let workshop = open(&[]);
    for (server, mut client) in each(&workshop) {
        client.send(
            "GET /clock HTTP/1.1\r\nHost: localhost\r\n\
             Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        );
        assert_eq!(client.response().0.code(), 200, "server {server}");
        assert_eq!(client.end(), "", "server {server}");
    }
}

#[test]
fn a_message_costs_what_is_in_it_and_those_before_it_are_answered() {
    let workshop = open(&[]);
    let websocket = workshop.techniques[4];
    for (address, target) in [
        (workshop.demo.address, "/live"),
        (workshop.presenter, "/presenter/live"),
        (workshop.demo.address, "/quiz/vote"),
        (websocket, "/chat"),
        (websocket, "/echo"),
    ] {
        let client = Client::connect(address);
        let mut client = Live::open(client, target, &workshop.cookie()).0;
        let good = masked(0x81, r#"{"nothing":"like that"}"#);
        let parts = masked(0x00, "x").repeat(8192);
        client.send([good, masked(0x01, "x"), parts].concat());
        let mut before = String::new();
        let code = loop {
            match client.frame() {
                (0x81, text) => before.push_str(&String::from_utf8(text).unwrap()),
                (0x88, reason) => break [reason[0], reason[1]],
                (first, _) => assert_eq!(first, 0x89, "{target}: a ping"),
            }
        };
        assert_eq!(u16::from_be_bytes(code), 1009, "{target}");
        assert!(before.contains("nothing"), "{target}: {before}");
    }
}
