//! Datagrams pass unchanged, each client's in a flow of its own.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use lens::{
    Direction, Span,
    udp::{DatagramWatcher, Fate, FlowInfo},
};

use crate::{Relay, WAIT_TIMEOUT, bind, next, towards};

#[tokio::test]
async fn datagrams_pass_unchanged_in_order_and_each_client_has_its_flow() {
    let relay = Relay::start(()).await;
    let (ada, bob) = (towards(relay.address).await, towards(relay.address).await);
    let mut ports = Vec::new();
    for (client, name) in [(&ada, "ada"), (&bob, "bob")] {
        // Empty ones as well, and some that are longer than a packet.
        for number in 0..50 {
            let datagram = name.repeat(number * number);
            client.send(datagram.as_bytes()).await.unwrap();
        }
        for number in 0..50 {
            let (datagram, from) = next(&relay.server).await;
            assert_eq!(datagram, name.repeat(number * number).as_bytes());
            relay.server.send_to(&datagram, from).await.unwrap();
            ports.push(from);
        }
        for number in 0..50 {
            let (datagram, from) = next(client).await;
            assert_eq!(datagram, name.repeat(number * number).as_bytes());
            assert_eq!(from, relay.address);
        }
    }
    ports.dedup();
    assert_eq!(ports.len(), 2, "{ports:?}");
    let account = relay.control.account();
    assert_eq!((account.opened, account.open, account.refused), (2, 2, 0));
    assert_eq!((account.up, account.up.delivered), (account.down, 100));
    let bytes: u64 = (0..50).map(|n| 6 * n * n).sum();
    let count = account.up;
    assert_eq!((count.received_bytes, count.delivered_bytes), (bytes, bytes));
    assert_eq!(count.opaque_bytes, bytes);
    // A stranger's datagram does not get to a client, though it knows the port.
    bind().await.send_to(b"stranger", ports[0]).await.unwrap();
    relay.server.send_to(b"server", ports[0]).await.unwrap();
    assert_eq!(next(&ada).await.0, b"server");
    relay.shut_down().await;
}

/// Sends what it is told of: a flow's number, and what was told.
struct Notes(mpsc::Sender<(u64, String)>);

impl DatagramWatcher for Notes {
    fn opened(&mut self, flow: &FlowInfo) {
        let _ = self.0.send((flow.id, "opened".into()));
    }

    fn passed(
        &mut self,
        flow: &FlowInfo,
        direction: Direction,
        spans: &[Span],
        fate: Fate,
    ) {
        let bytes: usize = spans.iter().map(|span| span.bytes.len()).sum();
        let fate = match fate {
            Fate::Delivered(_) => "delivered".into(),
            Fate::Lost(cause) => format!("{cause:?}"),
        };
        let _ = self.0.send((flow.id, format!("{direction:?} {bytes} {fate}")));
    }

    fn closed(&mut self, flow: &FlowInfo) {
        let _ = self.0.send((flow.id, "closed".into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_is_idle_is_forgotten_and_opened_anew() {
    let (told, notes) = mpsc::channel();
    let relay = Relay::start(Notes(told)).await;
    let client = towards(relay.address).await;
    let mut seen = Vec::new();
    for id in 1..=2 {
        client.send(b"hello").await.unwrap();
        let (_, from) = next(&relay.server).await;
        // It is not idle while the server alone sends.
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(40)).await;
            relay.server.send_to(b"news", from).await.unwrap();
            assert_eq!(next(&client).await.0, b"news");
        }
        tokio::time::sleep(Duration::from_secs(59)).await;
        assert_eq!(relay.control.account().open, 1);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(relay.control.account().open, 0);
        seen.extend(notes.try_iter());
        assert_eq!(seen[0], (id, "opened".into()));
        assert_eq!(seen[1], (id, "Up 5 delivered".into()));
        assert_eq!(seen[2], (id, "Down 4 delivered".into()));
        assert_eq!(seen.drain(..).next_back(), Some((id, "closed".into())));
    }
    relay.shut_down().await;
}

#[tokio::test]
async fn there_are_not_more_flows_than_the_limit() {
    let relay = Relay::start(()).await;
    let deadline = Instant::now() + WAIT_TIMEOUT;
    while relay.control.account().refused == 0 {
        // Each from another port, mostly.
        let client = towards(relay.address).await;
        client.send(b"hello").await.unwrap();
        tokio::task::yield_now().await;
        assert!(Instant::now() < deadline, "no flow is refused");
    }
    assert_eq!(relay.control.account().open, 400);
    relay.shut_down().await;
}
