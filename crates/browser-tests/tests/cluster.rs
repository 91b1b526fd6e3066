//! `broker cluster` and its page: a server is killed in front of people, and nobody loses a
//! sample.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{net::TcpStream, time::Duration};

use browser_tests::{Browser, Cluster, FAINT};
use serde_json::json;

/// The card of a process.
fn card(name: &str) -> String {
    format!(
        "[...document.querySelectorAll('#members li')].find((card) =>
            card.querySelector('h2').textContent === '{name}')"
    )
}

/// Presses the button of a process, once it is called so, and waits for what that does.
async fn press(browser: &Browser, name: &str, button: &str, state: &str) {
    let card = card(name);
    browser
        .until(&format!(
            "{card}?.querySelector('button')?.textContent === '{button}'"
        ))
        .await;
    browser.run(&format!("{card}.querySelector('button').click()")).await;
    browser
        .until(&format!(
            "{card}.querySelector('.state').textContent.includes('{state}')"
        ))
        .await;
}

/// What the page says of a restart.
const RESTART: &str = "document.querySelector('#restart').textContent";

/// What each lane says that it was given.
const SCORES: &str = "[...document.querySelectorAll('.lane .given')].slice(1)
    .map((score) => score.textContent.match(/\\d+/g)?.map(Number) ?? [0])";

/// Waits until each lane has more samples, and none is missed or duplicated.
async fn more(browser: &Browser, restarts: u64) {
    browser.run(&format!("window.before = {SCORES}")).await;
    browser
        .until(&format!(
            "{SCORES}.every(([count], lane) => count > before[lane][0] + 1)"
        ))
        .await;
    let scores = browser.run(&format!("return {SCORES}")).await;
    for score in scores.as_array().unwrap() {
        let expected = match restarts {
            0 => json!([score[0], 0, 0]),
            _ => json!([score[0], 0, 0, restarts]),
        };
        assert_eq!(*score, expected, "{scores}");
    }
}

/// The techniques that are at a server.
fn at(name: &str) -> String {
    format!("({}?.querySelectorAll('.at').length ?? 0)", card(name))
}

#[tokio::test]
async fn a_server_is_killed_and_nobody_loses_a_sample() {
    let mut cluster = Cluster::start(0, &["2", "--every", "200ms"]);
    let browser = Browser::start("cluster").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/", cluster.presenter)).await;
    browser.until(&format!("{} + {} === 5", at("Server 1"), at("Server 2"))).await;
    browser
        .until(&format!("{} > 0 && {} > 0", at("Server 1"), at("Server 2")))
        .await;
    more(&browser, 0).await;
    browser.screenshot("cluster").await;

    press(&browser, "Server 1", "Kill server 1", "is dead").await;
    browser.until(&format!("{} === 5", at("Server 2"))).await;
    more(&browser, 0).await;
    press(&browser, "Server 1", "Start server 1", "runs").await;
    press(&browser, "Server 2", "Kill server 2", "is dead").await;
    browser.until(&format!("{} === 5", at("Server 1"))).await;
    more(&browser, 0).await;
    // The last digits are of the server that is left, in every lane.
    browser
        .until(
            "[...document.querySelectorAll('#lanes ol')].every((lane) =>
                lane.lastChild.textContent === '1')",
        )
        .await;
    browser.screenshot("cluster-killed").await;
    press(&browser, "Server 2", "Start server 2", "runs").await;
    assert_eq!(browser.run(&format!("return {RESTART}")).await, "", "none so far");
    press(&browser, "Broker", "Kill broker", "is dead").await;
    press(&browser, "Broker", "Start broker", "runs").await;
    browser.until(&format!("{SCORES}.every((score) => score[3] === 1)")).await;
    browser.until(&format!("{RESTART}.startsWith('A restart: the broker')")).await;
    more(&browser, 1).await;

    for (width, height, colors) in [(1280, 720, "dark"), (360, 740, "light")] {
        browser.look(width, height, colors).await;
        let faint = browser.run(FAINT).await;
        assert_eq!(faint, json!([]), "{width} × {height}, {colors}");
        let wide = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.run(wide).await, false, "{width}");
        browser.screenshot(&format!("cluster-{width}-{colors}")).await;
    }
    browser.look(1280, 720, "light").await;
    let high = "return document.documentElement.scrollHeight > innerHeight";
    assert_eq!(browser.run(high).await, false, "it fits a projector");
    // axe has a rule for each of its words; the frames are pages of their own.
    assert_eq!(browser.violations().await, [""; 0]);

    // Attendees see the same, and have no button.
    browser.open(&format!("http://{}/", cluster.page)).await;
    browser.until("document.querySelectorAll('#members li').length === 4").await;
    assert_eq!(
        browser.run("return document.querySelectorAll('button').length").await,
        0
    );

    let time = cluster.end();
    assert!(time < Duration::from_secs(2), "{time:?}");
    for address in [cluster.page, cluster.presenter, cluster.broker] {
        assert!(TcpStream::connect(address).is_err(), "{address} is left");
    }
    browser.quit().await;
}
