//! Bytes pass unchanged, as do the ends of connections, within bounded memory.

use std::{
    io::{Read, Write},
    net::Shutdown,
    time::Duration,
};

use lens::{CloseCause, Effect, effects::Delay};
use testkit::{meanwhile, wait_until};

use crate::{Bench, is_reset, take};

#[test]
fn bytes_pass_unchanged_and_each_has_a_label() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    let noise = (0..200_000u32).map(|n| (n.wrapping_mul(7919) >> 3) as u8);
    let mut says = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
    says.extend(noise);
    let said = says.clone();
    let sender = meanwhile(move || {
        client.write_all(&said).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        client
    });
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).unwrap();
    assert!(heard == says);
    // The other direction goes on by itself.
    let mut client = sender.recv().unwrap();
    let said = says.clone();
    let _ended = meanwhile(move || server.write_all(&said).unwrap());
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert!(answer == says);
    drop(client);
    assert_eq!(bench.end(), CloseCause::Client);
    let noted = bench.notes.0.lock().unwrap();
    assert!(noted.up == says && noted.down == says);
    let account = noted.account;
    assert_eq!((account.opened, account.open, account.requests), (1, 0, 1));
    let all = account.head + account.framing + account.payload + account.control;
    assert_eq!(all + account.opaque, 2 * says.len() as u64);
}

#[test]
fn what_was_said_before_a_reset_arrives_before_it() {
    let bench = Bench::new();
    bench.add(Effect::Delay(Delay { ms: 500, jitter: 0 }));
    let (mut client, mut server) = bench.connect();
    client.write_all(b"unread").unwrap();
    wait_until("it is there", || server.peek(&mut [0; 6]).unwrap() == 6);
    server.write_all(b"farewell").unwrap();
    drop(server); // with bytes unread: a reset
    assert_eq!(take(&mut client, 8), b"farewell");
    assert!(is_reset(&mut client));
    assert_eq!(bench.end(), CloseCause::Reset);
}

/// Each in a packet of its own, so that as many reads wait as there can be.
#[test]
#[cfg(target_os = "linux")]
fn single_bytes_that_wait_take_little_memory() {
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap()
    };
    let bench = Bench::new();
    let before = memory();
    let mut clients: Vec<_> = (0..20).map(|_| bench.connect()).collect();
    bench.add(Effect::Stall);
    for _ in 0..1000 {
        for (client, _) in &mut clients {
            client.set_nodelay(true).unwrap();
            client.write_all(b"x").unwrap();
        }
    }
    let after = memory();
    assert!(after < before + 16 * 1024, "{before} KiB, then {after} KiB");
}

#[test]
fn a_slow_reader_holds_back_its_peer() {
    let bench = Bench::new();
    let (client, mut server) = bench.connect();
    // Far more than sockets and a lens hold.
    server.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut sent = 0;
    while sent < 64 << 20 {
        match server.write(&[0; 64 << 10]) {
            Ok(bytes) => sent += bytes,
            Err(_) => break,
        }
    }
    assert!(sent < 32 << 20, "{sent} bytes were taken that nobody reads");
    drop(client);
}

#[test]
fn a_reset_passes_as_a_reset() {
    let bench = Bench::new();
    let (mut client, server) = bench.connect();
    client.write_all(b"unread").unwrap();
    wait_until("it is there", || server.peek(&mut [0; 6]).unwrap() == 6);
    drop(server); // with bytes unread: a reset
    assert!(is_reset(&mut client));
    assert_eq!(bench.end(), CloseCause::Reset);
}
