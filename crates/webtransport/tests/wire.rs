//! WebTransport in bytes, by the client of the library that the server is made with.
//! Chromium and aioquic, which nobody here wrote, are in `crates/browser-tests`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "wire/client.rs"]
mod client;
#[path = "wire/hostile.rs"]
mod hostile;
#[path = "wire/many.rs"]
mod many;

use std::time::Duration;

use client::{LANES, Session, WAIT_TIMEOUT, followers, serve};
use testkit::{Process, Signal, meanwhile, sample, wait_until};
use tokio::time::timeout;
use wtransport::error::ConnectingError;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_lane_carries_each_sample_in_its_own_way() {
    let server = serve(10, DAY);
    let mut datagrams = Session::open(&server, "/datagrams").await;
    let mut stream = Session::open(&server, "/stream").await;
    let mut streams = Session::open(&server, "/streams").await;
    // What came before the client is on a stream, in all three.
    let mut first = datagrams.stream().await;
    assert_eq!(sample(&first.line().await), (1, "first".into()));
    assert!(first.ends().await, "the first batch has a stream of its own");
    let mut one = stream.stream().await;
    assert_eq!(sample(&one.line().await), (1, "first".into()));
    assert_eq!(sample(&streams.stream().await.line().await), (1, "first".into()));

    for number in 2..6 {
        server.feed.publish(&number.to_string());
        let expected = (number, number.to_string());
        assert_eq!(sample(&datagrams.datagram().await), expected);
        assert_eq!(sample(&one.line().await), expected);
        let mut own = streams.stream().await;
        assert_eq!(sample(&own.line().await), expected);
        assert!(own.ends().await, "a stream each");
    }
    server.shut_down();
}

/// Chapter 13 shows two streams, with a run of its own and without the end of each line.
#[tokio::test]
async fn the_notes_show_what_comes() {
    let notes = include_str!("../../../workshop-notes/13-http3.md");
    let shown =
        notes.split_once("```text\n").unwrap().1.split_once("```").unwrap().0;
    let (request, streams) = shown.split_once('\n').unwrap();
    let target = request.strip_prefix("CONNECT https://localhost:3008").unwrap();
    let server = serve(100, DAY);
    (2..=18).for_each(|number| server.feed.publish(&number.to_string()));
    let run = server.feed.since(None).cursor().unwrap().run.to_string();
    let mut session = Session::open(&server, &target.replace("k3f9", &run)).await;
    let mut lines = session.lines(2).await;
    lines.sort();
    let mut came = lines.iter().zip(1..);
    for shown in streams.lines() {
        let (line, number) = came.next().unwrap();
        let shown = shown.strip_prefix(&format!("◄ stream {number}  ")).unwrap();
        let (start, _) = shown.split_once('…').unwrap();
        assert!(line.starts_with(&start.replace("k3f9", &run)), "{line}: {shown}");
    }
    assert!(came.next().is_none(), "{shown}");
    server.shut_down();
}

#[tokio::test]
async fn a_sample_that_no_datagram_holds_comes_on_a_stream() {
    let server = serve(10, DAY);
    let mut session = Session::open(&server, "/datagrams").await;
    assert_eq!(sample(&session.stream().await.line().await).0, 1);
    let data = "x".repeat(10_000);
    server.feed.publish(&data);
    assert_eq!(sample(&session.stream().await.line().await), (2, data));
    server.shut_down();
}

#[tokio::test]
async fn gaps_and_restarts_are_told_on_a_stream_before() {
    let server = serve(10, DAY);
    (2..=20).for_each(|number| server.feed.publish(&number.to_string()));
    let run = server.feed.since(None).cursor().unwrap().run;
    let other = if run.to_string() == "zzzz" { "yyyy" } else { "zzzz" };
    for lane in LANES {
        for (cursor, missed, restarted) in
            [(format!("{run}-4"), 6, false), (format!("{other}-4"), 10, true)]
        {
            let target = format!("{lane}?after={cursor}");
            let mut session = Session::open(&server, &target).await;
            let mut lines = session.lines(11).await;
            lines.sort(); // On streams of their own they may overtake each other.
            let expected = format!(
                r#"{{"gap":{{"missed":{missed},"restarted":{restarted},"id":"{run}-10"}}}}"#
            );
            assert_eq!(lines[0], expected, "{lane}");
            let mut numbers: Vec<_> =
                lines[1..].iter().map(|l| sample(l).0).collect();
            numbers.sort();
            assert_eq!(numbers, (11..=20).collect::<Vec<_>>(), "{lane}");
        }
    }
    server.shut_down();
}

