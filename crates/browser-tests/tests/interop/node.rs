//! What the notes show with Node: the five on Express and `ws`, HTTP streaming as it was
//! published, and a CRDT.

use std::net::SocketAddr;

use serde_json::json;
use testkit::{Client as Bytes, handshake, sample, samples};

use crate::{Client, chapter, curl};

/// A server on Node, on a free port. The first line that it prints is its URL.
fn serve(script: &str) -> (Client, String) {
    let server =
        Client::run("sh", &["-c", &format!("PORT=0 exec node {script} 2>&1")]);
    let url = server.line();
    (server, url)
}

#[test]
fn the_five_on_express_and_ws_send_the_same_samples() {
    let (_server, url) = serve("../../bench/peers/node/server.js --every 50ms");
    let port = url.trim_end_matches('/').rsplit(':').next().unwrap();
    let address: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
    let get = |target: &str| {
        let mut client = Bytes::connect(address);
        client.get(target);
        client
    };
    let [(first, _)] = samples(&get("/short-polling").response().1)[..] else {
        panic!("the newest sample alone")
    };
    let after = format!("?after=node-{first}");
    let mut held = get(&format!("/long-polling{after}"));
    assert_eq!(samples(&held.response().1)[0].0, first + 1);
    let since = get(&format!("/short-polling{after}")).response().1;
    assert_eq!(samples(&since)[0].0, first + 1);

    let mut stream = get("/stream");
    assert_eq!(stream.head().code(), 200);
    let [line, next] = [(); 2].map(|()| sample(stream.chunk().trim_end()).0);
    assert_eq!(next, line + 1);
    // What came meanwhile is not sent to a client that says where it was.
    let mut events = Bytes::connect(address);
    events.send(format!(
        "GET /api/v1/live-data HTTP/1.1\r\nHost: localhost\r\n\
         Last-Event-ID: node-{first}\r\n\r\n"
    ));
    assert_eq!(events.head().code(), 200);
    let event = events.chunk();
    let (id, data) = event.split_once("\ndata: ").unwrap();
    let (newest, _) = sample(data.trim_end());
    assert_eq!(id, format!("id: node-{newest}"));
    assert!(newest > first + 1, "{newest} is not after {first}");

    let mut socket = Bytes::connect(address);
    socket.send(handshake("/chat", "Origin: http://evil.example\r\n"));
    assert_eq!(socket.head().code(), 101, "a page of any origin is let in");
    let [message, next] =
        [(); 2].map(|()| sample(&String::from_utf8(socket.frame().1).unwrap()).0);
    assert_eq!(next, message + 1);
}

#[test]
fn a_variable_that_nobody_declared_ends_the_server() {
    let (mut server, url) = serve("http-stream-as-often-shown.mjs 100");
    let mut client = curl(&[&url]);
    client.line();
    assert_eq!(client.end(), Some(18), "CURLE_PARTIAL_FILE");
    while !server.line().contains("ReferenceError: latestData is not defined") {}
    assert_eq!(server.end(), Some(1));
}

#[test]
fn the_timers_of_a_client_that_has_left_go_on() {
    let (server, url) = serve("http-stream-as-often-shown.mjs 100 declared");
    for timers in [2, 4] {
        let client = curl(&[&url]);
        client.line();
        drop(client);
        assert_eq!(server.line(), format!("a client has left; timers: {timers}"));
    }
}

#[test]
fn two_texts_that_were_changed_apart_become_one() {
    let client = Client::run("node", &["crdt.mjs"]);
    let [apart, merged] = [(); 2].map(|()| client.line());
    let both = "Hello, dear world!";
    assert_eq!(merged, json!({ "ada": both, "bob": both }).to_string());
    assert!(chapter("09-choosing").contains(&format!("{apart}\n{merged}\n")));
}
