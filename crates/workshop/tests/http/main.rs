//! HTTP and WebSocket as every server of the workshop speaks them: the hub's, and the
//! five behind their lenses.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod files;
mod framing;
mod handshakes;
mod hosts;
mod targets;

use std::process::Command;

use testkit::{Client, Workshop};

fn open(flags: &[&str]) -> Workshop {
    let binary = env!("CARGO_BIN_EXE_workshop");
    Workshop::run(Command::new(binary).args(["--base-port", "0"]).args(flags))
}

/// A connection to each server, with a name for it.
fn each(workshop: &Workshop) -> impl Iterator<Item = (usize, Client)> {
    let all = [workshop.process.address, workshop.presenter];
    let all = all.into_iter().chain(workshop.techniques.clone());
    all.map(Client::connect).enumerate()
}

/// Asks each server for something that all of them have.
fn ask_each(workshop: &Workshop, host: &str) -> Vec<(u16, String)> {
    let ask = |(_, mut client): (usize, Client)| {
        client.send(format!("GET /clock HTTP/1.1\r\n{host}\r\n"));
        let (head, body) = client.response();
        (head.code(), body)
    };
    each(workshop).map(ask).collect()
}
