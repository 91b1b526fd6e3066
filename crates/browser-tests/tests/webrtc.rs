//! Two pages of WebRTC in a real Chromium, and in a real Firefox: they meet, show what a
//! lossy network takes from each channel, come back when it was cut, and go on without the
//! server.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use browser_tests::{Browser, Engine, program};
use testkit::{Process, Server};
use webrtc::{TECHNIQUE, Timings, routes};

fn serve() -> Server {
    let timings = Timings { heartbeat: Duration::from_secs(15) };
    Server::start(TECHNIQUE, 10, move |feed| routes(feed, timings))
}

/// A cell of a channel's row.
fn lane(name: &str, cell: usize) -> String {
    format!(
        "Number(document.querySelector('[data-lane={name}] td:nth-of-type({cell})')
           ?.textContent)"
    )
}

const DELIVERED: usize = 1;
const MISSED: usize = 2;
const LATE: usize = 3;

fn says(id: &str, words: &str) -> String {
    format!("document.querySelector('#{id}').innerText.includes('{words}')")
}

const OPEN: &str = "document.querySelector('.status').dataset.state === 'open'";

/// Two pages that have met; each sends 20 samples a second.
struct Pair([Browser; 2]);

impl Pair {
    async fn start(engine: Engine, port: u16) -> Self {
        let names = ["first", "second"].map(|at| format!("webrtc-{engine:?}-{at}"));
        let (first, second) = tokio::join!(
            Browser::start_engine(engine, &names[0]),
            Browser::start_engine(engine, &names[1]),
        );
        let pair = Self([first, second]);
        pair.meet(port).await;
        pair
    }

    async fn meet(&self, port: u16) {
        let [first, second] = &self.0;
        first.open(&format!("http://localhost:{port}/")).await;
        first.until("location.search.length === 10").await;
        second.open(&format!("http://localhost:{port}/{}", room(first).await)).await;
        for page in &self.0 {
            set(page, "interval", "0.05").await;
            page.until(&says("room", "both pages are here")).await;
            page.until(&format!("{} > 5", lane("reliable", DELIVERED))).await;
        }
    }

    /// A page that is loaded anew meets the other again.
    async fn reload(&self) {
        for page in &self.0 {
            page.reload().await;
            set(page, "interval", "0.05").await;
            page.until(&format!("{} > 5", lane("reliable", DELIVERED))).await;
        }
        self.0[0].until(&says("path", "own address, hidden (mDNS)")).await;
    }

    /// Of 10 % loss, one channel misses some, and the other is late.
    async fn lose(&self) {
        let [first, second] = &self.0;
        set(first, "way", "relay").await;
        second.until(&says("path", "to relay")).await;
        set(second, "loss", "10").await;
        first.until("document.querySelector('#loss').value === '10'").await;
        for (name, cell) in [("lossy", MISSED), ("reliable", LATE)] {
            first.until(&format!("{} > 0", lane(name, cell))).await;
        }
        self.has_missed_nothing().await;
        let told = "document.querySelector('#path').innerText";
        first.until(&format!("/[1-9][^,]* lost.*encrypted/.test({told})")).await;
    }

    /// The relay is silent, and comes back: what was on its way is delivered.
    async fn cut_and_mend(&self) {
        let [first, second] = &self.0;
        second.click("#cut").await;
        first
            .until(
                "document.querySelector('.status').dataset.state === 'disconnected'",
            )
            .await;
        set(second, "loss", "0").await;
        second.until("document.querySelector('#loss').value === '0'").await;
        second.click("#cut").await;
        first.until(OPEN).await;
        first.until(&format!("{} >= 20", lane("reliable", DELIVERED))).await;
        self.has_missed_nothing().await;
    }

    async fn go_directly(&self) {
        let [first, second] = &self.0;
        set(second, "way", "direct").await;
        let told = "document.querySelector('#path').innerText";
        second.until(&format!("/Chosen: .* to (own|as)/.test({told})")).await;
        for page in [first, second] {
            page.until(&format!("{} > 5", lane("reliable", DELIVERED))).await;
        }
    }

