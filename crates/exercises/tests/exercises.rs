//! The tests of the exercises. Each checks that the solution passes and that the starting
//! point fails. Your own version is tested only when you ask for it:
//!
//! ```sh
//! cargo test -p exercises e1 -- --ignored
//! ```
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

#[path = "../solutions/mod.rs"]
mod solutions;

use std::time::Duration;

use feed::Feed;
use stage::Routes;
use testkit::{Client, Server, masked, meanwhile, sample, samples};

/// A server with these routes. It keeps ten samples.
fn server<R: Routes>(routes: impl FnOnce(Feed) -> R + Send + 'static) -> Server {
    Server::start(short_poll::TECHNIQUE, 10, routes)
}

/// The id of the newest sample.
fn newest(server: &Server) -> String {
    server.feed.since(None).cursor().unwrap().to_string()
}

fn publish(server: &Server, numbers: std::ops::RangeInclusive<u64>) {
    numbers.for_each(|number| server.feed.publish(&number.to_string()));
}

fn numbers(json: &str) -> Vec<u64> {
    samples(json).iter().map(|sample| sample.0).collect()
}

/// What `read` returns, within five seconds.
fn soon<T: Send + 'static>(
    what: &str,
    read: impl FnOnce() -> T + Send + 'static,
) -> T {
    meanwhile(read).recv_timeout(Duration::from_secs(5)).expect(what)
}

/// Requests a WebSocket. Returns the client, and the status of the response.
fn handshake(server: &Server, target: &str, field: &str) -> (Client, u16) {
    let mut client = server.connect();
    client.send(format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:3005\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{field}\r\n"
    ));
    let status = client.head().code();
    (client, status)
}

fn text(client: &mut Client) -> String {
    let (first, payload) = client.frame();
    assert_eq!(first, 0x81, "a text");
    String::from_utf8(payload).unwrap()
}

#[test]
fn a_failing_exercise_says_what_was_expected_without_a_backtrace() {
    let this = std::env::current_exe().unwrap();
    let mut yours = std::process::Command::new(this);
    yours.args(["--exact", "e6::yours", "--ignored"]).env("RUST_BACKTRACE", "full");
    let output = yours.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("the first wait"), "{said}");
    assert!(!said.contains("backtrace"), "{said}");
}

/// The tests of an exercise: of your version, which is ignored until you ask for it; that
/// the solution passes; and that the starting point fails, and why. (That last one fails
/// once yours passes.)
macro_rules! exercise {
    ($check:ident, $yours:expr, $solution:expr, $fails:literal) => {
        mod $check {
            use super::solutions;

            #[test]
            #[ignore = "an exercise: make it pass"]
            fn yours() {
                // It fails with what was expected; a backtrace would hide that.
                std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
                super::$check($yours);
            }

            #[test]
            fn the_solution_passes() {
                super::$check($solution);
            }

            #[test]
            #[should_panic(expected = $fails)]
            fn the_starting_point_fails() {
                super::$check($yours);
            }
        }
    };
}

exercise!(
    e1,
    exercises::e1_time_out::routes,
    solutions::e1::routes,
    "an answer after the hold"
);
fn e1<R: Routes>(routes: impl FnOnce(Feed, Duration) -> R + Send + 'static) {
    let server = server(|feed| routes(feed, Duration::from_millis(200)));
    let target = format!("/long-polling?after={}", newest(&server));
    let mut client = server.get(&target);
    let (head, body) = soon("an answer after the hold", move || client.response());
    assert_eq!((head.code(), &*body), (204, ""));
    // A sample that is there is answered at once, as before.
    publish(&server, 2..=2);
    assert_eq!(numbers(&server.get(&target).response().1), [2]);
    server.shut_down();
}

exercise!(
    e2,
    exercises::e2_cursor::routes,
    solutions::e2::routes,
    "all three that are new"
);
fn e2<R: Routes>(routes: impl FnOnce(Feed) -> R + Send + 'static) {
    let server = server(routes);
    let after = newest(&server);
    publish(&server, 2..=4);
    let (_, body) = server.get(&format!("/short-polling?after={after}")).response();
    assert_eq!(numbers(&body), [2, 3, 4], "all three that are new");
    let after = newest(&server);
    let (head, _) = server.get(&format!("/short-polling?after={after}")).response();
    assert_eq!(head.code(), 204, "nothing is new");
    server.shut_down();
}

exercise!(
    e3,
    {
        let mut lines = exercises::e3_lines::Lines::default();
        move |piece: &[u8]| lines.push(piece)
    },
    {
        let mut lines = solutions::e3::Lines::default();
        move |piece: &[u8]| lines.push(piece)
    },
    "in pieces of 7 bytes"
);
fn e3(mut push: impl FnMut(&[u8]) -> Vec<String>) {
    let text = "{\"data\":\"drei €\"}\n{\"data\":\"grüß Gott\"}\n";
    let pieces = text.as_bytes().chunks(7);
    let lines: Vec<_> = pieces.flat_map(&mut push).collect();
    let expected: Vec<_> = text.lines().collect();
    assert_eq!(lines, expected, "in pieces of 7 bytes");
    assert_eq!(push("a\nb\nc".as_bytes()), ["a", "b"], "two and a half at once");
    assert_eq!(push(b"\n"), ["c"]);
}

