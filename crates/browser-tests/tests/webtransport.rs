//! The page of WebTransport in a real Chromium and Firefox: its three sessions, what a lossy network
//! takes from each, and what the page says where there can be none.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{net::SocketAddr, process::Command, time::Duration};

use browser_tests::{Browser, Engine, program, serve_sessions, wait_for};
use testkit::{Process, Server, Signal, WAIT_TIMEOUT, meanwhile};

const LANES: [&str; 3] = ["datagrams", "stream", "streams"];

/// A projector and a phone, in light and in dark.
const LOOKS: [(u32, u32, &str); 4] = [
    (1280, 720, "light"),
    (1280, 720, "dark"),
    (360, 740, "light"),
    (360, 740, "dark"),
];
/// How often to publish, until enough has come.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(100);

const FITS: &str = "document.documentElement.scrollWidth <= innerWidth";

/// The cell of the score below this label.
fn score(label: &str) -> String {
    format!(
        "+[...document.querySelectorAll('.score div')]
          .find((cell) => cell.textContent.startsWith('{label}'))
          .querySelector('dd').textContent"
    )
}

fn page(address: SocketAddr, query: &str) -> String {
    format!("http://localhost:{}/{query}", address.port())
}

#[tokio::test]
async fn each_lane_shows_every_sample_and_its_messages_are_acknowledged() {
    every_sample(Engine::Chromium).await;
}

#[tokio::test]
async fn firefox_shows_every_sample_in_each_lane() {
    every_sample(Engine::Firefox).await;
}

async fn every_sample(engine: Engine) {
    let server = serve_sessions(1000);
    let browser = Browser::start_engine(engine, "webtransport-lanes").await;
    for lane in LANES {
        browser.open(&page(server.address, &format!("?lane={lane}"))).await;
        browser.until(&format!("{} === 1", score("delivered"))).await;
        let may_lose = engine == Engine::Firefox && lane == "datagrams";
        if may_lose {
            some_are_lost(&browser, &server).await;
            continue;
        }
        for number in 2..=9 {
            server.feed.publish(&format!("{lane}-{number}"));
            browser.until(&format!("{} === {number}", score("delivered"))).await;
        }
        browser.click("#messages").await;
        browser.until_shows("#messages output", "20 of 20 acknowledged").await;
        // Aborted, the page resumes by its cursor.
        browser.click("#abort").await;
        server.feed.publish("while it is away");
        browser.until(&format!("{} === 10", score("delivered"))).await;
        browser.until_shows(".value", "while it is away").await;
        for label in ["missed", "duplicated"] {
            let count = browser.run(&format!("return {}", score(label))).await;
            assert_eq!(count, 0, "{lane}: {label}");
        }
        if engine == Engine::Chromium {
            assert_eq!(browser.complaints().await, [""; 0], "{lane}");
        }
    }
    if engine == Engine::Firefox {
        browser.quit().await;
        server.shut_down();
        return;
    }
    server.feed.publish("ud8adpbt5tel0");
    browser.until_shows(".value", "ud8adpbt5tel0").await;
    browser.click("#messages").await;
    browser.until_shows("#messages output", "40 of 40 acknowledged").await;
    for (width, height, colors) in LOOKS {
        browser.look(width, height, colors).await;
        browser.until(FITS).await;
        browser.screenshot(&format!("webtransport-{width}-{colors}")).await;
    }
    assert_eq!(browser.violations().await, [""; 0]);
    browser.quit().await;
    server.shut_down();
}

/// A busy Firefox drops datagrams, of samples and of acknowledgements. So more samples are
/// published until enough have come; each is delivered or counted as missed.
async fn some_are_lost(browser: &Browser, server: &Server) {
    let delivered = format!("return {}", score("delivered"));
    publish_until(browser, server, &format!("{delivered} >= 10")).await;
    browser.click("#messages").await;
    browser
        .until(
            "/^[1-9]\\d* of 20 acknowledged$/
              .test(document.querySelector('#messages output').textContent)",
        )
        .await;
    // Aborted, the page connects again.
    let requests = browser.run(&format!("return {}", score("requests"))).await;
    browser.click("#abort").await;
    browser.until(&format!("{} > {requests}", score("requests"))).await;
    let before = browser.run(&delivered).await;
    publish_until(browser, server, &format!("{delivered} > {before}")).await;
    let again = browser.run(&format!("return {}", score("duplicated"))).await;
    assert_eq!(again, 0);
}

