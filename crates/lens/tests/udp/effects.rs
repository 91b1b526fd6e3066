//! What each effect does to datagrams, and that it can be changed while the relay runs.

use std::time::Duration;

use lens::{
    Direction,
    udp::{Conditions, Cut, Delay, Duplicate, Lose, Throttle},
};
use tokio::time::Instant;

use crate::{Relay, all, next, towards};

/// Longer than anything needs on loopback.
const SILENCE: Duration = Duration::from_millis(150);

#[tokio::test]
async fn loss_is_in_one_direction_or_both_and_ends_when_it_is_taken_off() {
    let relay = Relay::start(()).await;
    let client = towards(relay.address).await;
    client.send(b"hello").await.unwrap();
    let (_, from) = next(&relay.server).await;
    for direction in [Some(Direction::Up), Some(Direction::Down), None] {
        let lose = Lose { percent: 100, direction };
        relay.control.set(Conditions { lose, ..Conditions::default() }).unwrap();
        client.send(b"up").await.unwrap();
        relay.server.send_to(b"down", from).await.unwrap();
        let up = all(&relay.server, SILENCE).await.len();
        let down = all(&client, SILENCE).await.len();
        let expected = match direction {
            Some(Direction::Up) => (0, 1),
            Some(Direction::Down) => (1, 0),
            None => (0, 0),
        };
        assert_eq!((up, down), expected, "{direction:?}");
    }
    relay.control.set(Conditions::default()).unwrap();
    client.send(b"again").await.unwrap();
    assert_eq!(next(&relay.server).await.0, b"again");
    let account = relay.control.account();
    assert_eq!((account.up.lost, account.down.lost), (2, 2));
    relay.shut_down().await;
}

#[tokio::test]
async fn jitter_delays_all_and_changes_the_order() {
    let relay = Relay::start(()).await;
    let delay = Delay { ms: 60, jitter: 40 };
    relay.control.set(Conditions { delay, ..Conditions::default() }).unwrap();
    let client = towards(relay.address).await;
    let start = Instant::now();
    for number in 0..100_u8 {
        client.send(&[number]).await.unwrap();
    }
    let first = next(&relay.server).await.0;
    assert!(start.elapsed() >= Duration::from_millis(20), "{:?}", start.elapsed());
    let mut came = all(&relay.server, SILENCE).await;
    came.push(first);
    assert!(!came.is_sorted());
    came.sort();
    assert_eq!(came, (0..100).map(|number| vec![number]).collect::<Vec<_>>());
    relay.shut_down().await;
}

#[tokio::test]
async fn duplicates_come_twice() {
    let relay = Relay::start(()).await;
    let duplicate = Duplicate { percent: 100 };
    relay.control.set(Conditions { duplicate, ..Conditions::default() }).unwrap();
    let client = towards(relay.address).await;
    client.send(b"a").await.unwrap();
    client.send(b"b").await.unwrap();
    assert_eq!(all(&relay.server, SILENCE).await, [b"a", b"a", b"b", b"b"]);
    assert_eq!(relay.control.account().up.duplicated, 2);
    relay.shut_down().await;
}

#[tokio::test]
async fn a_throttle_has_a_queue_that_drops_what_is_too_much() {
    let relay = Relay::start(()).await;
    let throttle = Some(Throttle { bytes_per_second: 1000 });
    relay.control.set(Conditions { throttle, ..Conditions::default() }).unwrap();
    let client = towards(relay.address).await;
    for number in 0..100_u8 {
        client.send(&[number; 1024]).await.unwrap();
    }
    // The first one takes a second to be written.
    assert!(all(&relay.server, SILENCE).await.is_empty());
    let count = relay.control.account().up;
    // The system's own buffer before the relay may have been too small for some.
    assert!(count.received > 70, "{count:?}");
    assert_eq!((count.held, count.dropped), (64, count.received - 64));
    relay.control.set(Conditions::default()).unwrap();
    let came = all(&relay.server, SILENCE).await;
    assert_eq!(came, (0..64).map(|number| vec![number; 1024]).collect::<Vec<_>>());
    relay.shut_down().await;
}

#[tokio::test]
async fn a_cut_is_silent_also_for_what_is_on_its_way() {
    let relay = Relay::start(()).await;
    let delay = Delay { ms: 100, jitter: 0 };
    let slow = Conditions { delay, ..Conditions::default() };
    relay.control.set(slow).unwrap();
    let client = towards(relay.address).await;
    client.send(b"on its way").await.unwrap();
    while relay.control.account().up.held == 0 {
        tokio::task::yield_now().await;
    }
    relay.control.set(Conditions { cut: Cut(true), ..slow }).unwrap();
    client.send(b"lost").await.unwrap();
    assert!(all(&relay.server, SILENCE).await.is_empty());
    relay.control.set(slow).unwrap();
    client.send(b"again").await.unwrap();
    assert_eq!(next(&relay.server).await.0, b"again");
    assert_eq!(relay.control.account().up.lost, 2);
    relay.shut_down().await;
}

#[tokio::test]
async fn what_is_out_of_range_changes_nothing() {
    let relay = Relay::start(()).await;
    let good = Conditions {
        lose: Lose { percent: 5, direction: None },
        ..Conditions::default()
    };
    relay.control.set(good).unwrap();
    let conditions = Conditions::default;
    let wrong = [
        Conditions { lose: Lose { percent: 101, direction: None }, ..conditions() },
        Conditions { duplicate: Duplicate { percent: 101 }, ..conditions() },
        Conditions { delay: Delay { ms: 8001, jitter: 0 }, ..conditions() },
        Conditions { delay: Delay { ms: 20, jitter: 21 }, ..conditions() },
        Conditions {
            throttle: Some(Throttle { bytes_per_second: 0 }),
            ..conditions()
        },
    ];
    for wrong in wrong {
        let problem = relay.control.set(wrong).unwrap_err().to_string();
        assert!(problem.contains("expected"), "{problem}");
        assert_eq!(relay.control.conditions(), good);
    }
    relay.shut_down().await;
}
