//! Short polling in bytes.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use short_poll::{TECHNIQUE, Timings, routes};
use testkit::{Client, Process, Server, Signal, documented, samples};

const PATH: &str = "/short-polling";

fn server(keep: usize) -> Server {
    Server::start(TECHNIQUE, keep, |feed| routes(feed, Timings {}))
}

/// Polls, and returns the body of a 200 and its `Feed-Gap`; nothing, for a 204.
fn poll(client: &mut Client, target: &str) -> Option<(String, Option<String>)> {
    client.get(target);
    let (head, body) = client.response();
    if head.code() == 204 {
        assert_eq!((head.field("content-length"), &*body), (None, ""));
        return None;
    }
    assert_eq!(head.code(), 200, "{head:?} {body}");
    Some((body, head.field("feed-gap").map(str::to_owned)))
}

#[test]
fn the_heads_are_the_documented_ones() {
    let server = server(10);
    let mut client = server.get(PATH);
    let head = client.response().0;
    assert_eq!(head.normal(), documented(TECHNIQUE, "HTTP/1.1 200 OK"));
    let newest = server.feed.since(None).cursor().unwrap();
    client.get(&format!("{PATH}?after={newest}"));
    let head = client.response().0;
    assert_eq!(head.normal(), documented(TECHNIQUE, "HTTP/1.1 204 No Content"));
    server.shut_down();
}

#[test]
fn each_poll_gets_what_came_after_its_cursor() {
    let server = server(10);
    let mut client = server.connect();
    let (first, gap) = poll(&mut client, PATH).unwrap();
    assert_eq!((samples(&first), gap), (vec![(1, "first".into())], None));

    let run = server.feed.since(None).cursor().unwrap().run;
    assert_eq!(poll(&mut client, &format!("{PATH}?after={run}-1")), None);

    server.feed.publish("second");
    server.feed.publish("\"third\"\n");
    let (news, gap) = poll(&mut client, &format!("{PATH}?after={run}-1")).unwrap();
    let expected = vec![(2, "second".into()), (3, "\\\"third\\\"\\n".into())];
    assert_eq!((samples(&news), gap), (expected, None));
    assert_eq!(poll(&mut client, &format!("{PATH}?after={run}-3")), None);

    // Without a cursor: the newest.
    let (newest, _) = poll(&mut client, PATH).unwrap();
    assert_eq!(samples(&newest)[0].0, 3);
    server.shut_down();
}

#[test]
fn a_client_that_fell_behind_is_told_what_was_missed() {
    let server = server(3);
    (2..=10).for_each(|number| server.feed.publish(&number.to_string()));
    let run = server.feed.since(None).cursor().unwrap().run;
    let mut client = server.connect();
    let (body, gap) = poll(&mut client, &format!("{PATH}?after={run}-2")).unwrap();
    assert_eq!(samples(&body).iter().map(|s| s.0).collect::<Vec<_>>(), [8, 9, 10]);
    let expected = format!(r#"{{"missed":5,"restarted":false,"id":"{run}-7"}}"#);
    assert_eq!(gap, Some(expected));
    // Going on from the announcement: it is not told again.
    let (_, gap) = poll(&mut client, &format!("{PATH}?after={run}-7")).unwrap();
    assert_eq!(gap, None);
    server.shut_down();
}

#[test]
fn a_cursor_of_another_run_is_told_of_the_restart() {
    let server = server(3);
    let run = server.feed.since(None).cursor().unwrap().run;
    let other = if run.to_string() == "zzzz" { "yyyy" } else { "zzzz" };
    let mut client = server.connect();
    let (body, gap) = poll(&mut client, &format!("{PATH}?after={other}-5")).unwrap();
    assert_eq!(samples(&body), [(1, "first".into())]);
    let expected = format!(r#"{{"missed":0,"restarted":true,"id":"{run}-0"}}"#);
    assert_eq!(gap, Some(expected));
    server.shut_down();
}

#[test]
fn bad_requests_are_told_what_was_expected() {
    let server = server(10);
    let mut client = server.connect();
    for cursor in
        ["", "x", "k3f9", "k3f9-", "17", "k3f9-x", "%00", "%ff", "k3f9-1%0a"]
    {
        client.get(&format!("{PATH}?after={cursor}"));
        let (head, body) = client.response();
        assert_eq!(head.code(), 400, "{cursor}");
        assert!(body.starts_with("malformed cursor"), "{cursor}: {body}");
        assert!(body.contains("expected RUN-SEQ"), "{cursor}: {body}");
        assert_eq!(head.field("cache-control"), Some("no-store"));
        assert_eq!(head.field("x-content-type-options"), Some("nosniff"));
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let request = format!("{method} {PATH} HTTP/1.1\r\nHost: localhost\r\n");
        client.send(format!("{request}Content-Length: 0\r\n\r\n"));
        let (head, _) = client.response();
        assert_eq!(
            (head.code(), head.field("allow")),
            (405, Some("GET")),
            "{method}"
        );
    }
    server.shut_down();
}

#[test]
fn requests_come_in_any_pieces() {
    let server = server(10);
    let mut client = server.connect();
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for byte in request.as_bytes() {
        client.send([*byte]);
    }
    assert_eq!(client.response().0.code(), 200);
    client.send(request.repeat(5));
    for _ in 0..5 {
        assert_eq!(client.response().0.code(), 200);
    }
    server.shut_down();
}

#[test]
fn it_ends_within_two_seconds_while_a_client_is_connected() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let demo = Process::run(env!("CARGO_BIN_EXE_short-poll"), &[]);
        let mut client = demo.get(PATH);
        assert_eq!(client.response().0.code(), 200);
        let (status, took) = demo.signal(signal);
        assert!(status.success(), "{status}");
        assert!(took.as_secs() < 2, "{took:?}");
        assert_eq!(client.end(), "");
    }
}

