//! The comparison, while connections are broken and after a restart.

use std::process::Command;

use browser_tests::{Browser, TECHNIQUES, program};
use serde_json::json;
use testkit::{Workshop, free_ports};

use crate::{Five, RECORD};

/// In the window of a small projector, below all of a browser's bars.
#[tokio::test]
async fn a_lane_is_whole_while_nothing_gets_through() {
    let mut five = Five::open("compare-refused", &["--every", "300ms"]).await;
    five.browser.look(1280, 577, "light").await;
    five.put_on(json!({"effect": "refuse"}));
    five.put_on_once("cut");
    five.all("are refused", "events.some(({ type }) => type === 'failed')").await;
    for technique in TECHNIQUES {
        let lane = format!("#lanes [data-technique={}] iframe", technique.name);
        five.browser.enter_frame_of(&lane).await;
        five.browser
            .until(
                "/^disconnected/.test(document.querySelector('.words').textContent)",
            )
            .await;
        let cut = "const [status, value, main] = ['.status', '.value', 'main']
                .map((part) => document.querySelector(part));
            const line = document.createRange();
            line.selectNodeContents(document.querySelector('.words'));
            return {
              lines: new Set([...line.getClientRects()].map(({ bottom }) => bottom)).size,
              wide: status.scrollWidth - status.clientWidth,
              tall: main.scrollHeight - main.clientHeight,
              below: Math.max(0, value.getBoundingClientRect().bottom - innerHeight),
            }";
        let whole = json!({"lines": 1, "wide": 0, "tall": 0, "below": 0});
        assert_eq!(five.browser.run(cut).await, whole, "{}", technique.name);
        five.browser.leave_frames().await;
    }
    five.browser.screenshot("compare-refused").await;
    five.browser.quit().await;
}

/// A browser does not try again to open a page in a frame.
#[tokio::test]
async fn a_page_that_was_opened_while_connections_are_refused_comes_back() {
    let mut five = Five::open("compare-late", &["--every", "300ms"]).await;
    five.put_on(json!({"effect": "refuse"}));
    five.browser.reload().await;
    five.browser.run(RECORD).await;
    for technique in TECHNIQUES {
        let lane = format!("#lanes [data-technique={}] iframe", technique.name);
        five.browser.until(&format!("document.querySelector('{lane}')")).await;
        five.browser.enter_frame_of(&lane).await;
        five.browser.until("location.protocol === 'chrome-error:'").await;
        five.browser.leave_frames().await;
    }
    five.all_off();
    five.all("have a sample", "events.some(({ type }) => type === 'sample')").await;
    five.browser.quit().await;
}

#[tokio::test]
async fn it_says_why_counting_began_again() {
    let base = free_ports(30, 0).to_string();
    let start = || {
        let mut command = Command::new(program("workshop"));
        Workshop::run(command.args(["--base-port", &base, "--every", "300ms"]))
    };
    let before = start();
    let browser = Browser::start("compare-again").await;
    browser.open(&format!("http://{}/compare", before.process.address)).await;
    let counts = "[...document.querySelectorAll('tbody td:nth-of-type(7)')]
        .every(({ textContent }) => textContent > 2)";
    browser.until(counts).await;
    browser.until_shows("#why", "").await;
    before.presenter().command(&json!({"reset": true}));
    browser.until_shows("#why", "The presenter reset the counters.").await;
    browser.until(counts).await;
    browser.click("#reset").await;
    browser.until_shows("#why", "").await;
    browser.until(counts).await;
    drop(before);
    let _after = start();
    browser.until_shows("#why", "The server restarted.").await;
    browser.until(counts).await;
    browser.quit().await;
}
