//! What each proxy does to streams and WebSockets, as it comes and set right.

use std::{
    thread,
    time::{Duration, Instant},
};

use browser_tests::serve;
use stage::Technique;
use testkit::{Client, Server, meanwhile, wait_until};

use crate::{PROXIES, behind::Behind};

/// A sample that takes longer came late: HAProxy waits for twice as long, and a proxy that
/// passes on at once takes a few milliseconds.
pub(crate) const LATE: Duration = Duration::from_millis(100);

/// How long each of five samples takes from its publication to a client of the proxy, from
/// the shortest to the longest.
pub(crate) fn delays(server: &Server, mut until: impl FnMut(&str)) -> Vec<Duration> {
    let delay = |round: usize| {
        let data = format!(r#"round {round}""#);
        let start = Instant::now();
        server.feed.publish(data.trim_end_matches('"'));
        until(&data);
        start.elapsed()
    };
    let mut delays: Vec<_> = (0..5).map(delay).collect();
    delays.sort();
    delays
}

/// The two techniques whose answers go on, for longer than a test does.
pub(crate) const STREAMS: [Technique; 2] = [http_stream::TECHNIQUE, sse::TECHNIQUE];

pub(crate) fn serve_stream(technique: Technique) -> Server {
    if technique.name != http_stream::TECHNIQUE.name {
        return serve(technique, 1000);
    }
    let (lifetime, heartbeat) = (Duration::from_secs(60), Duration::from_secs(1));
    Server::start(technique, 1000, move |feed| {
        http_stream::routes(feed, http_stream::Timings { lifetime, heartbeat })
    })
}

/// The delays of both behind a proxy.
fn delays_of_streams(words: &[&str]) -> [Vec<Duration>; 2] {
    STREAMS.map(|technique| {
        let server = serve_stream(technique);
        let behind = Behind::before(&server, words);
        let mut client = behind.get(technique.endpoints[0]);
        client.until("first");
        let delays = delays(&server, |data| drop(client.until(data)));
        drop(behind);
        server.shut_down();
        delays
    })
}

fn assert_at_once(words: &[&str]) {
    for delays in delays_of_streams(words) {
        assert!(delays[delays.len() / 2] < LATE, "{words:?}: {delays:?}");
    }
}

/// What a page of the chat is answered through a proxy, whose WebSocket passes messages both
/// ways if it opens.
fn opening_a_websocket(words: &[&str]) -> u16 {
    let server = serve(websocket::TECHNIQUE, 1000);
    let behind = Behind::before(&server, words);
    let mut client = behind.open_websocket();
    let status = client.head().code();
    if status == 101 {
        is_answered(&mut client);
    }
    drop(behind);
    server.shut_down();
    status
}

/// What is said on an open WebSocket comes back.
pub(crate) fn is_answered(client: &mut Client) {
    client.send(testkit::masked(0x81, r#"{"say":"behind"}"#));
    let mut heard = String::new();
    while !heard.contains(r#""text":"behind""#) {
        heard = String::from_utf8_lossy(&client.frame().1).into_owned();
    }
}

#[test]
fn nginx_as_it_comes_passes_our_streams_on_and_no_websocket() {
    assert_at_once(&["nginx"]);
    assert_eq!(opening_a_websocket(&["nginx", "as-it-comes"]), 403);
}

#[test]
fn nginx_collects_the_streams_of_a_server_that_does_not_ask_it_not_to() {
    let words = ["nginx", "buffering"];
    for technique in STREAMS {
        let server = serve_stream(technique);
        let behind = Behind::before(&server, &words);
        let mut direct = server.get(technique.endpoints[0]);
        let mut client = behind.get(technique.endpoints[0]);
        let collected = meanwhile(move || client.until(r#"lump""#));
        direct.until("first");
        wait_until("both follow", || server.feed.followers() == 2);
        let direct = delays(&server, |data| drop(direct.until(data)));
        assert!(direct[direct.len() / 2] < LATE, "{direct:?}");
        assert!(collected.try_recv().is_err(), "{}: not yet", technique.name);
        // Its buffers are of 4 or 8 KiB: then all of it comes at once.
        server.feed.publish("lump");
        server.feed.publish(&"x".repeat(20_000));
        let lump = collected.recv_timeout(testkit::WAIT_TIMEOUT).unwrap();
        assert!(lump.contains(r#"round 0""#), "{lump}");
        drop(behind);
        server.shut_down();
    }
    assert_eq!(opening_a_websocket(&words), 403);
}

#[test]
fn haproxy_as_it_comes_holds_each_event_back_and_passes_websockets() {
    for delays in delays_of_streams(&["haproxy"]) {
        assert!(delays[0] > LATE, "{delays:?}");
    }
    assert_eq!(opening_a_websocket(&["haproxy"]), 101);
}

#[test]
fn caddy_as_it_comes_passes_all_on() {
    assert_at_once(&["caddy"]);
    assert_eq!(opening_a_websocket(&["caddy"]), 101);
}

#[test]
fn each_that_is_set_right_passes_all_on_at_once() {
    thread::scope(|scope| {
        for proxy in PROXIES {
            scope.spawn(move || {
                assert_at_once(&[proxy, "right"]);
                assert_eq!(opening_a_websocket(&[proxy, "right"]), 101, "{proxy}");
            });
        }
    });
}
