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
async fn what_nginx_changes_is_seen_on_both_sides_and_counted_once() {
    let stage = Stage::set("both", "nginx", "as-it-comes", "http").await;
    let Stage { browser, port, .. } = &stage;
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
    browser.screenshot("wire-both-sides").await;
    // The samples are on both sides.
    for side in ["before", "behind"] {
        let ids = bytes(side, "sse-id");
        browser.until(&format!("{ids}.length >= 3")).await;
    }
    browser.look(360, 740, "dark").await;
    browser.screenshot("wire-both-sides-phone").await;
    // They cost what passed the server's lens.
    let mut presenter = stage.workshop.presenter();
    presenter.send(&json!({"watch": {"accounts": true}}));
    let all =
        presenter.until("accounts", |all| all["sse"]["samples"].as_u64() > Some(2));
    assert_eq!(
        (&all["sse"]["open"], &all["sse"]["requests"]),
        (&json!(1), &json!(1))
    );
    stage.end().await;
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
