//! The cards of chapters without a technique, with the programs that they are about: each
//! ticks itself when the page has seen its own effect, and not when it sees another one.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "beside/libraries.rs"]
mod libraries;

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use browser_tests::{Browser, Cluster, program};
use serde_json::json;
use testkit::{Behind, Process, Workshop, free_ports, wait_until};

/// The workshop on ports above which those of its proxies are free.
fn workshop() -> (Workshop, u16) {
    let base = free_ports(30, 1000);
    let mut command = Command::new(program("workshop"));
    command.args(["--base-port", &base.to_string(), "--every", "500ms"]);
    (Workshop::run(&mut command), base)
}

/// Puts a proxy before all of it.
fn proxy(base: u16, words: &[&str]) -> Behind {
    let base_port = base.to_string();
    Behind::start(base + 1000, &[words, &["--base-port", &base_port]].concat())
}

/// A card of the chapter that is open, by the first words of its title.
fn card(title: &str) -> String {
    format!(
        "[...document.querySelectorAll('.card')]
           .find((card) => card.querySelector('h3').lastChild.data.startsWith('{title}'))"
    )
}

async fn open(browser: &Browser, title: &str) {
    let card = card(title);
    browser.until(&format!("{card}?.querySelector('button')")).await;
    browser.run(&format!("{card}.querySelector('button').click()")).await;
}

async fn ticks(browser: &Browser, title: &str, report: &str) {
    let seen = format!("{}.matches('.seen')", card(title));
    browser.until(&seen).await;
    let text =
        format!("return {}.querySelector('.result').textContent", card(title));
    let text = browser.run(&text).await;
    assert!(text.as_str().unwrap().contains(report), "{title}: {text}");
}

/// A card's pages show another effect than its own: it says so, and does not tick.
async fn says(browser: &Browser, title: &str, words: &str) {
    let card = card(title);
    let said =
        format!("{card}.querySelector('.result').textContent.includes('{words}')");
    browser.until(&said).await;
    let seen = browser.run(&format!("return {card}.matches('.seen')")).await;
    assert_eq!(seen, false, "{title}");
}

#[tokio::test]
async fn the_cards_of_a_stream_and_of_a_websocket_tick_behind_proxies() {
    let (workshop, base) = workshop();
    let browser = &Browser::start("beside-proxies").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{base}/chapter/proxies")).await;
    // No proxy is there. It takes a while until a card says so.
    open(browser, "Collected").await;

    let behind = proxy(base, &["haproxy", "as-it-comes"]);
    open(browser, "Passed on").await;
    says(browser, "Passed on", "holds them back").await;
    says(browser, "Collected", "scripts/behind nginx buffering").await;
    drop(behind);

    let behind = proxy(base, &["nginx", "buffering"]);
    open(browser, "Collected").await;
    ticks(browser, "Collected", "none through the proxy").await;
    browser.screenshot("beside-collected").await;
    drop(behind);

    let behind = proxy(base, &["nginx", "as-it-comes"]);
    open(browser, "Let through").await;
    says(browser, "Let through", "closed through the proxy").await;
    open(browser, "Refused").await;
    ticks(browser, "Refused", "never open").await;
    let why = format!("return {}.querySelector('.act a').pathname", card("Refused"));
    assert_eq!(browser.run(&why).await, "/wire/websocket");
    browser.screenshot("beside-refused").await;
    drop(behind);

    let behind = proxy(base, &["nginx", "right"]);
    open(browser, "Passed on").await;
    open(browser, "Let through").await;
    ticks(browser, "Passed on", "samples came through the proxy").await;
    ticks(browser, "Let through", "Both are open").await;
    drop((behind, workshop));
}

/// The live page of the chapter is in a frame; the other page is another browser's.
#[tokio::test]
async fn the_cards_of_webrtc_tick_when_datagrams_were_lost_and_the_server_was_killed()
 {
    let (workshop, base) = workshop();
    let browser = Browser::start("beside-webrtc").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{base}/chapter/webrtc")).await;
    let command =
        "document.querySelector('.live code').textContent.includes('-p webrtc')";
    browser.until(command).await;
    let shown = "document.querySelector('.live iframe').checkVisibility()";
    assert_eq!(browser.run(&format!("return {shown}")).await, false);
    let mut demo = Command::new(program("webrtc"));
    let demo = Process::start(demo.args(["--port", &(base + 7).to_string()])).0;
    // It appears by itself.
    browser.until(shown).await;
    browser.enter_frame().await;
    browser.until("location.search.length === 10").await;
    let room = browser.run("return location.href").await;
    let other = Browser::start("beside-webrtc-other").await;
    other.open(room.as_str().unwrap()).await;
    for (id, value) in [("interval", "0.05"), ("way", "relay"), ("loss", "10")] {
        for page in [&other, &browser] {
            choose(page, id, value).await;
            let has = format!("document.getElementById('{id}').value === '{value}'");
            page.until(&has).await;
        }
    }
    browser.leave_frames().await;
    ticks(&browser, "Lose datagrams", " delivered, 0 missed").await;
    let seen = format!("return {}.matches('.seen')", card("Kill the server"));
    assert_eq!(browser.run(&seen).await, false);
    browser.screenshot("beside-webrtc").await;
    // The relay is the server's, and would end with it.
    choose(&other, "way", "direct").await;
    let direct =
        "document.querySelector('#path').innerText.includes('to own address')
        || document.querySelector('#path').innerText.includes('to as the other')";
    other.until(direct).await;
    other.click("#kill").await;
    ticks(&browser, "Kill the server", "samples came within").await;
    other.quit().await;
    browser.quit().await;
    drop(demo);
    drop(workshop);
}