#[test]
fn what_is_wrong_with_the_flags_is_said_in_a_line() {
    let binary = env!("CARGO_BIN_EXE_short-poll");
    let taken = Process::run(binary, &[]);
    let port = taken.address.port().to_string();
    for (flags, expected, code) in [
        (&["--port", &port][..], "is in use: end the program", 1),
        (&["--port", "0", "--static-dir", "/nowhere"], "--static-dir FOLDER", 1),
        (&["--port", "0", "--host", "192.0.2.77"], "this machine has no address", 1),
        (&["--port", "banana"], "invalid value 'banana' for '--port <PORT>'", 2),
        (&["--every", "2"], "such as 100ms, 2s or 1h", 2),
        (&["--keep", "0"], "'--keep <SAMPLES>'", 2),
        (&["--seed", "x"], "'--seed <NUMBER>'", 2),
        (&["--prot", "1"], "'--port'", 2),
        (&["--lan", "--host", "::1"], "cannot be used with", 2),
    ] {
        let (exit, complaint) = Process::fail(binary, flags);
        assert_eq!(exit, Some(code), "{flags:?}: {complaint}");
        assert!(complaint.contains(expected), "{flags:?}: {complaint}");
        assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
    }
}

#[test]
fn a_seed_repeats_the_data_but_not_the_run() {
    let first = || {
        let demo = Process::run(env!("CARGO_BIN_EXE_short-poll"), &["--seed", "7"]);
        let (_, body) = demo.get(&format!("{PATH}?after=0000-0")).response();
        let run = body[8..12].to_owned();
        (samples(&body)[0].1.clone(), run)
    };
    let ((data, run), (again, other)) = (first(), first());
    assert_eq!(data, again);
    assert_ne!(run, other);
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_clients_and_nothing_lost_or_doubled() {
    let ask = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    testkit::crowd(env!("CARGO_BIN_EXE_short-poll"), &ask, |demo, report| {
        let mut client = demo.connect();
        let mut target = PATH.to_owned();
        loop {
            client.get(&target);
            let (head, body) = client.response();
            assert_eq!(head.field("feed-gap"), None);
            if head.code() == 204 {
                std::thread::park_timeout(std::time::Duration::from_millis(100));
                continue;
            }
            for (seq, _) in samples(&body) {
                target = format!("{PATH}?after={}-{seq}", &body[8..12]);
                if !report(seq) {
                    return;
                }
            }
        }
    });
}
