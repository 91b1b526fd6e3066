//! Two pages of WebRTC in a real Chromium, and in a real Firefox: they meet, go on without
//! the server, and show what a lossy network takes from each channel.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use browser_tests::{Browser, Engine, program};
use testkit::{Process, Server, Signal};
use webrtc::{TECHNIQUE, Timings, routes};

fn serve() -> Server {
    let timings = Timings { heartbeat: Duration::from_secs(15) };
    Server::start(TECHNIQUE, 10, move |feed| routes(feed, timings))
}

/// The demo as it is run for phones: Firefox takes no relay at 127.0.0.1.
fn for_phones() -> Process {
    Process::run(program("webrtc").to_str().unwrap(), &["--lan"])
}

/// A cell of a channel's row.
fn lane(name: &str, cell: usize) -> String {
    format!(
        "Number(document.querySelector('[data-lane={name}] td:nth-of-type({cell})')
           .textContent)"
    )
}

const DELIVERED: usize = 1;
const MISSED: usize = 2;
const LATE: usize = 3;

/// Two browsers whose pages have met; each sends 20 samples a second.
async fn two(engine: Engine, name: &str, port: u16) -> [Browser; 2] {
    let name = format!("webrtc-{name}-{engine:?}");
    let names = [format!("{name}-first"), format!("{name}-second")];
    let (first, second) = tokio::join!(
        Browser::start_engine(engine, &names[0]),
        Browser::start_engine(engine, &names[1]),
    );
    first.open(&format!("http://localhost:{port}/")).await;
    first.until("location.search.length === 10").await;
    let room = first.run("return location.search").await;
    second
        .open(&format!("http://localhost:{port}/{}", room.as_str().unwrap()))
        .await;
    for page in [&first, &second] {
        set(page, "interval", "0.05").await;
    }
    first.until(&format!("{} > 5", lane("reliable", DELIVERED))).await;
    [first, second]
}

/// Moves a slider, or chooses an option.
async fn set(page: &Browser, id: &str, value: &str) {
    let script = format!(
        "const control = document.getElementById('{id}');
         control.value = '{value}';
         control.dispatchEvent(new Event('input'));
         control.dispatchEvent(new Event('change'));"
    );
    page.run(&script).await;
}

async fn number(page: &Browser, expression: &str) -> f64 {
    page.run(&format!("return {expression}")).await.as_f64().unwrap()
}

#[tokio::test]
async fn the_server_is_killed_and_samples_go_on_in_chromium() {
    the_server_is_killed(Engine::Chromium).await;
}

#[tokio::test]
async fn the_server_is_killed_and_samples_go_on_in_firefox() {
    the_server_is_killed(Engine::Firefox).await;
}

async fn the_server_is_killed(engine: Engine) {
    let server = Process::run(program("webrtc").to_str().unwrap(), &[]);
    let pages = two(engine, "killed", server.address.port()).await;
    // A page that is loaded anew meets the other again.
    for page in &pages {
        page.reload().await;
        set(page, "interval", "0.05").await;
        page.until(&format!("{} > 5", lane("reliable", DELIVERED))).await;
    }
    pages[0]
        .until("document.querySelector('#path').innerText.includes('hidden')")
        .await;
    server.signal(Signal::Kill);
    for page in &pages {
        page.until("document.querySelector('#room').innerText.includes('is gone')")
            .await;
        let before = number(page, &lane("reliable", DELIVERED)).await;
        let enough = format!("{} >= {before} + 50", lane("reliable", DELIVERED));
        page.until(&enough).await;
        assert!(number(page, &lane("reliable", MISSED)).await == 0.0);
        page.until("document.querySelector('.words').innerText.startsWith('open')")
            .await;
    }
}

#[tokio::test]
async fn through_a_lossy_relay_one_channel_waits_the_other_misses_in_chromium() {
    through_a_lossy_relay(Engine::Chromium).await;
}

#[tokio::test]
async fn through_a_lossy_relay_one_channel_waits_the_other_misses_in_firefox() {
    through_a_lossy_relay(Engine::Firefox).await;
}

async fn through_a_lossy_relay(engine: Engine) {
    let server = for_phones();
    let [first, second] = two(engine, "loss", server.address.port()).await;
    set(&first, "way", "relay").await;
    second
        .until("document.querySelector('#path').innerText.includes('The other: the relay')")
        .await;
    set(&second, "loss", "10").await;
    first.until("document.querySelector('#loss').value === '10'").await;
    for (name, cell) in [("lossy", MISSED), ("reliable", LATE)] {
        first.until(&format!("{} > 0", lane(name, cell))).await;
    }
    assert!(number(&first, &lane("reliable", MISSED)).await == 0.0);
    let told = "document.querySelector('#path').innerText";
    first.until(&format!("/lost [1-9].*encrypted/.test({told})")).await;
    if engine == Engine::Firefox {
        return;
    }
    assert_eq!(first.violations().await, [""; 0]);

    // The relay is silent, and comes back: what was on its way is delivered.
    second.click("#cut").await;
    first
        .until("document.querySelector('.status').dataset.state === 'disconnected'")
        .await;
    set(&second, "loss", "0").await;
    second.until("document.querySelector('#loss').value === '0'").await;
    second.click("#cut").await;
    first.until("document.querySelector('.status').dataset.state === 'open'").await;
    first.until(&format!("{} >= 20", lane("reliable", DELIVERED))).await;
    assert!(number(&first, &lane("reliable", MISSED)).await == 0.0);

    // By way of the server, for comparison.
    set(&second, "way", "server").await;
    first
        .until(&format!(
            "document.querySelector('[data-lane=server]') && {} > 5",
            lane("server", DELIVERED)
        ))
        .await;
}

#[tokio::test]
async fn a_third_page_and_a_browser_without_webrtc_are_told_what_to_do() {
    let server = serve();
    let port = server.address.port();
    let pages = two(Engine::Chromium, "third", port).await;
    let room = pages[0].run("return location.search").await;
    let third = Browser::start("webrtc-third").await;
    third.open(&format!("http://localhost:{port}/{}", room.as_str().unwrap())).await;
    third
        .until("document.querySelector('#room').innerText.includes('has two pages already')")
        .await;
    third.run_before_pages("delete window.RTCPeerConnection").await;
    third.open(&format!("http://localhost:{port}/")).await;
    third
        .until("document.querySelector('#path').innerText.includes('has no RTCPeerConnection')")
        .await;
    // The samples go by way of the server then, and the other page is told so as well.
    let code = third.run("return location.search").await;
    pages[1]
        .open(&format!("http://localhost:{port}/{}", code.as_str().unwrap()))
        .await;
    set(&third, "interval", "0.05").await;
    pages[1]
        .until(&format!(
            "document.querySelector('[data-lane=server]') && {} > 5",
            lane("server", DELIVERED)
        ))
        .await;
    server.shut_down();
}