    /// By way of the server, for comparison.
    async fn go_around(&self) {
        let [first, second] = &self.0;
        set(second, "way", "server").await;
        first.until(&format!("{} > 5", lane("server", DELIVERED))).await;
    }

    /// More samples than a channel takes at once: the others wait.
    async fn send_too_many(&self) {
        let second = &self.0[1];
        second.click("#burst").await;
        second.until(&format!("!{}", says("pressure", "0 times"))).await;
    }

    async fn kill_the_server(&self) {
        self.0[0].click("#kill").await;
        let mut enough = Vec::new();
        for page in &self.0 {
            page.until(&says("room", "is gone")).await;
            let before = number(page, &lane("reliable", DELIVERED)).await;
            enough.push(format!("{} >= {before} + 50", lane("reliable", DELIVERED)));
        }
        for (page, enough) in self.0.iter().zip(&enough) {
            page.until(enough).await;
            page.until(OPEN).await;
        }
        self.has_missed_nothing().await;
    }

    async fn has_missed_nothing(&self) {
        for page in &self.0 {
            // What came by way of the server may be counted a moment later; what is
            // missed stays missed.
            page.until(&format!("{} === 0", lane("reliable", MISSED))).await;
        }
    }
}

/// Which room a page is in, as it is in its URL.
async fn room(page: &Browser) -> String {
    page.run("return location.search").await.as_str().unwrap().to_owned()
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

/// As it is run for phones: Firefox takes no relay at 127.0.0.1.
fn for_phones() -> Process {
    Process::run(program("webrtc").to_str().unwrap(), &["--lan"])
}

#[tokio::test]
async fn two_pages_in_chromium_go_on_through_loss_a_cut_and_the_end_of_the_server() {
    let server = for_phones();
    let pair = Pair::start(Engine::Chromium, server.address.port()).await;
    pair.reload().await;
    pair.lose().await;
    pair.cut_and_mend().await;
    pair.go_around().await;
    pair.go_directly().await;
    pair.kill_the_server().await;
    pair.send_too_many().await;
}

#[tokio::test]
async fn two_pages_in_firefox_go_on_through_loss_a_cut_and_the_end_of_the_server() {
    let alone = serve();
    let pair = Pair::start(Engine::Firefox, alone.address.port()).await;
    set(&pair.0[0], "way", "relay").await;
    for page in &pair.0 {
        page.until(&says("path", "Firefox does not take 127.0.0.1")).await;
        page.until(&format!("{} > 5", lane("server", DELIVERED))).await;
    }
    let server = for_phones();
    pair.meet(server.address.port()).await;
    pair.lose().await;
    pair.cut_and_mend().await;
    pair.go_directly().await;
    pair.kill_the_server().await;
    alone.shut_down();
}

#[tokio::test]
async fn a_third_page_and_a_browser_without_webrtc_are_told_what_to_do() {
    let server = serve();
    let page = format!("http://localhost:{}/", server.address.port());
    let browser = Browser::start("webrtc-third").await;
    browser.open(&page).await;
    let first = browser.windows().await.remove(0);
    browser.until("location.search.length === 10").await;
    let code = room(&browser).await;
    let second = browser.open_window(&format!("{page}{code}")).await;
    browser.until(&says("room", "both pages are here")).await;
    assert_eq!(browser.violations().await, [""; 0]);
    let third = browser.open_window(&format!("{page}{code}")).await;
    browser.until(&says("room", "has two pages already")).await;

    browser.run_before_pages("delete window.RTCPeerConnection").await;
    browser.open(&page).await;
    browser.until(&says("path", "has no RTCPeerConnection")).await;
    browser.until("location.search.length === 10").await;
    let code = room(&browser).await;
    // Its samples go by way of the server; the page that was left is told so.
    browser.switch_to(&second).await;
    browser.open(&format!("{page}{code}")).await;
    browser.until(&format!("{} > 2", lane("server", DELIVERED))).await;
    browser.switch_to(&third).await;
    browser.until(&says("path", "by way of the server")).await;
    browser.switch_to(&first).await;
    browser.until(&says("room", "the other page has left")).await;
    server.shut_down();
}
