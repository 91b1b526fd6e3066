//! Fallback with what nobody here wrote: its page in a real Chromium, with our server and
//! with that of the npm package `socket.io`; and `socket.io-client` and `engine.io-client`
//! with our server. `scripts/test` installs them.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    pin::pin,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use browser_tests::{Browser, faint_in_use};
use fallback::{TECHNIQUE, Timings, routes};
use lens::{Control, Effect, Owner, Scope};
use serde_json::{Value, json};
use testkit::{Proxy, Server, WAIT_TIMEOUT, through_lens};
use tokio::{select, time::interval};

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static");
const BINARY: &str = "binary is not taken here: send text";

/// A program of node, running. It is killed when it is dropped.
struct Node {
    process: Child,
    lines: Receiver<String>,
    unclaimed: Vec<Value>,
}

impl Node {
    fn run(arguments: &[&str]) -> Self {
        assert!(
            Path::new(INTEROP).join("node_modules").is_dir(),
            "run npm ci in {INTEROP}, as scripts/test does"
        );
        let mut process = Command::new("node")
            .args(arguments)
            .current_dir(INTEROP)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node: {error}; see scripts/test"));
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line); // It fails when the test is over.
            }
        });
        Self { process, lines, unclaimed: Vec::new() }
    }

    fn client(kind: &str, server: &Server, transports: &str) -> Self {
        let url = format!("http://{}", server.address);
        Self::run(&["socket-io.mjs", kind, &url, transports])
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(WAIT_TIMEOUT).unwrap()
    }

    /// Waits for this line, which may have come before one that was waited for.
    fn until(&mut self, expected: &Value) {
        let mut unclaimed = std::mem::take(&mut self.unclaimed);
        let at = loop {
            if let Some(at) = unclaimed.iter().position(|line| line == expected) {
                break at;
            }
            let line = self.lines.recv_timeout(WAIT_TIMEOUT);
            let line = line.unwrap_or_else(|_| panic!("{expected}: {unclaimed:?}"));
            unclaimed.push(serde_json::from_str(&line).unwrap());
        };
        unclaimed.remove(at);
        self.unclaimed = unclaimed;
    }

    fn say(&mut self, line: &str) {
        writeln!(self.process.stdin.as_ref().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It fails when it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve() -> Server {
    Server::start(TECHNIQUE, 1000, |feed| {
        let ping_interval = Duration::from_millis(500);
        routes(
            feed,
            Timings { ping_interval, ping_timeout: Duration::from_secs(20) },
        )
    })
}

#[test]
fn socket_io_client_converses_over_each_transport_and_recovers_by_our_cursor() {
    for transports in ["polling", "websocket", "polling,websocket"] {
        let server = serve();
        let mut client = Node::client("socket", &server, transports);
        let first = transports.split(',').next().unwrap();
        client.until(&json!({ "open": first }));
        client.until(&json!({ "connect": false }));
        client.until(&json!({ "sample": 1 }));
        if transports.contains(',') {
            client.until(&json!({ "upgrade": "websocket" }));
        }
        client.say("grüß");
        client.until(&json!({ "ack": "grüß" }));
        server.feed.publish("second");
        client.until(&json!({ "sample": 2 }));
        // Cut: what is published from then on comes, in order.
        client.say("cut");
        client.until(&json!({ "disconnect": "forced close" }));
        client.until(&json!({ "connect": true }));
        for number in 3..6 {
            server.feed.publish("more");
            client.until(&json!({ "sample": number }));
        }
        client.say("disconnect");
        client.until(&json!({ "disconnect": "io client disconnect" }));
        server.shut_down();
    }
}

/// A lens resets each Upgrade: the session goes on in polls, and misses nothing.
#[test]
fn where_upgrade_is_refused_socket_io_client_stays_with_polling() {
    let server = serve();
    let control = Control::default();
    let all = Scope::default();
    control.add(Owner::Presenter, all, Effect::RefuseUpgrade, None).unwrap();
    let url = format!("http://{}", through_lens(server.address, &control, ()));
    let transports = "polling,websocket";
    let mut client = Node::run(&["socket-io.mjs", "socket", &url, transports]);
    client.until(&json!({ "open": "polling" }));
    client.until(&json!({ "upgrade": "refused" }));
    for number in 2..5 {
        client.until(&json!({ "sample": number - 1 }));
        server.feed.publish("more");
    }
    client.say("grüß");
    client.until(&json!({ "ack": "grüß" }));
    client.until(&json!({ "sample": 4 }));
    server.shut_down();
}

#[test]
fn socket_io_client_is_told_why_binary_is_refused() {
    let server = serve();
    let mut client = Node::client("socket", &server, "websocket");
    client.until(&json!({ "sample": 1 }));
    client.say("binary");
    client.until(&json!({ "disconnect": "transport close", "why": BINARY }));
    let mut client = Node::client("socket", &server, "polling");
    client.until(&json!({ "sample": 1 }));
    client.say("binary");
    let why = format!(r#"{{"code":3,"message":"{BINARY}"}}"#);
    client.until(&json!({ "disconnect": "transport error", "why": why }));
    server.shut_down();
}

/// Its own server and client, in one program: what is left to the library is lost.
#[test]
fn socket_io_as_often_shown_loses_the_gap_and_a_cursor_brings_it_back() {
    let program = "socket-io-as-often-shown.mjs";
    let shown = Node::run(&[program]);
    let line: Value = serde_json::from_str(&shown.line()).unwrap();
    assert!(line["missed"].as_i64().unwrap() > 0, "{line}");
    Node::run(&[program, "cursor"]).until(&json!({ "missed": 0 }));
}

#[test]
fn engine_io_client_opens_upgrades_and_closes() {
    let server = serve();
    for transports in ["polling", "websocket", "polling,websocket"] {
        let mut client = Node::client("engine", &server, transports);
        client.until(&json!({ "open": transports.split(',').next().unwrap() }));
        client.say("0");
        client.until(&json!({ "message": "0{" }));
        client.until(&json!({ "message": "2[" }));
        if transports.contains(',') {
            client.until(&json!({ "upgrade": "websocket" }));
        }
        client.say("20[\"say\",\"x\"]");
        client.until(&json!({ "message": "30" }));
        client.say("close");
        client.until(&json!({ "close": "forced close" }));
    }
    server.shut_down();
}

/// The cell of the score below this label.
fn score(label: &str) -> String {
    format!(
        "+[...document.querySelectorAll('.score div')]
          .find((cell) => cell.textContent.startsWith('{label}'))
          .querySelector('dd').textContent"
    )
}

async fn count(browser: &Browser, label: &str) -> Value {
    browser.run(&format!("return {}", score(label))).await
}

#[tokio::test]
async fn the_page_climbs_stays_and_recovers_with_both_servers() {
    let browser = Browser::start("fallback").await;
    with_our_server(&browser).await;
    with_the_real_server(&browser).await;
    browser.quit().await;
}

async fn with_our_server(browser: &Browser) {
    let server = serve();
    let proxy = Proxy::before(server.address);
    let url = format!("http://localhost:{}/", proxy.address.port());
    for (query, transport) in [("", "WebSocket"), ("?transport=polling", "polling")]
    {
        browser.open(&format!("{url}{query}")).await;
        browser.until_shows("#transport", transport).await;
        browser.until(&format!("{} === 1", score("delivered"))).await;
        for number in 0..20 {
            server.feed.publish(&format!("sample {number}"));
        }
        browser.until(&format!("{} === 21", score("delivered"))).await;
        browser.click("#say").await;
        let output = "document.querySelector('#say output').textContent";
        browser.until(&format!("{output}.startsWith('1: acknowledged')")).await;
        is_accessible_and_fits(browser).await;
        assert_eq!(browser.complaints().await, [""; 0], "{transport}");
        // Aborted, it is given what it has missed.
        browser.click("#abort").await;
        for _ in 0..3 {
            server.feed.publish("while away 13");
        }
        browser.until(&format!("{} === 24", score("delivered"))).await;
        assert_eq!(count(browser, "missed").await, 0);
        assert_eq!(count(browser, "duplicated").await, 0);
        // As Socket.IO does by default, it does not ask, and loses them.
        // A poll that Chromium repeats by itself loses none: then once more.
        browser.click("#recover").await;
        while count(browser, "missed").await == 0 {
            let before = count(browser, "delivered").await;
            proxy.cut();
            let (missed, delivered) = (score("missed"), score("delivered"));
            let noticed = format!("{missed} > 0 || {delivered} > {before}");
            publish_until(&server, browser.until(&noticed)).await;
        }
    }
    server.shut_down();
}

/// Publishes, as a running feed does. What a poll that was cut has taken along shows only
/// when a sample follows it.
async fn publish_until(server: &Server, noticed: impl Future<Output = ()>) {
    let mut noticed = pin!(noticed);
    let mut pace = interval(Duration::from_millis(100));
    loop {
        select! {
            () = &mut noticed => return,
            _ = pace.tick() => for _ in 0..3 {
                server.feed.publish("while away 13");
            },
        }
    }
}

async fn is_accessible_and_fits(browser: &Browser) {
    assert_eq!(browser.violations().await, [""; 0]);
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let at = format!("{width}, {colors}");
            assert_eq!(browser.run(&faint_in_use()).await, json!([]), "{at}");
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(browser.run(&format!("return {fits}")).await, true, "{at}");
            browser.screenshot(&format!("fallback-{at}")).await;
        }
    }
}

async fn with_the_real_server(browser: &Browser) {
    for option in ["plain", "recovery"] {
        let mut real = Node::run(&["socket-io-server.mjs", PAGES, option]);
        let url = format!("http://127.0.0.1:{}/", real.line());
        for (query, transport) in
            [("?transport=polling", "polling"), ("", "WebSocket")]
        {
            browser.open(&format!("{url}{query}")).await;
            browser.until_shows("#transport", transport).await;
            browser.until(&format!("{} > 5", score("delivered"))).await;
            browser.click("#say").await;
            let output = "document.querySelector('#say output').textContent";
            browser.until(&format!("{output}.startsWith('1: acknowledged')")).await;
            assert_eq!(count(browser, "missed").await, 0);
            closed_and_back(browser, &mut real, transport).await;
            if option == "recovery" {
                assert_eq!(count(browser, "missed").await, 0, "{transport}");
            } else {
                // A page that is back before the next sample has missed none.
                while count(browser, "missed").await == 0 {
                    closed_and_back(browser, &mut real, transport).await;
                }
            }
        }
    }
}

/// The server closes the connection, and the page comes back.
async fn closed_and_back(browser: &Browser, real: &mut Node, transport: &str) {
    let before = count(browser, "delivered").await;
    real.say("cut");
    browser.until_shows("#transport", "none").await;
    browser.until_shows("#transport", transport).await;
    browser.until(&format!("{} > {before} + 3", score("delivered"))).await;
}
