//! Long polling in bytes.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use long_poll::{TECHNIQUE, Timings, routes};
use testkit::{Process, Server, Signal, documented, meanwhile, samples, wait_until};

const PATH: &str = "/long-polling";

fn server(hold: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| routes(feed, Timings { hold }))
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_newest_is_there_at_once_and_the_head_is_the_documented_one() {
    let server = server(LONG);
    let (head, body) = server.get(PATH).response();
    assert_eq!(head.normal(), documented(TECHNIQUE, "HTTP/1.1 200 OK"));
    assert_eq!(samples(&body), [(1, "first".into())]);
    server.shut_down();
}

#[test]
fn a_request_is_held_until_there_is_news() {
    let server = server(LONG);
    let run = server.feed.since(None).cursor().unwrap().run;
    let mut client = server.get(&format!("{PATH}?after={run}-1"));
    wait_until("held", || server.feed.followers() == 1);
    server.feed.publish("second");
    let (head, body) = client.response();
    assert_eq!((head.code(), samples(&body)), (200, vec![(2, "second".into())]));
    assert_eq!(server.feed.followers(), 0);

    // What is published between two requests is in the answer to the second one.
    server.feed.publish("third");
    server.feed.publish("fourth");
    client.get(&format!("{PATH}?after={run}-2"));
    let (_, body) = client.response();
    assert_eq!(samples(&body), [(3, "third".into()), (4, "fourth".into())]);
    server.shut_down();
}

#[test]
fn all_waiting_clients_are_given_the_same() {
    let server = server(LONG);
    let run = server.feed.since(None).cursor().unwrap().run;
    let target = format!("{PATH}?after={run}-1");
    let mut clients: Vec<_> = (0..50).map(|_| server.get(&target)).collect();
    wait_until("all held", || server.feed.followers() == 50);
    server.feed.publish("second");
    for client in &mut clients {
        assert_eq!(samples(&client.response().1), [(2, "second".into())]);
    }
    server.shut_down();
}

#[test]
fn without_news_the_answer_is_204_after_the_hold() {
    let hold = Duration::from_millis(200);
    let server = server(hold);
    let run = server.feed.since(None).cursor().unwrap().run;
    let asked = std::time::Instant::now();
    let mut client = server.get(&format!("{PATH}?after={run}-1"));
    let (head, body) = client.response();
    assert_eq!((head.code(), &*body), (204, ""));
    assert_eq!(
        (head.field("content-length"), head.field("transfer-encoding")),
        (None, None)
    );
    assert!(asked.elapsed() >= hold);
    assert_eq!(server.feed.followers(), 0);
    server.shut_down();
}

#[test]
fn a_waiter_whose_client_left_is_gone_at_once() {
    let server = server(LONG);
    let run = server.feed.since(None).cursor().unwrap().run;
    let target = format!("{PATH}?after={run}-1");
    let left = server.get(&target);
    let mut half_closed = server.get(&target);
    wait_until("held", || server.feed.followers() == 2);
    drop(left);
    wait_until("the one that left is gone", || server.feed.followers() == 1);
    half_closed.half_close();
    wait_until("the one that half closed is gone", || server.feed.followers() == 0);
    server.shut_down();
}

#[test]
fn gaps_restarts_and_bad_requests_are_told() {
    let server = server(LONG);
    (2..=20).for_each(|number| server.feed.publish(&number.to_string()));
    let run = server.feed.since(None).cursor().unwrap().run;
    let (head, body) = server.get(&format!("{PATH}?after={run}-4")).response();
    let gap = format!(r#"{{"missed":6,"restarted":false,"id":"{run}-10"}}"#);
    assert_eq!(head.field("feed-gap"), Some(&*gap));
    assert_eq!(samples(&body)[0].0, 11);

    let other = if run.to_string() == "zzzz" { "yyyy" } else { "zzzz" };
    let (head, _) = server.get(&format!("{PATH}?after={other}-4")).response();
    let gap = format!(r#"{{"missed":10,"restarted":true,"id":"{run}-10"}}"#);
    assert_eq!(head.field("feed-gap"), Some(&*gap));

    let (head, body) = server.get(&format!("{PATH}?after=x")).response();
    assert_eq!(head.code(), 400);
    assert!(body.contains("expected RUN-SEQ"), "{body}");
    let mut client = server.connect();
    client.send(format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    ));
    let head = client.response().0;
    assert_eq!((head.code(), head.field("allow")), (405, Some("GET")));
    server.shut_down();
}

#[test]
fn at_shutdown_waiting_clients_are_told() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let demo = Process::run(env!("CARGO_BIN_EXE_long-poll"), &["--every", "1h"]);
        let (_, body) = demo.get(PATH).response();
        let newest = &body[8..14];
        let clients = [(); 20].map(|()| demo.get(&format!("{PATH}?after={newest}")));
        // The server takes connections in their order: the last one's answer says
        // that the others are held.
        assert_eq!(demo.get(PATH).response().0.code(), 200);
        let answers = clients.map(|mut client| meanwhile(move || client.response()));
        let (status, took) = demo.signal(signal);
        assert!(status.success(), "{status}");
        assert!(took.as_secs() < 2, "{took:?}");
        for answer in answers {
            let (head, body) = answer.recv().unwrap();
            assert_eq!((head.code(), head.field("retry-after")), (503, Some("2")));
            assert_eq!(body, "the server is shutting down");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_clients_and_nothing_lost_or_doubled() {
    let ask = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    testkit::crowd(env!("CARGO_BIN_EXE_long-poll"), &ask, |demo, report| {
        let mut client = demo.connect();
        let mut target = PATH.to_owned();
        loop {
            client.get(&target);
            let (head, body) = client.response();
            assert_eq!(head.field("feed-gap"), None);
            assert_eq!(head.code(), 200);
            for (seq, _) in samples(&body) {
                target = format!("{PATH}?after={}-{seq}", &body[8..12]);
                if !report(seq) {
                    return;
                }
            }
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_vanished_is_gone_within_ten_seconds() {
    let target = format!("{PATH}?after=NEWEST");
    testkit::vanish(env!("CARGO_BIN_EXE_long-poll"), &target, &[]);
}
