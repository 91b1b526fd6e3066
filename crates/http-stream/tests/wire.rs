//! HTTP streaming in bytes.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use http_stream::{TECHNIQUE, Timings, routes};
use testkit::{
    Client, Process, Server, Signal, documented, meanwhile, sample, wait_until,
};

const PATH: &str = "/stream";
const LONG: Duration = Duration::from_secs(60);

fn server(lifetime: Duration, heartbeat: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| {
        routes(feed, Timings { lifetime, heartbeat })
    })
}

/// The samples of a chunk, a line each.
fn lines(chunk: &str) -> Vec<(u64, String)> {
    assert!(chunk.is_empty() || chunk.ends_with('\n'), "{chunk:?}");
    chunk.lines().map(sample).collect()
}

fn open(server: &Server, target: &str) -> Client {
    let mut client = server.get(target);
    assert_eq!(client.head().code(), 200);
    client
}

#[test]
fn each_sample_is_a_line_in_a_chunk() {
    let server = server(LONG, LONG);
    let mut client = server.get(PATH);
    assert_eq!(client.head().normal(), documented(TECHNIQUE, "HTTP/1.1 200 OK"));
    assert_eq!(lines(&client.chunk()), [(1, "first".into())]);
    server.feed.publish("second\r\n\"");
    assert_eq!(lines(&client.chunk()), [(2, r#"second\r\n\""#.into())]);
    server.shut_down();
}

#[test]
fn cut_and_resumed_nothing_is_lost_or_doubled() {
    let server = server(LONG, LONG);
    let run = server.feed.since(None).cursor().unwrap().run;
    let mut seen = vec![];
    for round in 0..50 {
        let last = seen.last().map_or(0, |(seq, _)| *seq);
        let mut client = open(&server, &format!("{PATH}?after={run}-{last}"));
        if round % 2 == 1 {
            server.feed.publish(&format!("round {round}"));
        }
        if server.feed.since(None).cursor().unwrap().seq > last {
            seen.extend(lines(&client.chunk()));
        }
        drop(client); // Cut.
        server.feed.publish(&format!("after {round}"));
    }
    let last = seen.last().map_or(0, |(seq, _)| *seq);
    seen.extend(lines(
        &open(&server, &format!("{PATH}?after={run}-{last}")).chunk(),
    ));
    let numbers: Vec<_> = seen.iter().map(|(seq, _)| *seq).collect();
    let newest = server.feed.since(None).cursor().unwrap().seq;
    assert_eq!(numbers, (1..=newest).collect::<Vec<_>>());
    server.shut_down();
}

#[test]
fn gaps_and_restarts_are_told_in_a_line_before() {
    let server = server(LONG, LONG);
    (2..=20).for_each(|number| server.feed.publish(&number.to_string()));
    let run = server.feed.since(None).cursor().unwrap().run;
    let chunk = open(&server, &format!("{PATH}?after={run}-4")).chunk();
    let (gap, news) = chunk.split_once('\n').unwrap();
    let expected =
        format!(r#"{{"gap":{{"missed":6,"restarted":false,"id":"{run}-10"}}}}"#);
    assert_eq!(gap, expected);
    assert_eq!(lines(news).len(), 10);

    let other = if run.to_string() == "zzzz" { "yyyy" } else { "zzzz" };
    let chunk = open(&server, &format!("{PATH}?after={other}-4")).chunk();
    let expected =
        format!(r#"{{"gap":{{"missed":10,"restarted":true,"id":"{run}-10"}}}}"#);
    assert_eq!(chunk.lines().next(), Some(&*expected));

    let (head, body) = server.get(&format!("{PATH}?after=x")).response();
    assert_eq!(head.code(), 400);
    assert!(body.contains("expected RUN-SEQ"), "{body}");
    server.shut_down();
}

#[test]
fn it_beats_while_there_is_no_news() {
    let server = server(LONG, Duration::from_millis(200));
    let mut client = open(&server, PATH);
    assert_eq!(lines(&client.chunk()).len(), 1);
    assert_eq!([client.chunk(), client.chunk()], ["\n", "\n"]);
    server.shut_down();
}

#[test]
fn it_ends_properly_after_its_lifetime() {
    let start = Instant::now();
    let server = server(Duration::from_millis(500), LONG);
    let mut client = open(&server, PATH);
    assert_eq!(lines(&client.chunk()).len(), 1);
    assert_eq!(client.chunk(), "", "the last");
    assert!(start.elapsed() >= Duration::from_millis(500));
    assert_eq!(server.feed.followers(), 0);
    // It was the response that ended: the connection is there for the next one.
    client.get(PATH);
    assert_eq!(client.head().code(), 200);
    server.shut_down();
}

#[test]
fn http_1_0_knows_no_chunks() {
    let server = server(Duration::from_millis(100), LONG);
    let mut client = server.connect();
    client.send(format!("GET {PATH} HTTP/1.0\r\n\r\n"));
    assert_eq!(client.head().field("transfer-encoding"), None);
    assert_eq!(lines(&client.end()), [(1, "first".into())]);
    server.shut_down();
}

#[test]
fn a_stream_whose_client_left_is_gone_at_once() {
    let server = server(LONG, LONG);
    let client = open(&server, PATH);
    wait_until("it streams", || server.feed.followers() == 1);
    drop(client);
    wait_until("it is gone", || server.feed.followers() == 0);
    server.shut_down();
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_never_reads_is_gone_within_ten_seconds_and_disturbs_nobody() {
    let server = server(LONG, LONG);
    let stuck = server.get(PATH);
    let mut reader = open(&server, PATH);
    assert_eq!(lines(&reader.chunk()), [(1, "first".into())]);
    testkit::outlive_a_stuck_reader(&server, || {
        lines(&reader.chunk()).iter().map(|s| s.0).collect()
    });
    drop(stuck);
    server.shut_down();
}

#[test]
fn at_shutdown_the_clients_are_told() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let demo =
            Process::run(env!("CARGO_BIN_EXE_http-stream"), &["--every", "1h"]);
        let clients = [(); 20].map(|()| {
            let mut client = demo.get(PATH);
            assert_eq!(client.head().code(), 200);
            assert_eq!(lines(&client.chunk()).len(), 1);
            client
        });
        let answers = clients.map(|mut client| meanwhile(move || client.end()));
        let (status, took) = demo.signal(signal);
        assert!(status.success(), "{status}");
        assert!(took.as_secs() < 2, "{took:?}");
        for answer in answers {
            let bye = "13\r\n{\"bye\":\"shutdown\"}\n\r\n0\r\n\r\n";
            assert_eq!(answer.recv().unwrap(), bye);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_clients_and_nothing_lost_or_doubled() {
    let ask = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    testkit::crowd(env!("CARGO_BIN_EXE_http-stream"), &ask, |demo, report| {
        let mut target = PATH.to_owned();
        loop {
            let mut client = demo.get(&target);
            client.head();
            // Heartbeats are empty lines; the last chunk has no line at all.
            loop {
                let chunk = client.chunk();
                if chunk.is_empty() {
                    break;
                }
                for (seq, _) in lines(chunk.trim_start()) {
                    target = format!("{PATH}?after={}-{seq}", &chunk[7..11]);
                    if !report(seq) {
                        return;
                    }
                }
            }
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_vanished_is_gone_within_ten_seconds() {
    testkit::vanish(env!("CARGO_BIN_EXE_http-stream"), PATH, &[]);
}
