//! Web Push in bytes: what a page asks for, what an endpoint is sent and answers, and, as a
//! browser sees it, the push service.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "wire/answers.rs"]
mod answers;
#[path = "wire/keys.rs"]
mod keys;
#[path = "wire/service.rs"]
mod service;
#[path = "wire/setup.rs"]
mod setup;

use std::{env, net::Ipv4Addr};

use push::TECHNIQUE;
use testkit::{Client, samples};

use crate::setup::{Folder, ask, serve, subscription};

#[test]
fn what_was_missed_comes_by_the_cursor() {
    let folder = Folder::new("missed");
    let server = serve(&folder, None);
    let (head, body) = ask(&server, "GET", "/missed", "");
    assert_eq!(head.code(), 200);
    assert_eq!(head.field("cache-control"), Some("no-store"));
    assert_eq!(samples(&body), [(1, "first".into())]);
    let run = &body[r#"[{"id":""#.len()..][..4];
    let (head, body) = ask(&server, "GET", &format!("/missed?after={run}-1"), "");
    assert_eq!((head.code(), &*body), (204, ""));
    (2..=14).for_each(|number| server.feed.publish(&number.to_string()));
    let (head, body) = ask(&server, "GET", &format!("/missed?after={run}-1"), "");
    let gap = format!(r#"{{"missed":3,"restarted":false,"id":"{run}-4"}}"#);
    assert_eq!(head.field("feed-gap"), Some(&*gap));
    assert_eq!(samples(&body).first().unwrap().0, 5);
    let (head, body) = ask(&server, "GET", "/missed?after=17", "");
    assert_eq!(head.code(), 400, "{body}");
    server.shut_down();
}

#[test]
fn an_endpoint_of_this_machine_or_network_is_refused_and_not_connected_to() {
    let folder = Folder::new("forgery");
    let server = serve(&folder, None);
    let inside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    for (endpoint, code, why) in [
        (format!("https://127.0.0.1:{port}/"), 403, "--push-service https://127"),
        (format!("https://localhost:{port}/"), 403, "an address of this machine"),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), 403, "machine or network"),
        (format!("https://0x7f000001:{port}/"), 403, "127.0.0.1"),
        (format!("http://127.0.0.1:{port}/"), 400, "no https"),
        ("https://192.168.1.1/".into(), 403, "192.168.1.1"),
        ("https://169.254.169.254/latest/meta-data".into(), 403, "169.254"),
        ("https://name.invalid/".into(), 400, "can't be resolved"),
        ("gopher://push.example.net/".into(), 400, "no https"),
    ] {
        let (head, body) =
            ask(&server, "POST", "/subscription", &subscription(&endpoint));
        assert_eq!(head.code(), code, "{endpoint}: {body}");
        assert!(body.contains(why), "{endpoint}: {body}");
    }
    let (head, body) = ask(&server, "GET", "/missed", "");
    assert_eq!(head.code(), 200);
    let id = setup::id(&body);
    assert_eq!(ask(&server, "POST", &format!("/push/{id}"), "").1, "[]");
    assert!(inside.accept().is_err(), "nothing was sent to it");
    server.shut_down();
}

#[test]
fn a_subscription_is_checked_and_a_foreign_page_has_none() {
    let folder = Folder::new("subscriptions");
    let server = serve(&folder, None);
    let good = subscription("https://8.8.8.8/push");
    for (body, why) in [
        (good.replace("BCVx", "BCVy"), "no point"),
        (good.replace("BCVx", ""), "expected 65 bytes"),
        (good.replace("BTBZ", "BTB"), "expected 16 bytes"),
        (good.replace("p256dh", "p256"), "missing field `p256dh`"),
        ("{}".into(), "missing field `endpoint`"),
        ("[".into(), "Json"),
    ] {
        let (head, said) = ask(&server, "POST", "/subscription", &body);
        assert_eq!(head.code(), 400, "{said}");
        assert!(said.contains(why), "{said}");
    }
    for path in ["/subscription", "/push/k3f9-1"] {
        let mut client = server.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{good}",
            good.len()
        ));
        let (head, said) = client.response();
        assert_eq!(head.code(), 403, "{path}: {said}");
    }
    let (head, said) = ask(&server, "POST", "/push/k3f9-99", "");
    assert_eq!(head.code(), 404, "{said}");
    server.shut_down();
}

/// No peer takes up all. (All of 127.0.0.0/8 is loopback on Linux.)
#[cfg(target_os = "linux")]
#[test]
fn there_are_as_many_subscriptions_as_are_kept_and_a_peer_has_some_of_them() {
    if env::var_os("THROUGH_LENS").is_some() {
        return; // A lens is one peer.
    }
    let folder = Folder::new("full");
    let server = serve(&folder, None);
    // Numbers need no resolver.
    let subscribe = |peer: u8, number: u8| {
        let peer = Ipv4Addr::new(127, 0, 0, peer);
        let mut client = Client::connect_from(peer, server.address);
        let body = subscription(&format!("https://8.8.8.8/{number}"));
        client.send(setup::request("POST", "/subscription", &body));
        let (head, said) = client.response();
        (head.code(), said)
    };
    for number in 0..100 {
        let peer = 1 + number / 20;
        if number % 20 == 19 {
            assert_eq!(subscribe(peer, number).0, 201);
            let (code, said) = subscribe(peer, 200);
            assert_eq!(code, 503);
            let limit = if number == 99 { "100 browsers" } else { "20 browsers of" };
            assert!(said.contains(limit), "{said}");
        } else {
            assert_eq!(subscribe(peer, number).0, 201);
        }
    }
    assert_eq!(subscribe(6, 200).0, 503);
    assert_eq!(subscribe(6, 7).0, 201, "it is there already");
    server.shut_down();
}

#[test]
fn what_an_endpoint_is_sent_is_what_the_source_documents() {
    let folder = Folder::new("sent");
    let endpoint = setup::Endpoint::answering("HTTP/1.1 201 Created\r\n\r\n");
    let server = serve(&folder, Some(&endpoint.origin));
    endpoint.subscribe(&server, "/endpoint/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV");
    let reports = setup::push(&server);
    let host = &endpoint.origin["http://".len()..];
    assert!(
        reports.starts_with(&format!(
            r#"[{{"service":"http://{host}","outcome":"accepted","status":201,"ms":"#
        )),
        "{reports}"
    );
    let (head, body) = endpoint.next();
    let shown: Vec<_> = TECHNIQUE
        .source
        .lines()
        .map(|line| line.trim_start_matches("//! "))
        .skip_while(|line| !line.starts_with("POST /endpoint/"))
        .take_while(|line| *line != "//!")
        .collect();
    let lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.len(), shown.len(), "{head}");
    for (sent, shown) in lines.iter().zip(&shown) {
        let varies = ["host: ", "authorization: vapid t=", "content-length: "];
        match varies.iter().find(|name| shown.starts_with(**name)) {
            Some(name) => assert!(sent.starts_with(name), "{sent}, not {shown}"),
            None => assert_eq!(sent, shown),
        }
    }
    // Salt, record size, the key's length; then the key, the text, 02 and the tag.
    assert_eq!(body[16..21], [0, 0, 16, 0, 65]);
    let (_, missed) = ask(&server, "GET", "/missed", "");
    let sample = missed.trim_matches(['[', ']']);
    assert_eq!(body.len(), 86 + sample.len() + 17);
    server.shut_down();
}
