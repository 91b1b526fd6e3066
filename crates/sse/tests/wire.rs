//! Server-Sent Events in bytes.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use sse::{TECHNIQUE, Timings, routes};
use testkit::{
    Client, Process, Server, Signal, documented, meanwhile, sample, wait_until,
};

const PATH: &str = "/api/v1/live-data";
const LONG: Duration = Duration::from_secs(60);

fn server(heartbeat: Duration, weather: Duration) -> Server {
    Server::start(TECHNIQUE, 10, move |feed| {
        routes(feed, Timings { heartbeat, weather })
    })
}

/// Asks for the stream, and takes its head and `retry`.
fn open(server: &Server, request_fields: &str) -> Client {
    let mut client = server.connect();
    client.send(format!(
        "GET {PATH} HTTP/1.1\r\nHost: localhost\r\n{request_fields}\r\n"
    ));
    let head = client.head();
    assert_eq!(head.normal(), documented(TECHNIQUE, "HTTP/1.1 200 OK"));
    retry(&mut client);
    client
}

fn retry(client: &mut Client) {
    let retry = client.chunk();
    let millis =
        retry.strip_prefix("retry: ").unwrap().strip_suffix("\n\n").unwrap();
    assert!((2000..3000).contains(&millis.parse::<u32>().unwrap()), "{retry}");
}

/// The samples of `id: …⏎data: …⏎⏎`, one after the other.
fn events(text: &str) -> Vec<(u64, String)> {
    let events = text.strip_suffix("\n\n").unwrap().split("\n\n");
    let each = events.map(|event| {
        let (id, data) = event.split_once('\n').unwrap();
        let json = data.strip_prefix("data: ").unwrap();
        let id = id.strip_prefix("id: ").unwrap();
        assert!(json.starts_with(&format!("{{\"id\":\"{id}\",")), "{event}");
        sample(json)
    });
    each.collect()
}

#[test]
fn samples_are_events_without_a_name() {
    let server = server(LONG, LONG);
    let mut client = open(&server, "");
    assert_eq!(events(&client.chunk()), [(1, "first".into())]);
    server.feed.publish("a\nb");
    assert_eq!(events(&client.chunk()), [(2, r"a\nb".into())]);
    server.shut_down();
}

#[test]
fn the_browser_resumes_with_the_last_event_id() {
    let server = server(LONG, LONG);
    let run = server.feed.since(None).cursor().unwrap().run;
    (2..=5).for_each(|number| server.feed.publish(&number.to_string()));
    let mut client = open(&server, &format!("Last-Event-ID: {run}-3\r\n"));
    assert_eq!(events(&client.chunk()), [(4, "4".into()), (5, "5".into())]);

    // A page that starts again says it in the URL; the browser knows better.
    let mut client = server.get(&format!("{PATH}?after={run}-4"));
    client.head();
    retry(&mut client);
    assert_eq!(events(&client.chunk()), [(5, "5".into())]);
    let mut client = server.connect();
    let request =
        format!("GET {PATH}?after={run}-1 HTTP/1.1\r\nHost: localhost\r\n");
    client.send(format!("{request}Last-Event-ID: {run}-4\r\n\r\n"));
    client.head();
    retry(&mut client);
    assert_eq!(events(&client.chunk()), [(5, "5".into())]);
    server.shut_down();
}

#[test]
fn an_empty_last_event_id_is_none() {
    let server = server(LONG, LONG);
    let run = server.feed.since(None).cursor().unwrap().run;
    (2..=5).for_each(|number| server.feed.publish(&number.to_string()));
    for empty in ["Last-Event-ID:\r\n", "Last-Event-ID: \t \r\n"] {
        // The newest sample, as for a client that has seen none.
        let mut client = open(&server, empty);
        assert_eq!(events(&client.chunk()), [(5, "5".into())], "{empty:?}");
        // It says nothing, so it is not newer than what the URL says.
        let mut client = server.connect();
        let request =
            format!("GET {PATH}?after={run}-3 HTTP/1.1\r\nHost: localhost\r\n");
        client.send(format!("{request}{empty}\r\n"));
        client.head();
        retry(&mut client);
        assert_eq!(events(&client.chunk()), [(4, "4".into()), (5, "5".into())]);
    }
    // A cursor in the URL is ours: without one, a client leaves the parameter out.
    let (head, body) = server.get(&format!("{PATH}?after=")).response();
    assert_eq!(head.code(), 400);
    assert!(body.contains("expected RUN-SEQ"), "{body}");
    server.shut_down();
}

#[test]
fn gaps_and_restarts_are_events_of_their_own() {
    let server = server(LONG, LONG);
    (2..=20).for_each(|number| server.feed.publish(&number.to_string()));
    let run = server.feed.since(None).cursor().unwrap().run;
    let other = if run.to_string() == "zzzz" { "yyyy" } else { "zzzz" };
    for (cursor, missed, restarted) in
        [(format!("{run}-4"), 6, false), (format!("{other}-4"), 10, true)]
    {
        let mut client = open(&server, &format!("Last-Event-ID: {cursor}\r\n"));
        let chunk = client.chunk();
        let (gap, news) = chunk.split_once("\n\n").unwrap();
        let json = format!(
            r#"{{"missed":{missed},"restarted":{restarted},"id":"{run}-10"}}"#
        );
        assert_eq!(gap, format!("event: gap\nid: {run}-10\ndata: {json}"));
        assert_eq!(events(news).len(), 10);
    }
    for cursor in ["x", "k3f9", "\u{e9}"] {
        let mut client = server.connect();
        let request = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n");
        client.send(format!("{request}Last-Event-ID: {cursor}\r\n\r\n"));
        let (head, body) = client.response();
        assert_eq!(head.code(), 400);
        assert!(body.contains("expected RUN-SEQ"), "{body}");
    }
    server.shut_down();
}