#[tokio::test]
async fn a_malformed_cursor_is_refused_with_a_reason() {
    let server = serve(10, DAY);
    for lane in LANES {
        for cursor in ["x", ""] {
            let target = format!("{lane}?after={cursor}");
            let mut session = Session::open(&server, &target).await;
            let line = session.stream().await.line().await;
            assert!(line.starts_with(r#"{"refused":""#), "{line}");
            assert!(line.contains("expected RUN-SEQ"), "{line}");
            session.closed().await;
        }
    }
    followers(&server, 0).await;
    server.shut_down();
}

#[tokio::test]
async fn other_paths_and_pages_of_other_sites_get_no_session() {
    let server = serve(10, DAY);
    for (target, origin) in [
        ("/", None),
        ("/datagram", None),
        ("/stream/", None),
        ("/stream", Some("https://evil.example")),
        ("/stream", Some("null")),
    ] {
        let opened = Session::try_open(&server, target, origin).await;
        let refused = matches!(opened, Err(ConnectingError::SessionRejected));
        assert!(refused, "{target} {origin:?}");
    }
    for origin in ["http://localhost:3008", "http://127.0.0.1:3008"] {
        assert!(Session::try_open(&server, "/stream", Some(origin)).await.is_ok());
    }
    server.shut_down();
}

#[tokio::test]
async fn what_a_client_sends_is_acknowledged_where_it_was_said() {
    let server = serve(10, DAY);
    for lane in LANES {
        let mut session = Session::open(&server, lane).await;
        assert_eq!(sample(&session.stream().await.line().await).0, 1);
        session.say(br#"{"message":7}"#);
        assert_eq!(session.datagram().await, r#"{"received":7}"#);
        session.say(b"\xff\x00");
        let error = session.datagram().await;
        assert!(error.contains(r#"expected {\"message\":1}"#), "{error}");

        let mut answers =
            session.ask("{\"message\":8}\n{\"message\":9}\nnonsense\n").await;
        assert_eq!(answers.line().await, r#"{"received":8}"#);
        assert_eq!(answers.line().await, r#"{"received":9}"#);
        let error = answers.line().await;
        assert!(error.contains(r#"expected {\"message\":1}"#), "{error}");
        assert!(answers.ends().await, "{lane}");
    }
    server.shut_down();
}

#[tokio::test]
async fn cut_and_resumed_nothing_is_lost_or_doubled() {
    let server = serve(1000, DAY);
    let run = server.feed.since(None).cursor().unwrap().run;
    for lane in LANES {
        let mut seen = Vec::new();
        let start = server.feed.since(None).cursor().unwrap().seq;
        let mut last = start;
        for round in 0..10 {
            server.feed.publish(&format!("{lane} {round}"));
            let target = format!("{lane}?after={run}-{last}");
            let mut session = Session::open(&server, &target).await;
            let missing = server.feed.since(None).cursor().unwrap().seq - last;
            let lines = session.lines(missing as usize).await;
            seen.extend(lines.iter().map(|line| sample(line).0));
            last = *seen.iter().max().unwrap();
            drop(session); // Cut.
            server.feed.publish(&format!("{lane} after {round}"));
        }
        seen.sort();
        assert_eq!(seen, (start + 1..=last).collect::<Vec<_>>(), "{lane}");
    }
    followers(&server, 0).await;
    server.shut_down();
}

#[tokio::test]
async fn the_certificate_is_renewed_and_sessions_go_on() {
    let server = serve(10, Duration::from_millis(300));
    let hash = client::certificate(server.address).1;
    let mut session = Session::open(&server, "/stream").await;
    let mut stream = session.stream().await;
    assert_eq!(sample(&stream.line().await).0, 1);
    wait_until("it is renewed", || client::certificate(server.address).1 != hash);
    server.feed.publish("second");
    assert_eq!(sample(&stream.line().await).0, 2);
    // The certificate may change between the two steps of opening a session.
    let opened = async {
        while Session::try_open(&server, "/stream", None).await.is_err() {}
    };
    timeout(WAIT_TIMEOUT, opened).await.unwrap();
    server.shut_down();
}

#[tokio::test]
async fn at_shutdown_the_clients_are_told() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let demo =
            Process::run(env!("CARGO_BIN_EXE_webtransport"), &["--every", "1h"]);
        let mut sessions = Vec::new();
        for lane in LANES.iter().cycle().take(9) {
            let mut session = Session::open_at(demo.address, lane).await;
            let mut first = session.stream().await;
            assert_eq!(sample(&first.line().await).0, 1);
            sessions.push((lane, session, first));
        }
        let stuck = Session::open_at(demo.address, "/stream").await;
        let ended = meanwhile(move || demo.signal(signal));
        for (lane, mut session, mut first) in sessions {
            let line = match *lane {
                "/stream" => first.line().await,
                _ => session.stream().await.line().await,
            };
            assert_eq!(line, r#"{"bye":"shutdown"}"#, "{lane}");
        }
        let (status, took) = ended.recv().unwrap();
        assert!(status.success(), "{status}");
        assert!(took.as_secs() < 2, "{took:?}");
        drop(stuck);
    }
}

#[test]
fn a_udp_port_in_use_is_told_in_one_line() {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, complaint) =
        Process::fail(env!("CARGO_BIN_EXE_webtransport"), &["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(complaint.contains(&format!("port {port} is in use")), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}
