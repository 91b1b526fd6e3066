//! What a page shows of both sides of a proxy, when a lens stands on each.

use browser_tests::Browser;
use serde_json::json;

use crate::workshop::Stage;

/// The bytes of a side that have a label, as text.
fn bytes(side: &str, label: &str) -> String {
    format!(
        "[...document.querySelectorAll('.block.{side} [data-label=\"{label}\"]')]
           .map((unit) => unit.textContent)"
    )
}

/// What the page says that the proxy changed.
const CHANGED: &str = "[...document.querySelectorAll('.line.changed')].map((line) => line.textContent)";

async fn until_says(browser: &Browser, what: &str, parts: &[&str]) {
    for part in parts {
        browser
            .until(&format!(
                "{CHANGED}.some((line) => line.includes('the {what}') && line.includes('{part}'))"
            ))
            .await;
    }
}

#[tokio::test]
async fn what_nginx_changes_is_seen_on_both_sides() {
    let stage = Stage::set("both", "nginx", "as-it-comes", "http").await;
    changes_are_counted_once(&stage).await;
    why_it_refuses_a_websocket_stays_in_sight(&stage).await;
    stage.end().await;
}

async fn changes_are_counted_once(stage: &Stage) {
    let Stage { browser, port, .. } = stage;
    let (hub, lens) = (port - 1000, port + 100);
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://localhost:{hub}/wire/sse?proxy={lens}")).await;
    let request = [
        "HTTP/1.1 → HTTP/1.0".to_owned(),
        format!("Host: localhost:{} → 127.0.0.1:{}", lens + 4, hub + 4),
        "Connection: keep-alive → close".to_owned(),
    ];
    until_says(browser, "request", &request.each_ref().map(String::as_str)).await;
    until_says(browser, "response", &["− x-accel-buffering"]).await;
    // The samples are on both sides.
    for side in ["before", "behind"] {
        let ids = bytes(side, "sse-id");
        browser.until(&format!("{ids}.length >= 3")).await;
    }
    // It follows them, below what the proxy changed.
    browser.until("document.querySelector('#newest').hidden").await;
    // Of the page's own scripts there is nothing, on either side.
    for side in ["before", "behind"] {
        let targets =
            browser.run(&format!("return {}", bytes(side, "target"))).await;
        assert_eq!(targets, json!(["/api/v1/live-data"]), "{side}");
    }
    assert_eq!(
        browser.run(&format!("return {CHANGED}.length")).await,
        json!(2),
        "of the request and of the response, once"
    );
    what_changed_is_in_sight(browser, "wire-both-sides", &["HTTP/1.1 → HTTP/1.0"])
        .await;
    // They cost what passed the server's lens.
    let mut presenter = stage.workshop.presenter();
    presenter.send(&json!({"watch": {"accounts": true}}));
    let all =
        presenter.until("accounts", |all| all["sse"]["samples"].as_u64() > Some(2));
    assert_eq!(
        (&all["sse"]["open"], &all["sse"]["requests"]),
        (&json!(1), &json!(1))
    );
}

/// On a projector and on a phone, however far the bytes have scrolled.
async fn what_changed_is_in_sight(browser: &Browser, name: &str, parts: &[&str]) {
    for (width, height, colors) in [(1366, 625, "light"), (360, 740, "dark")] {
        browser.look(width, height, colors).await;
        let seen = "((box, line) => {
            const [around, own] = [box, line].map((it) => it.getBoundingClientRect());
            return own.top >= around.top && own.bottom <= around.bottom
              && around.bottom < innerHeight * 0.7 ? line.textContent : '';
        })";
        let changed = "document.querySelector('#changed[role=status]')";
        for part in parts {
            browser
                .until(&format!(
                    "{seen}({changed}, {changed}.querySelector('.request')).includes('{part}')"
                ))
                .await;
        }
        browser.screenshot(&format!("{name}-{width}")).await;
    }
}

async fn why_it_refuses_a_websocket_stays_in_sight(stage: &Stage) {
    let Stage { browser, port, .. } = stage;
    browser.look(1366, 625, "light").await;
    let (hub, lens) = (port - 1000, port + 100);
    browser
        .open(&format!("http://localhost:{hub}/wire/websocket?proxy={lens}"))
        .await;
    // It has come back, and was refused again.
    let requests = bytes("behind", "target");
    browser.until(&format!("{requests}.length >= 3")).await;
    let parts = ["− Upgrade", "Connection: Upgrade → close"];
    what_changed_is_in_sight(browser, "wire-both-refused", &parts).await;
}

#[tokio::test]
async fn before_a_proxy_with_tls_all_is_encrypted() {
    let stage = Stage::set("sealed", "caddy", "right", "https").await;
    let Stage { browser, port, .. } = &stage;
    browser.look(1280, 720, "dark").await;
    browser.open(&format!("https://localhost:{}/wire/sse", port + 100)).await;
    browser
        .until(&format!(
            "{CHANGED}.some((line) => line.includes('encrypted (TLS)'))"
        ))
        .await;
    browser.until(&format!("{}.length >= 3", bytes("behind", "sse-id"))).await;
    browser.until(&format!("{}.length", bytes("before", "opaque"))).await;
    assert_eq!(
        browser.run(&format!("return {}", bytes("before", "sse-id"))).await,
        json!([])
    );
    browser.screenshot("wire-both-sides-tls").await;
    stage.end().await;
}
