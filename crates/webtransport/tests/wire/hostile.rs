//! Clients that do not keep to the rules, while another one reads.

use std::{net::UdpSocket, time::Duration};

use testkit::{sample, wait_until};
use tokio::{runtime::Builder, time::Instant};

use crate::{
    DAY,
    client::{
        LANES, Session, WAIT_TIMEOUT, certificate, endpoint, followers, serve,
    },
};

/// A reader is given each sample, in time, while the others do what they do.
async fn reads_on(server: &testkit::Server, reader: &mut Session, from: u64) {
    for number in from..from + 20 {
        let start = Instant::now();
        server.feed.publish("news");
        assert_eq!(sample(&reader.stream().await.line().await).0, number);
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn garbage_disturbs_nobody() {
    let server = serve(100, DAY);
    let (port, hash) = certificate(server.address);
    let mut reader = Session::open(&server, "/streams").await;
    assert_eq!(sample(&reader.stream().await.line().await).0, 1);
    // A million, when asked for: in a release build, since a debug build falls so far
    // behind that packets of the reader are lost until its connection is given up.
    let count = std::env::var("GARBAGE").map_or(20_000, |n| n.parse().unwrap());
    let garbage = testkit::meanwhile(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(("127.0.0.1", port)).unwrap();
        let mut random = 7_u64;
        for _ in 0..count {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // A long header of QUIC version 1, or anything else.
            let mut bytes = [0; 1200];
            bytes.iter_mut().enumerate().for_each(|(at, byte)| {
                *byte = (random >> (at % 8 * 8)) as u8;
            });
            if random.is_multiple_of(3) {
                bytes[..5].copy_from_slice(&[0xc0, 0, 0, 0, 1]);
            }
            // The queue of the kernel may be full, or nobody listens: both are fine.
            let _ = socket.send(&bytes);
        }
    });
    reads_on(&server, &mut reader, 2).await;
    garbage.recv_timeout(WAIT_TIMEOUT * 5).unwrap();
    // Datagrams in a session are answered, or not, but never end it.
    let endpoint = endpoint(hash);
    let url = format!("https://127.0.0.1:{port}/datagrams");
    let noisy = endpoint.connect(url).await.unwrap();
    for _ in 0..1000 {
        noisy.send_datagram([0xff; 900]).unwrap();
    }
    reads_on(&server, &mut reader, 22).await;
    server.shut_down();
}

#[tokio::test]
async fn half_a_handshake_disturbs_nobody() {
    let server = serve(100, DAY);
    let (port, hash) = certificate(server.address);
    let mut reader = Session::open(&server, "/streams").await;
    assert_eq!(sample(&reader.stream().await.line().await).0, 1);
    // Of each client, the first packet arrives, and none after it.
    let way = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let half = way.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut seen = std::collections::HashSet::new();
        let mut bytes = [0; 2048];
        loop {
            let Ok((length, from)) = way.recv_from(&mut bytes).await else { return };
            if seen.insert(from) && from.port() != port {
                let _ = way.send_to(&bytes[..length], ("127.0.0.1", port)).await;
            }
        }
    });
    let attempts: Vec<_> = (0..20)
        .map(|_| {
            let url = format!("https://127.0.0.1:{half}/stream");
            tokio::spawn(async move { endpoint(hash).connect(url).await.map(drop) })
        })
        .collect();
    reads_on(&server, &mut reader, 2).await;
    attempts.iter().for_each(tokio::task::JoinHandle::abort);
    followers(&server, 1).await;
    server.shut_down();
}

#[tokio::test]
async fn a_session_that_never_reads_disturbs_nobody() {
    let server = serve(100, DAY);
    let mut stuck = Vec::new();
    for lane in LANES {
        stuck.push(Session::open(&server, lane).await);
    }
    let mut reader = Session::open(&server, "/streams").await;
    assert_eq!(sample(&reader.stream().await.line().await).0, 1);
    followers(&server, 4).await;
    for number in 2..200 {
        server.feed.publish(&"x".repeat(10_000));
        assert_eq!(sample(&reader.stream().await.line().await).0, number);
    }
    // Once they have left, nothing of them is kept.
    drop(stuck);
    followers(&server, 1).await;
    server.shut_down();
}

#[test]
fn a_client_that_vanished_is_gone_within_the_idle_timeout() {
    let server = serve(100, DAY);
    let (port, hash) = certificate(server.address);
    // In a runtime that stands still, so that nothing of it answers.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("https://127.0.0.1:{port}/stream");
    let vanished = runtime.block_on(async { endpoint(hash).connect(url).await });
    wait_until("it follows", || server.feed.followers() == 1);
    wait_until("it is given up", || server.feed.followers() == 0);
    drop((vanished, runtime));
    server.shut_down();
}
