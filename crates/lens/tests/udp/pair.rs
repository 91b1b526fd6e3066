//! The relay between two peers, whose addresses it learns from their STUN packets.

use std::net::{Ipv4Addr, SocketAddr};

use lens::udp::{UdpControl, UdpPair};
use tokio::sync::oneshot;

use crate::{labels::STUN_REQUEST, next, towards};

#[tokio::test]
async fn peers_are_found_by_their_stun_packets_wherever_they_go() {
    let control = UdpControl::default();
    let pair = UdpPair::bind(Ipv4Addr::LOCALHOST.into(), control.clone(), ());
    let pair = pair.await.unwrap();
    let ports = pair.ports().unwrap();
    let ports = ports.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let (end, ended) = oneshot::channel::<()>();
    let task = tokio::spawn(pair.run(async {
        let _ = ended.await;
    }));
    let (ada, bob) = (towards(ports[0]).await, towards(ports[1]).await);
    // Unknown, and no STUN: refused. The first STUN packet finds no peer yet.
    ada.send(b"hello").await.unwrap();
    ada.send(STUN_REQUEST).await.unwrap();
    while control.account().up.dropped == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(control.account().refused, 1);
    bob.send(STUN_REQUEST).await.unwrap();
    assert_eq!(next(&ada).await, (STUN_REQUEST.to_vec(), ports[0]));
    ada.send(b"hello").await.unwrap();
    assert_eq!(next(&bob).await, (b"hello".to_vec(), ports[1]));
    // Bob's phone changes its network; a stranger does not become Bob.
    let (moved, stranger) = (towards(ports[1]).await, towards(ports[1]).await);
    stranger.send(b"I am Bob").await.unwrap();
    moved.send(STUN_REQUEST).await.unwrap();
    assert_eq!(next(&ada).await.0, STUN_REQUEST);
    ada.send(b"there you are").await.unwrap();
    assert_eq!(next(&moved).await.0, b"there you are");
    // What comes from where he was is still his.
    bob.send(b"late").await.unwrap();
    assert_eq!(next(&ada).await.0, b"late");
    assert_eq!(control.account().refused, 2);
    end.send(()).unwrap();
    task.await.unwrap().unwrap();
}