async fn publish_until(browser: &Browser, server: &Server, holds: &str) {
    wait_for(holds, PUBLISH_INTERVAL, async || {
        server.feed.publish("one of many");
        (browser.run(holds).await == true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn after_a_restart_the_pages_come_back() {
    let demo = |port: u16| {
        let mut command = Command::new(program("webtransport"));
        command.args(["--every", "20ms", "--port", &port.to_string()]);
        Process::start(&mut command).0
    };
    let first = demo(0);
    let address = first.address;
    let browser = Browser::start("webtransport-restart").await;
    let mut windows = Vec::new();
    for lane in LANES {
        let url = page(address, &format!("?lane={lane}"));
        windows.push(browser.open_window(&url).await);
        browser.until(&format!("{} > 5", score("delivered"))).await;
    }
    first.signal(Signal::Terminate);
    browser.until("document.querySelector('.note').textContent !== ''").await;
    let note =
        browser.run("return document.querySelector('.note').textContent").await;
    // The first reason stays, while the page tries again.
    let reasons =
        ["the server shuts down", "the server shuts down, then no connection"];
    assert!(reasons.contains(&note.as_str().unwrap()), "{note}");
    let second = demo(address.port());
    for (window, lane) in windows.into_iter().zip(LANES) {
        browser.switch_to(&window).await;
        let restarted = "document.querySelector('.status').dataset.state === 'open'";
        browser.until(restarted).await;
        let delivered = browser.run(&format!("return {}", score("delivered"))).await;
        browser.until(&format!("{} > {delivered} + 5", score("delivered"))).await;
        let again = browser.run(&format!("return {}", score("duplicated"))).await;
        assert_eq!(again, 0, "{lane}");
        // A busy machine drops a datagram now and then; what is on a stream comes.
        if lane != "datagrams" {
            browser.until(&format!("{} === 0", score("missed"))).await;
        }
    }
    browser.quit().await;
    drop(second);
}

#[tokio::test]
async fn where_there_is_no_session_the_page_says_what_to_do() {
    let mut command = Command::new(program("webtransport"));
    command.args(["--port", "0", "--allow-host", "insecure.example"]);
    let demo = Process::start(&mut command).0;
    let port = demo.address.port();
    let note = "document.querySelector('.note').textContent";

    let browser = Browser::start("webtransport-obstacles").await;
    browser.open(&format!("http://insecure.example:{port}/")).await;
    browser.until(&format!("{note} !== ''")).await;
    assert_eq!(
        browser.run(&format!("return {note}")).await,
        format!(
            "WebTransport needs a secure page: on the server's machine, open \
             http://localhost:{port}; elsewhere, its https page, after \
             scripts/behind caddy --tls --port {port}"
        )
    );

    // Nobody listens at that port, as behind a firewall that refuses UDP.
    browser.open(&page(demo.address, "?port=9")).await;
    browser.until(&format!("{note} !== ''")).await;
    let said = browser.run(&format!("return {note}")).await;
    let said = said.as_str().unwrap();
    assert!(said.contains("let port 9 through the firewall"), "{said}");

    browser.run_before_pages("delete window.WebTransport").await;
    browser.open(&page(demo.address, "")).await;
    browser.until(&format!("{note}.startsWith('no WebTransport in this')")).await;
    let state = "document.querySelector('.status').dataset.state";
    assert_eq!(browser.run(&format!("return {state}")).await, "stopped");
    browser.quit().await;
}

/// As from a phone: the page is at another address than `localhost`, and so is its session.
#[tokio::test]
async fn at_another_address_the_page_opens_its_session_there() {
    let mut command = Command::new(program("webtransport"));
    command.args(["--port", "0", "--host", "0.0.0.0", "--every", "20ms"]);
    let demo = Process::start(&mut command).0;
    let browser = Browser::start("webtransport-address").await;
    // All of 127.0.0.0/8 is this machine, and secure for a browser, as https is.
    let url = format!("http://127.0.0.2:{}/?lane=stream", demo.address.port());
    browser.open(&url).await;
    browser.until(&format!("{} > 5", score("delivered"))).await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

/// Waits until the server's log says this.
fn logs(
    mut lines: impl Iterator<Item = String> + Send + 'static,
    words: &'static str,
) -> impl Iterator<Item = String> + Send + 'static {
    let found = meanwhile(move || {
        assert!(lines.any(|line| line.contains(words)), "the log ends");
        lines
    });
    found.recv_timeout(WAIT_TIMEOUT).unwrap()
}

#[tokio::test]
async fn a_slow_reader_is_seen_at_the_server_and_misses_nothing() {
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(program("webtransport"));
    command.args(["--port", "0", "--every", "5ms", "--keep", "100000"]);
    let (demo, log) = Process::start(&mut command);
    let browser = Browser::start("webtransport-slow").await;
    browser.open(&page(demo.address, "?lane=streams")).await;
    browser.until(&format!("{} > 5", score("delivered"))).await;
    browser.click("#slow").await;
    browser.until_shows("#slow ~ output", "desiredSize 0").await;
    let log = logs(log, "its session waits");
    for (width, height, colors) in LOOKS {
        browser.look(width, height, colors).await;
        browser.until(FITS).await;
        browser.screenshot(&format!("webtransport-slow-{width}-{colors}")).await;
    }
    browser.look(1280, 720, "light").await;
    browser.click("#slow").await;
    browser.until_shows("#slow ~ output", "").await;
    drop(logs(log, "its session goes on"));
    // What it did not read is in the server's log of samples, and comes now.
    let seconds = "parseFloat(document.querySelector('.age').textContent)";
    browser.until(&format!("{seconds} < 1 && {} === 0", score("missed"))).await;
    let again = browser.run(&format!("return {}", score("duplicated"))).await;
    assert_eq!(again, 0);
    browser.quit().await;
}

/// What a lane's cell below this label shows.
fn cell(lane: &str, label: &str) -> String {
    format!(
        "parseInt([...document.querySelectorAll('#{lane} dl div')]
          .find((cell) => cell.textContent.startsWith('{label}'))
          ?.querySelector('dd').textContent)"
    )
}

/// Moves the slider, and waits until each lane counts anew. The page itself looks: it may
/// have counted for long until a driver asks.
async fn lose(browser: &Browser, percent: u32) {
    let counts = LANES.map(|lane| format!("() => {}", cell(lane, "delivered")));
    let set = format!(
        "const done = arguments[0];
         const anew = (count, last = 0) => new Promise((resolve) => {{
           const look = () => {{
             if (count() < last) return resolve();
             last = count() || 0;
             setTimeout(look, 20);
           }};
           look();
         }});
         Promise.all([{}].map((count) => anew(count))).then(() => done());
         const loss = document.querySelector('#loss');
         loss.value = {percent};
         loss.dispatchEvent(new Event('input'));",
        counts.join(", ")
    );
    browser.answer(&set).await;
    browser.until_shows("output", &format!("{percent} %")).await;
}

#[tokio::test]
async fn what_is_lost_is_seen_in_each_lane_in_another_way() {
    lossy(Engine::Chromium).await;
}

#[tokio::test]
async fn firefox_sees_what_is_lost_in_each_lane_in_another_way() {
    lossy(Engine::Firefox).await;
}

async fn lossy(engine: Engine) {
    let mut command = Command::new(program("webtransport"));
    let demo = Process::start(command.args(["--port", "0", "--every", "20ms"])).0;
    let browser = Browser::start_engine(engine, "webtransport-loss").await;
    if engine == Engine::Chromium {
        browser.look(1280, 720, "light").await;
    }
    browser.open(&page(demo.address, "lanes.html")).await;
    for percent in [0, 5] {
        if percent > 0 {
            lose(&browser, percent).await;
        }
        for lane in LANES {
            browser.until(&format!("{} > 60", cell(lane, "delivered"))).await;
        }
        if percent > 0 {
            browser.until(&format!("{} > 0", cell("datagrams", "missed"))).await;
            // Those on streams of their own overtake one that was lost.
            browser.until(&format!("{} > 0", cell("streams", "out of order"))).await;
        }
        // On streams, nothing is lost: what is missing is on its way.
        for lane in ["stream", "streams"] {
            browser.until(&format!("{} === 0", cell(lane, "missed"))).await;
        }
        let value = async |lane, label| {
            let value = browser.run(&format!("return {}", cell(lane, label))).await;
            value.as_u64().unwrap()
        };
        assert_eq!(value("stream", "out of order").await, 0);
        let missed = value("datagrams", "missed").await;
        let most = if percent == 0 { 3 } else { 50 }; // on a busy machine
        assert!(missed <= most, "{missed} datagrams missed at {percent} %");
    }
    if engine == Engine::Firefox {
        return browser.quit().await;
    }
    for (width, height, colors) in LOOKS {
        browser.look(width, height, colors).await;
        browser.until(FITS).await;
        browser.screenshot(&format!("lanes-{width}-{colors}")).await;
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    assert_eq!(browser.violations().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test]
async fn the_relay_loses_ten_percent_at_most_and_for_this_page_alone() {
    let mut command = Command::new(program("webtransport"));
    let demo = Process::start(command.args(["--port", "0"])).0;
    for (fields, loss, status, says) in [
        ("", "11", 400, "expected 0 to 10 percent"),
        ("", "\"x\"", 400, "expected u64"),
        ("Origin: http://evil.example\r\n", "5", 403, "evil.example"),
        ("", "10", 200, "\"loss\":10"),
    ] {
        let content = format!("{{\"loss\":{loss}}}");
        let mut client = demo.connect();
        client.send(format!(
            "PUT /relay HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{fields}\r\n{content}",
            content.len()
        ));
        let (head, body) = client.response();
        assert_eq!(head.code(), status, "{content}: {body}");
        assert!(body.contains(says), "{body}");
    }
}