exercise!(e4, exercises::e4_event::event, solutions::e4::event, "is one event");
fn e4(event: impl Fn(u64, &str) -> String) {
    for newline in ["\n", "\r", "\r\n", "\n\n"] {
        let data = format!("hello{newline}event: bye{newline}id: 1");
        let lines = event(17, &data).replace("\r\n", "\n").replace('\r', "\n");
        let fields: Vec<_> =
            lines.strip_suffix("\n\n").unwrap().split('\n').collect();
        let (id, data_lines) = fields.split_first().unwrap();
        assert_eq!(*id, "id: 17");
        let joined: Option<Vec<_>> =
            data_lines.iter().map(|line| line.strip_prefix("data: ")).collect();
        let whole = data.replace("\r\n", "\n").replace('\r', "\n");
        assert_eq!(joined.map(|all| all.join("\n")), Some(whole), "is one event");
    }
}

exercise!(
    e5,
    exercises::e5_last_event_id::routes,
    solutions::e5::routes,
    "what was missed"
);
fn e5<R: Routes>(routes: impl FnOnce(Feed) -> R + Send + 'static) {
    let server = server(routes);
    let last = newest(&server);
    publish(&server, 2..=4);
    let ask = |field: &str| {
        let mut client = server.connect();
        client.send(format!(
            "GET /api/v1/live-data HTTP/1.1\r\nHost: localhost\r\n{field}\r\n"
        ));
        assert_eq!(client.head().code(), 200);
        client.until("\"data\":\"4\"}\n\n")
    };
    let came = ask(&format!("Last-Event-ID: {last}\r\n"));
    assert_eq!(came.matches("\ndata: ").count(), 3, "what was missed: {came}");
    assert_eq!(ask("").matches("\ndata: ").count(), 1, "the newest, to a new one");
    server.shut_down();
}

exercise!(e6, exercises::e6_backoff::wait, solutions::e6::wait, "the first wait");
fn e6(wait: impl Fn(u32, f64) -> Duration) {
    let millis = Duration::from_millis;
    assert_eq!(wait(0, 1.0), millis(500), "the first wait");
    let longest: Vec<_> = (0..7).map(|failures| wait(failures, 1.0)).collect();
    assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 8000, 8000].map(millis));
    assert_eq!(wait(u32::MAX, 1.0), millis(8000), "after many failures");
    assert_eq!(wait(3, 0.0), Duration::ZERO, "at random");
    assert_eq!(wait(3, 0.5), millis(2000), "at random");
}

exercise!(
    e7,
    |_| exercises::e7_origin::routes(),
    |_| solutions::e7::routes(),
    "http://localhost:3004"
);
fn e7<R: Routes>(routes: impl FnOnce(Feed) -> R + Send + 'static) {
    let server = server(routes);
    for origin in [
        "http://localhost:3004",
        "https://evil.example",
        "http://localhost:3005.evil.example",
        "null",
    ] {
        let (_, status) =
            handshake(&server, "/echo", &format!("Origin: {origin}\r\n"));
        assert_eq!(status, 403, "{origin}");
    }
    for field in [
        "Origin: http://localhost:3005\r\n",
        "Origin: https://localhost:3005\r\n",
        "",
    ] {
        let (mut client, status) = handshake(&server, "/echo", field);
        assert_eq!(status, 101, "{field:?}");
        client.send(masked(0x81, "hello"));
        assert_eq!(text(&mut client), "hello");
    }
    server.shut_down();
}

exercise!(
    e8,
    exercises::e8_heartbeat::routes,
    solutions::e8::routes,
    "a ping, and another one"
);
fn e8<R: Routes>(routes: impl FnOnce(Feed, Duration) -> R + Send + 'static) {
    let server = server(|feed| routes(feed, Duration::from_millis(200)));
    let (mut alive, _) = handshake(&server, "/chat", "");
    let (mut gone, _) = handshake(&server, "/chat", "");
    // A client that answers stays.
    let alive = meanwhile(move || {
        text(&mut alive);
        for _ in 0..5 {
            assert_eq!(alive.frame().0, 0x89);
            alive.send(masked(0x8a, ""));
        }
    });
    let frames = soon("a ping, and another one", move || {
        text(&mut gone);
        [gone.frame(), gone.frame(), gone.frame()]
    });
    let [first, second, close] = frames;
    assert_eq!([first.0, second.0, close.0], [0x89, 0x89, 0x88]);
    assert_eq!(close.1[..2], 1008_u16.to_be_bytes());
    alive.recv().expect("a client that answers stays");
    server.shut_down();
}

exercise!(
    e9,
    exercises::e9_resume::routes,
    solutions::e9::routes,
    "what comes after the cursor"
);
fn e9<R: Routes>(routes: impl FnOnce(Feed) -> R + Send + 'static) {
    let server = server(routes);
    let target = format!("/chat?after={}", newest(&server));
    publish(&server, 2..=4);
    let (mut client, _) = handshake(&server, &target, "");
    let first = sample(&text(&mut client)).0;
    assert_eq!(first, 2, "what comes after the cursor");
    let rest = [sample(&text(&mut client)).0, sample(&text(&mut client)).0];
    assert_eq!(rest, [3, 4]);
    // Of twenty samples the log keeps ten: nine after the first one are gone.
    publish(&server, 5..=20);
    let (mut client, _) = handshake(&server, &target, "");
    let gap = text(&mut client);
    assert!(gap.starts_with(r#"{"gap":{"missed":9,"#), "{gap}");
    assert_eq!(sample(&text(&mut client)).0, 11);
    server.shut_down();
}