async fn choose(page: &Browser, id: &str, value: &str) {
    let script = format!(
        "const control = document.getElementById('{id}');
         control.value = '{value}';
         control.dispatchEvent(new Event('change'));"
    );
    page.run(&script).await;
}

#[tokio::test]
async fn the_cards_of_six_and_thirty_streams_tick_over_http_1_and_over_http_2() {
    let (workshop, base) = workshop();
    let behind = proxy(base, &["nginx", "right", "--tls"]);
    let browser = &Browser::start_trusting("beside-many").await;
    let six = "6 of 30 streams are open over HTTP/1.1";
    let page = format!("http://localhost:{base}/chapter/http3");
    of_both_cards(browser, &page, "Six", six).await;
    let thirty = "30 of 30 streams are open over HTTP/2";
    let page = format!("https://localhost:{}/chapter/http3", base + 1000);
    of_both_cards(browser, &page, "Thirty", thirty).await;
    drop((behind, workshop));
}

/// Opens the streams in each card of a chapter's page: both report the same, and only one
/// of them ticks.
async fn of_both_cards(browser: &Browser, page: &str, own: &str, report: &str) {
    browser.look(1280, 720, "light").await;
    // Each card in a page of its own: its streams would take the other's place.
    for title in ["Six", "Thirty"] {
        browser.open(page).await;
        open(browser, title).await;
        browser.until(&format!("{}.querySelector('iframe')", card(title))).await;
        browser.enter_frame().await;
        let protocol = report.rsplit(' ').next().unwrap();
        browser.until_shows("#protocol", protocol).await;
        browser.click("#form button").await;
        browser.leave_frames().await;
        let said = format!(
            "{}.querySelector('.result').textContent.includes('{report}')",
            card(title)
        );
        browser.until(&said).await;
        if title == own {
            browser.until(&format!("{}.matches('.seen')", card(title))).await;
            browser.screenshot(&format!("beside-{title}")).await;
        }
    }
    let seen = "return [...document.querySelectorAll('.seen')]
        .map((card) => card.querySelector('h3').lastChild.data.split(':')[0])";
    assert_eq!(browser.run(seen).await, json!([own]));
}

#[tokio::test]
async fn the_card_of_the_blog_ticks_when_likes_has_restarted_in_both() {
    let (workshop, base) = workshop();
    let blogs = [("monolith", 13), ("services", 14)].map(|(shape, above)| {
        let mut command = Command::new(program("blog"));
        command.args([shape, "--port", &(base + above).to_string()]);
        Process::start(command.args(["--restart-delay", "1s"])).0
    });
    let browser = Browser::start("beside-scaling").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{base}/chapter/scaling")).await;
    open(&browser, "Restart likes").await;
    let result = format!("{}.querySelector('.result').textContent", card("Restart"));
    browser.until(&format!("{result}.includes('Both are live')")).await;
    restart_likes(&blogs[1]);
    browser.until(&format!("{result}.includes('never cut')")).await;
    let seen = "return document.querySelectorAll('.seen').length";
    assert_eq!(browser.run(seen).await, 0, "only one of both");
    restart_likes(&blogs[0]);
    ticks(&browser, "Restart likes", "One program: your stream was cut").await;
    browser.screenshot("beside-scaling").await;
    browser.quit().await;
    drop((workshop, blogs));
}

#[tokio::test]
async fn the_card_of_the_cluster_ticks_when_a_server_was_killed() {
    let (workshop, base) = workshop();
    let title = "Kill a server";
    let mut cluster = Cluster::start(base + 1000, &["2", "--every", "200ms"]);
    let browser = Browser::start("beside-cluster").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{base}/chapter/scaling")).await;
    open(&browser, title).await;
    says(&browser, title, "Kill a server that techniques are at").await;
    browser.enter_frame().await;
    let at = "document.querySelectorAll('#members li:nth-child(2) .at').length";
    let name = "document.querySelector('#members li:nth-child(2) h2').textContent";
    browser.until(&format!("{at} > 0 && {name} === 'Server 1'")).await;
    browser.click("#members li:nth-child(2) button").await;
    browser.leave_frames().await;
    ticks(&browser, title, ": 0 missed, 0 duplicated").await;
    browser.screenshot("beside-cluster").await;
    browser.quit().await;
    cluster.end();
    drop(workshop);
}

