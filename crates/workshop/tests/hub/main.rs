//! The workshop's own binary, spoken to in bytes by several devices. Here: the devices,
//! and how they read what comes.
#![cfg(target_os = "linux")] // all of 127.0.0.0/8 is loopback
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod access;
mod accounts;
mod commands;
mod forwarded;
mod limits;
mod process;

use std::{net::Ipv4Addr, process::Command, time::Instant};

use testkit::{Client, WAIT_TIMEOUT, Workshop, sample};

const ADA: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
const BOB: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 12);
const NAMES: [&str; 5] =
    ["short-poll", "long-poll", "http-stream", "sse", "websocket"];
const ENDPOINTS: [&str; 5] =
    ["/short-polling", "/long-polling", "/stream", "/api/v1/live-data", "/chat"];
const CLOSE: u8 = 0x88;

fn open(flags: &[&str]) -> Workshop {
    let binary = env!("CARGO_BIN_EXE_workshop");
    Workshop::run(Command::new(binary).args(["--base-port", "0"]).args(flags))
}

/// A stream of a technique, as a device reads it, with its head taken.
fn stream(
    workshop: &Workshop,
    device: Ipv4Addr,
    technique: usize,
    target: &str,
) -> Client {
    let mut client = Client::connect_from(device, workshop.techniques[technique]);
    client.get(target);
    assert_eq!(client.head().code(), 200);
    client
}

/// Asks for `target`: the status, and the content.
fn get(mut client: Client, target: &str, fields: &str) -> (u16, String) {
    client.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    let (head, body) = client.response();
    (head.code(), body)
}

/// The numbers of the samples in a piece of an event stream.
fn numbers(events: &str) -> Vec<u64> {
    let data = events.lines().filter_map(|line| line.strip_prefix("data: {"));
    data.map(|data| sample(&format!("{{{data}")).0).collect()
}

/// The numbers of the next samples of an event stream: one, or those that came together.
fn next_events(client: &mut Client) -> Vec<u64> {
    let deadline = Instant::now() + WAIT_TIMEOUT;
    while Instant::now() < deadline {
        let chunk = client.chunk();
        assert!(!chunk.is_empty(), "the stream has ended");
        let numbers = numbers(&chunk);
        if !numbers.is_empty() {
            return numbers;
        }
    }
    panic!("no sample for {WAIT_TIMEOUT:?}");
}
