//! Web Push as tutorials often show it beside ours: what the push service can read of two
//! messages, and what it answers.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "its main")]
#[path = "../examples/as_often_shown.rs"]
mod example;
#[allow(dead_code, reason = "for the tests in wire.rs")]
#[path = "wire/setup.rs"]
mod setup;

use testkit::Server;

use crate::setup::{Endpoint, Folder, ask, id, serve, shake_hands, subscription};

fn shown(ttl: Option<u32>) -> Server {
    let options = example::Options { ttl };
    Server::start(push::TECHNIQUE, 10, |feed| example::routes(feed, options))
}

/// The samples of two pushes, and what of their messages was encrypted.
fn two(
    server: &Server,
    endpoint: &Endpoint,
    samples: impl Fn() -> String,
    push: impl Fn(),
) -> [(Vec<u8>, Vec<u8>); 2] {
    ["one", "two"].map(|data| {
        server.feed.publish(data);
        push();
        let (_, body) = endpoint.next();
        (samples().into_bytes(), body[86..].to_vec())
    })
}

fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| one ^ other).collect()
}

#[test]
fn two_messages_with_one_key_can_be_read_by_whoever_knows_one_of_them() {
    let endpoint = Endpoint::answering("HTTP/1.1 201 Created\r\n\r\n");
    let server = shown(Some(60));
    let body = subscription(&format!("{}/1", endpoint.origin));
    assert_eq!(ask(&server, "POST", "/subscribe", &body).0.code(), 200);
    let samples = || server.feed.since(None).samples[0].json.to_string();
    let push = || drop(ask(&server, "POST", "/push", ""));
    let [(one, first), (other, second)] = two(&server, &endpoint, samples, push);
    // What the push service has, and a guess of the first, make the second.
    assert_eq!(xor(&xor(&first, &second), &one)[..other.len()], other);
    server.shut_down();

    let folder = Folder::new("one-key");
    let server = serve(&folder, Some(&endpoint.origin));
    endpoint.subscribe(&server, "/2");
    let samples = || server.feed.since(None).samples[0].json.to_string();
    let push = || {
        let (_, samples) = ask(&server, "GET", "/missed", "");
        ask(&server, "POST", &format!("/push/{}", id(&samples)), "");
    };
    let [(one, first), (other, second)] = two(&server, &endpoint, samples, push);
    assert_ne!(xor(&xor(&first, &second), &one)[..other.len()], other);
    server.shut_down();
}

#[test]
fn a_push_without_a_ttl_is_refused() {
    let folder = Folder::new("no-ttl");
    let service = serve(&folder, Some("http://push.example.net"));
    let (mut browser, _) = shake_hands(&service, "");
    browser.send(testkit::masked(0x81, r#"{"messageType":"hello"}"#));
    browser.frame();
    let register = r#"{"messageType":"register","channelID":"one"}"#;
    browser.send(testkit::masked(0x81, register));
    let answer = String::from_utf8(browser.frame().1).unwrap();
    let path = answer.split_once("http://push.example.net").unwrap().1;
    let path = path.trim_end_matches("\"}");
    for (ttl, status) in [(None, "400 Bad Request"), (Some(60), "201 Created")] {
        let server = shown(ttl);
        let body = subscription(&format!("http://{}{path}", service.address));
        assert_eq!(ask(&server, "POST", "/subscribe", &body).0.code(), 200);
        let (_, said) = ask(&server, "POST", "/push", "");
        assert_eq!(said, format!("HTTP/1.1 {status}"));
        server.shut_down();
    }
    service.shut_down();
}