#[test]
fn weather_is_an_event_of_three_lines_with_the_id_last_sent() {
    let server = server(LONG, Duration::from_millis(50));
    let run = server.feed.since(None).cursor().unwrap().run;
    let mut client = open(&server, &format!("Last-Event-ID: {run}-1\r\n"));
    for _ in 0..3 {
        let event = client.chunk();
        let lines: Vec<_> = event.lines().collect();
        assert_eq!(
            lines[..2],
            ["event: weather", &format!("id: {run}-1")],
            "{event}"
        );
        for (line, city) in lines[2..5].iter().zip(["BERLIN", "LONDON", "PARIS"]) {
            let degrees = line.strip_prefix(&format!("data: {city} ")).unwrap();
            assert_eq!(degrees.split_once('.').unwrap().1.len(), 1, "{event}");
            degrees.parse::<f64>().unwrap();
        }
        assert_eq!((lines.len(), &event[event.len() - 2..]), (6, "\n\n"));
    }
    server.shut_down();
}

/// What a browser makes of an event (WHATWG HTML §9.2.6): its `data`, `event` and `id`.
fn parsed(event: &str) -> (String, String, String) {
    let lines = event.replace("\r\n", "\n").replace('\r', "\n");
    let (mut data, mut name, mut id) = (vec![], "message", "");
    for line in lines.strip_suffix("\n\n").unwrap().split('\n') {
        match line.split_once(": ").unwrap() {
            ("data", value) => data.push(value),
            ("event", value) => name = value,
            ("id", value) => id = value,
            (field, _) => panic!("{field} in {event:?}"),
        }
    }
    (data.join("\n"), name.into(), id.into())
}

#[test]
fn data_with_any_newline_forges_no_field() {
    let id = "k3f9-17".parse().unwrap();
    for forged in ["id: 1", "event: bye", "retry: 0", "data: x", ": x", "", " x"] {
        for newline in ["\n", "\r", "\r\n", "\n\n", "\r\r", "\n\r"] {
            let data = format!("a{newline}{forged}{newline}");
            let event = sse::event(Some("weather"), Some(id), &data);
            let event = str::from_utf8(&event).unwrap();
            let whole = data.replace("\r\n", "\n").replace('\r', "\n");
            assert_eq!(parsed(event), (whole, "weather".into(), "k3f9-17".into()));
        }
    }
    assert_eq!(sse::event(None, None, "x"), "data: x\n\n");
}

#[test]
fn a_comment_beats_while_there_is_no_news() {
    let server = server(Duration::from_millis(100), LONG);
    let mut client = open(&server, "");
    client.chunk();
    assert_eq!([client.chunk(), client.chunk()], [": heartbeat\n\n"; 2]);
    server.shut_down();
}

#[test]
fn a_stream_whose_client_left_is_gone_at_once() {
    let server = server(LONG, LONG);
    let client = open(&server, "");
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
    let mut reader = open(&server, "");
    assert_eq!(events(&reader.chunk()), [(1, "first".into())]);
    testkit::outlive_a_stuck_reader(&server, || {
        events(&reader.chunk()).iter().map(|s| s.0).collect()
    });
    drop(stuck);
    server.shut_down();
}

#[test]
fn at_shutdown_the_clients_are_told() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let flags = ["--every", "1h", "--weather", "1h"];
        let demo = Process::run(env!("CARGO_BIN_EXE_sse"), &flags);
        let clients = [(); 20].map(|()| {
            let mut client = demo.get(PATH);
            client.head();
            retry(&mut client);
            assert_eq!(events(&client.chunk()).len(), 1);
            client
        });
        let answers = clients.map(|mut client| meanwhile(move || client.end()));
        let (status, took) = demo.signal(signal);
        assert!(status.success(), "{status}");
        assert!(took.as_secs() < 2, "{took:?}");
        for answer in answers {
            let end = answer.recv().unwrap();
            assert!(end.contains("\r\nevent: bye\nid: "), "{end:?}");
            assert!(end.ends_with("\ndata: shutdown\n\n\r\n0\r\n\r\n"), "{end:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_clients_and_nothing_lost_or_doubled() {
    let ask = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    testkit::crowd(env!("CARGO_BIN_EXE_sse"), &ask, |demo, report| {
        let mut client = demo.get(PATH);
        client.head();
        retry(&mut client);
        loop {
            let chunk = client.chunk();
            if chunk.starts_with("event: weather\n") || chunk.starts_with(": ") {
                continue;
            }
            for (seq, _) in events(&chunk) {
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
    testkit::vanish(env!("CARGO_BIN_EXE_sse"), PATH, &[]);
}
