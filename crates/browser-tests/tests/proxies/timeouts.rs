//! Proxies that wait for a second instead of a minute: what is silent for longer is ended, and
//! heartbeats keep it.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use stage::Technique;
use testkit::{Client, Server, masked};

use crate::{
    behind::{Behind, OtherTemplate},
    streams::{STREAMS, is_answered},
};

/// How long each proxy waits for a server.
const TIMEOUT: Duration = Duration::from_secs(1);

const HEARTBEAT: Duration = Duration::from_millis(250);

/// So many take longer than twice the time-out.
const HEARTBEATS: usize = 10;

/// No test takes so long.
const NEVER: Duration = Duration::from_secs(3600);

fn serve(technique: Technique, heartbeat: Duration) -> Server {
    match technique.name {
        "long-poll" => Server::start(technique, 10, move |feed| {
            long_poll::routes(feed, long_poll::Timings { hold: heartbeat })
        }),
        "http-stream" => Server::start(technique, 10, move |feed| {
            let timings = http_stream::Timings { lifetime: NEVER, heartbeat };
            http_stream::routes(feed, timings)
        }),
        "sse" => Server::start(technique, 10, move |feed| {
            sse::routes(feed, sse::Timings { heartbeat, weather: NEVER })
        }),
        _ => Server::start(technique, 10, move |feed| {
            websocket::routes(feed, websocket::Timings { heartbeat })
        }),
    }
}

/// A client of a technique whose answers go on, which has its first sample.
fn follow(behind: &Behind, technique: Technique) -> Client {
    if technique.name != websocket::TECHNIQUE.name {
        let mut client = behind.get(technique.endpoints[0]);
        client.until("first");
        return client;
    }
    let mut client = behind.open_websocket();
    assert_eq!(client.head().code(), 101);
    while !String::from_utf8_lossy(&client.frame().1).contains("first") {}
    client
}

fn is_cut(client: &mut Client) {
    let start = Instant::now();
    client.end();
    // The proxy's second began a little before.
    assert!(start.elapsed() > TIMEOUT / 2, "{:?}", start.elapsed());
}

fn is_cut_when_silent(script: &OtherTemplate, words: &[&str], technique: Technique) {
    let server = serve(technique, NEVER);
    let behind = script.before(&server, words);
    is_cut(&mut follow(&behind, technique));
    drop(behind);
    server.shut_down();
}

fn is_kept_by_heartbeats(
    script: &OtherTemplate,
    words: &[&str],
    technique: Technique,
) {
    let server = serve(technique, HEARTBEAT);
    let behind = script.before(&server, words);
    let mut client = follow(&behind, technique);
    for _ in 0..HEARTBEATS {
        match technique.name {
            "http-stream" => drop(client.until("\r\n1\r\n\n")),
            "sse" => drop(client.until("\n: heartbeat\n")),
            _ => while !is_ping(&mut client) {},
        }
    }
    server.feed.publish("behind them");
    match technique.name {
        "websocket" => is_answered(&mut client),
        _ => drop(client.until("behind them")),
    }
    drop(behind);
    server.shut_down();
}

/// Takes a frame. Whether it was a ping, which is answered then.
fn is_ping(client: &mut Client) -> bool {
    let (first, payload) = client.frame();
    if first == 0x89 {
        client.send(masked(0x8a, payload));
    }
    first == 0x89
}

/// What a request for the next sample is answered when there is none.
fn empty_poll(script: &OtherTemplate, words: &[&str], hold: Duration) -> u16 {
    let server = serve(long_poll::TECHNIQUE, hold);
    let behind = script.before(&server, words);
    let target = long_poll::TECHNIQUE.endpoints[0];
    let (_, body) = behind.get(target).response();
    let samples: Value = serde_json::from_str(&body).unwrap();
    let id = samples[0]["id"].as_str().unwrap();
    let start = Instant::now();
    let code = behind.get(&format!("{target}?after={id}")).head().code();
    assert!(start.elapsed() >= TIMEOUT.min(hold));
    drop(behind);
    server.shut_down();
    code
}

#[test]
fn nginx_cuts_what_is_silent_and_heartbeats_keep_it() {
    let patience = "proxy_read_timeout 75s";
    let script = &OtherTemplate::new("nginx", patience, "proxy_read_timeout 1s");
    let words = &["nginx", "right"];
    thread::scope(|scope| {
        for technique in [STREAMS[0], STREAMS[1], websocket::TECHNIQUE] {
            scope.spawn(move || is_cut_when_silent(script, words, technique));
            scope.spawn(move || is_kept_by_heartbeats(script, words, technique));
        }
        scope.spawn(|| assert_eq!(empty_poll(script, words, NEVER), 504));
        scope.spawn(|| assert_eq!(empty_poll(script, words, HEARTBEAT), 204));
    });
}

#[test]
fn haproxy_cuts_silent_streams_and_has_another_timeout_for_tunnels() {
    let patience = "timeout server 50s";
    let script = &OtherTemplate::new("haproxy", patience, "timeout server 1s");
    let words = &["haproxy", "right"];
    thread::scope(|scope| {
        for technique in STREAMS {
            scope.spawn(move || is_cut_when_silent(script, words, technique));
            scope.spawn(move || is_kept_by_heartbeats(script, words, technique));
        }
        scope.spawn(|| assert_eq!(empty_poll(script, words, NEVER), 504));
        // As it comes, a tunnel has no other one.
        scope.spawn(|| {
            is_cut_when_silent(script, &["haproxy"], websocket::TECHNIQUE);
        });
        scope.spawn(|| {
            let server = serve(websocket::TECHNIQUE, NEVER);
            let behind = script.before(&server, words);
            let mut client = follow(&behind, websocket::TECHNIQUE);
            // Meanwhile it is silent.
            for _ in 0..2 {
                is_cut_when_silent(script, words, sse::TECHNIQUE);
            }
            is_answered(&mut client);
            drop(behind);
            server.shut_down();
        });
    });
}
