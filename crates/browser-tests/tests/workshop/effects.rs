//! What each effect of the lens does to the five pages.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Five;

const STREAMS: [&str; 3] = ["http-stream", "sse", "websocket"];
const CUT: &str = "events.some(({ type }) => type === 'failed')";

/// How late each sample was that came after a time, in ms, by technique. The browser's
/// clock is the server's: they are one machine.
const LATE: &str = "return Object.fromEntries(Object.entries(seen).map(([name, events]) =>
    [name, events.filter(({ type, sample }) => type === 'sample' && sample.at > since)
      .map(({ time, sample }) => time - sample.at)]))";

#[tokio::test]
async fn each_effect_does_to_each_technique_what_is_said_of_it() {
    let flags = ["--every", "400ms", "--heartbeat", "30s", "--weather", "24h"];
    let mut five = Five::open("effects", &flags).await;
    five.nothing_missed().await;

    // slice: whole samples all the same.
    five.put_on(json!({"effect": "slice"}));
    five.take().await;
    let five_more = "events.filter(({ type }) => type === 'sample').length >= 5";
    five.all("get five samples in slices", five_more).await;
    let cut = format!("return Object.values(seen).some((events) => {CUT})");
    assert_eq!(five.browser.run(&cut).await, false, "slices cut nothing");
    five.all_off();
    five.nothing_missed().await;

    // delay: everything is later, each by its own number of ways.
    five.put_on(json!({"effect": "delay", "ms": 500, "jitter": 0}));
    five.browser.run("window.since = Date.now() + 600").await;
    let two_late = "events.filter(({ type, sample }) => type === 'sample'
        && sample.at > since).length >= 2";
    five.all("get two late samples", two_late).await;
    let late = five.browser.run(LATE).await;
    for (name, late) in late.as_object().unwrap() {
        for late in late.as_array().unwrap() {
            assert!(late.as_f64().unwrap() >= 450.0, "{name}: {late}");
        }
    }
    five.all_off();
    five.nothing_missed().await;

    // throttle: short polls don't pile up.
    five.put_on(json!({"effect": "throttle", "bytes_per_second": 1000}));
    five.take().await;
    five.these(
        &["short-poll"],
        "polls twice",
        "events.filter(({ type }) => type === 'response').length >= 2",
    )
    .await;
    let open =
        "let open = 0; return Math.max(...seen['short-poll'].map(({ type }) =>
        open = type === 'request' ? open + 1 : type === 'response' ? 0 : open))";
    assert_eq!(five.browser.run(open).await, 1, "one question at a time");
    five.all_off();
    five.nothing_missed().await;

    // buffer: at a rhythm that fills no buffer, the streams come in lumps all the same; the
    // others as they did.
    for name in ["http-stream", "sse"] {
        assert!(five.promise("buffer", name).await.contains("for 8 s"), "{name}");
    }
    five.put_on(json!({"effect": "buffer"}));
    five.take().await;
    let lump = "events.some(({ type, sample, time }, at) => type === 'sample'
        && events.slice(at).filter((other) => other.type === 'sample'
          && other.time - time < 150).some((other) => other.sample.at - sample.at > 700))";
    five.these(&["http-stream", "sse"], "get a lump", lump).await;
    let in_time = "events.filter(({ type }) => type === 'sample')
        .some((_, at, samples) => samples.length >= at + 20 && samples.slice(at, at + 20)
          .every(({ time, sample }) => time - sample.at < 500))";
    five.these(&["websocket"], "get 20 in time: it is not buffered", in_time).await;
    five.all_off();
    five.nothing_missed().await;

    // cut: clients that had an open connection notice it and reconnect.
    five.take().await;
    five.put_on_once("cut");
    five.these(&STREAMS, "notice the cut", CUT).await;
    let by_itself =
        "return seen.sse.filter(({ type }) => type === 'failed')[0].ms ?? null";
    assert_eq!(five.browser.run(by_itself).await, Value::Null, "the browser's own");
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

    // refuse, for ten seconds: waits drawn each by itself, below a limit that doubles; then all are back.
    five.take().await;
    five.put_on(json!({"effect": "refuse"}));
    let refused = Instant::now();
    let tries = "events.filter(({ type }) => type === 'failed' || type === 'refused').length >= 3";
    five.these(
        &["short-poll", "long-poll", "http-stream", "websocket"],
        "try three times",
        tries,
    )
    .await;
    five.browser
        .until(&format!(
            "performance.timeOrigin + performance.now() > {} + 10000",
            five.browser
                .run(
                    "return window.refusedAt ??= performance.timeOrigin
            + performance.now()"
                )
                .await
        ))
        .await;
    assert!(refused.elapsed() >= Duration::from_secs(10));
    let waits = "return Object.fromEntries(Object.entries(seen).map(([name, events]) =>
        [name, events.filter(({ ms }) => ms !== undefined)
          .filter(({ type }) => type === 'failed' || type === 'refused').map(({ ms }) => ms)]))";
    let waits = five.browser.run(waits).await;
    for name in ["short-poll", "long-poll", "http-stream", "websocket"] {
        let waits: Vec<f64> = waits[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|wait| wait.as_f64().unwrap())
            .collect();
        assert!(
            waits
                .iter()
                .zip(0..)
                .all(|(wait, failures)| *wait
                    <= 8000f64.min(500.0 * 2f64.powi(failures))),
            "{name}: {waits:?}"
        );
        assert!(waits.iter().any(|wait| *wait > 500.0), "{name} grows: {waits:?}");
        assert!(
            waits.windows(2).all(|pair| pair[0] != pair[1]),
            "{name}: {waits:?}"
        );
    }
    five.all_off();
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
