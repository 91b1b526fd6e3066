//! What each effect of the lens does to the five pages.

use serde_json::{Value, json};

use crate::Five;

const STREAMS: [&str; 3] = ["http-stream", "sse", "websocket"];

#[tokio::test]
async fn a_held_request_is_repeated_and_idle_connections_come_back() {
    let flags = ["--every", "400ms", "--heartbeat", "30s", "--weather", "24h"];
    let mut five = Five::open("effects", &flags).await;
    five.nothing_missed().await;

    // cut, while a long poll is held: Chromium repeats the GET, and its page hears nothing.
    five.presenter.command(&json!({"feed": {"paused": true}}));
    five.presenter.until("room", |room| room["paused"] == true);
    let newest = five.presenter.room()["newest"].as_u64().unwrap();
    let held = format!(
        "events.at(-1)?.type === 'request'
           && events.findLast(({{ type }}) => type === 'sample')?.sample.seq === {newest}"
    );
    five.these(&["long-poll"], "hold a question", &held).await;
    five.take().await;
    five.put_on_once("cut");
    let promise = five.promise("cut", "long-poll").await;
    assert!(promise.contains("the browser without a word to it"), "{promise}");
    assert!(promise.contains("asks again at once: 0 missed"), "{promise}");
    let of_the_poll = |connection: &Value| {
        let target = connection["target"].as_str().unwrap_or_default();
        target.starts_with("/long-polling")
    };
    let cut = five.presenter.until("connection", |connection| {
        of_the_poll(connection) && connection["how"] == "cut"
    });
    let next = five.presenter.until("connection", |connection| {
        of_the_poll(connection) && connection["closed"].is_null()
    });
    let [cut, next] =
        [&cut["closed"], &next["opened"]].map(|at| at.as_i64().unwrap());
    assert!(next - cut < 1000, "after {} ms is not at once", next - cut);
    let told = "return seen['long-poll'] ?? []";
    assert_eq!(five.browser.run(told).await, json!([]), "the page is told nothing");
    five.presenter.command(&json!({"feed": {"paused": false}}));
    five.nothing_missed().await;

    // idle_kill: a silent stream ends, and is back.
    five.presenter.command(&json!({"feed": {"paused": true}}));
    five.presenter.until("room", |room| room["paused"] == true);
    five.take().await;
    five.put_on(json!({"effect": "idle_kill", "seconds": 1}));
    let twice = "events.filter(({ type }) => type === 'failed').length >= 2";
    five.these(&STREAMS, "are ended while idle", twice).await;
    // One that opened comes back at once each time; a question that nothing answers does not.
    let first_wait = "events.every(({ ms }) => ms === undefined || ms <= 500)";
    for name in ["http-stream", "websocket"] {
        assert!(five.promise("idle_kill", name).await.contains("at once"), "{name}");
        five.these(&[name], "come back at once", first_wait).await;
    }
    let promise = five.promise("idle_kill", "long-poll").await;
    assert!(promise.contains("doubles up to 8 s"), "{promise}");
    five.these(&["long-poll"], "wait longer", "events.some(({ ms }) => ms > 500)")
        .await;
    five.all_off();
    five.presenter.command(&json!({"feed": {"paused": false}}));
    five.nothing_missed().await;

    let loaded = "return performance.getEntriesByType('navigation').length";
    assert_eq!(five.browser.run(loaded).await, 1, "without a reload");
    five.browser.quit().await;
}

/// How long each page waits for a sign of life, in seconds; its client.js says so.
const SILENCE_TIMEOUTS: [(&str, u64); 5] = [
    ("short-poll", 10),
    ("http-stream", 40),
    ("sse", 40),
    ("websocket", 40),
    ("long-poll", 75),
];

#[tokio::test]
async fn silence_is_noticed_within_the_time_that_each_page_promises() {
    let mut five = Five::open("silence", &["--every", "400ms"]).await;
    five.take().await;
    five.browser
        .run("window.stalled = performance.timeOrigin + performance.now()")
        .await;
    five.put_on(json!({"effect": "stall"}));
    for (name, seconds) in SILENCE_TIMEOUTS {
        let words = format!("`${{reason}}`.includes('{seconds} s of silence')");
        let noticed = format!("events.some(({{ reason }}) => {words})");
        five.these(&[name], "notice the silence", &noticed).await;
        let after = format!(
            "return (seen['{name}'].find(({{ reason }}) => {words}).time - stalled) / 1000"
        );
        let after = five.browser.run(&after).await.as_f64().unwrap();
        let promise = five.promise("stall", name).await.to_lowercase();
        assert!(
            promise.contains(&format!("after {seconds} s")),
            "{name}: {promise}"
        );
        // A request may have begun a moment before or after.
        assert!(
            (seconds as f64 - 2.0..seconds as f64 + 12.0).contains(&after),
            "{name} after {after} s"
        );
        five.presenter.room(); // who does not read is left
    }
    five.all_off();
    five.nothing_missed().await;
    // No server gave up on a request that was held back.
    let refused = "return Object.entries(seen).flatMap(([name, events]) => events
        .filter(({ type, reason }) => type === 'refused' || /gave up|408/.test(reason))
        .map(({ type, reason }) => `${name}: ${type}, ${reason}`))";
    assert_eq!(five.browser.run(refused).await, json!([]));
    // The lens passed on what it had held back, to a WebSocket that no page listened to.
    let said = r"/WebSocket: [1-9]\d* of its samples went to a connection that this page had given up/";
    let caption = "document.querySelector('#caption').textContent";
    five.browser.until(&format!("{said}.test({caption})")).await;
    five.browser.quit().await;
}