#[tokio::test]
async fn the_card_of_three_lanes_ticks_when_each_has_lost_in_its_way() {
    let (workshop, base) = workshop();
    let title = "Lose packets";
    let mut command = Command::new(program("webtransport"));
    command.args(["--port", &(base + 8).to_string(), "--every", "25ms"]);
    let lanes = Process::start(&mut command).0;
    let browser = Browser::start("beside-lanes").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{base}/chapter/http3")).await;
    open(&browser, title).await;
    says(&browser, title, "move the slider").await;
    browser.enter_frame().await;
    let slide = "const loss = document.querySelector('#loss');
        loss.value = 5;
        loss.dispatchEvent(new Event('input'));";
    browser.run(slide).await;
    browser.until_shows("output", "5 %").await;
    browser.leave_frames().await;
    ticks(&browser, title, "5 % lost. Datagrams: ").await;
    browser.screenshot("beside-lanes").await;
    browser.quit().await;
    drop((workshop, lanes));
}

#[tokio::test]
async fn the_comparison_takes_demos_that_run_alone_and_says_how_to_start_them() {
    let (workshop, base) = workshop();
    let browser = Browser::start("beside-compare").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{base}/compare")).await;
    browser.until("document.querySelectorAll('#alone button').length === 2").await;
    let line = |number: u32| {
        format!(
            "document.querySelector('.alone:nth-child({number}) > p').textContent"
        )
    };
    browser.click("#alone button:nth-child(2)").await;
    let command = format!("cargo run -p webtransport -- --port {}", base + 8);
    browser.until(&format!("{}.endsWith('{command}')", line(1))).await;
    browser.screenshot("compare-not-running").await;
    let running = [("webtransport", 8), ("webrtc", 7)].map(|(name, above)| {
        let mut command = Command::new(program(name));
        command.args(["--port", &(base + above).to_string()]);
        Process::start(&mut command).0
    });
    browser.click("#alone button:first-child").await;
    for number in [1, 2] {
        let delivered =
            format!("{}.match(/(\\d+) delivered, 0 missed/)?.[1]", line(number));
        browser.until(&format!("+{delivered} > 2")).await;
        let dots =
            format!("document.querySelectorAll('.alone:nth-child({number}) .has')");
        browser.until(&format!("{dots}.length > 2")).await;
    }
    for (width, height, colors) in [(1280, 720, "light"), (360, 740, "dark")] {
        browser.look(width, height, colors).await;
        browser.until("document.documentElement.scrollWidth <= innerWidth").await;
        browser.run("document.querySelector('#others').scrollIntoView()").await;
        browser.screenshot(&format!("compare-alone-{width}")).await;
    }
    browser.look(1280, 720, "light").await;
    assert_eq!(browser.violations().await, [""; 0]);
    browser.click("#alone button:nth-child(2)").await;
    browser.until("document.querySelectorAll('.alone').length === 1").await;
    browser.quit().await;
    drop((workshop, running));
}

/// Kills the program that *likes* is in, as Enter in its terminal would end it.
fn restart_likes(blog: &Process) {
    let mut client = blog.get("/likes/process");
    let (_, body) = client.response();
    let (_, process) = body.trim_end_matches('}').rsplit_once(':').unwrap();
    let kill = Command::new("kill").args(["-KILL", process]).status();
    assert!(kill.unwrap().success());
}

/// A demo that runs alone, on this port.
fn demo(name: &str, port: u16) -> Process {
    let mut command = Command::new(program(name));
    let port = port.to_string();
    Process::start(command.args(["--port", &port, "--every", "200ms"])).0
}

/// The lens as a program. It is killed when it is dropped.
struct Lens(Child);

impl Lens {
    fn start(port: u16, to: u16, flags: &[&str]) -> Self {
        let mut lens = Command::new(program("lens"));
        lens.args(["--listen", &port.to_string(), "--to", &to.to_string()]);
        let lens = lens.args(flags).stdout(Stdio::null()).spawn().unwrap();
        wait_until("the lens listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self(lens)
    }
}

impl Drop for Lens {
    fn drop(&mut self) {
        let _ = self.0.kill(); // It fails when it has ended by itself.
        let _ = self.0.wait();
    }
}

async fn is_accessible_and_fits(browser: &Browser) {
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            let at = format!("{width}, {colors}");
            assert_eq!(browser.run(&format!("return {fits}")).await, true, "{at}");
            browser.screenshot(&format!("chapter-15-{at}")).await;
        }
    }
    assert_eq!(browser.violations().await, [""; 0]);
}
