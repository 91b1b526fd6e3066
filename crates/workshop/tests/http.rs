//! HTTP as every server of the workshop speaks it: the hub's, and the five behind their
//! lenses.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use wire::{Client, Workshop};

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
