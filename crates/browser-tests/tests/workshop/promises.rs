//! What the desk promises: each of its sentences, and that it comes true. (*Stall* is in
//! `effects`: it takes as long as the pages' patience.)

use serde_json::json;

use crate::Five;

/// For a technique: words of the desk's sentence, and what its page tells when they come
/// true, as an expression over its `events` since the effect began.
type Promise = (&'static str, &'static str, &'static str);

/// So many samples came, and none of the connections ended.
const GOES_ON: &str = "samples(events).length >= 5
    && !events.some(({ type }) => type === 'failed' || type === 'refused')";

const DELAY: [Promise; 5] = [
    (
        "short-poll",
        "Each poll takes twice the delay",
        "round(events) >= 1000 && areLate(events)",
    ),
    (
        "long-poll",
        "samples that come quickly arrive together",
        "events.some(({ type, samples }) => type === 'response' && samples >= 2)
         && areLate(events)",
    ),
    ("http-stream", "everything is later by the delay, once", ONCE_LATE),
    ("sse", "everything is later by the delay, once", ONCE_LATE),
    ("websocket", "Everything is later by the delay, once.", ONCE_LATE),
];
const ONCE_LATE: &str =
    "areLate(events) && samples(events).slice(3).some(({ time, sample }) =>
    time - sample.at >= 450 && time - sample.at < 950)";

const SLICE: [Promise; 5] = [
    ("short-poll", "Nothing breaks: the head ends with an empty line", GOES_ON),
    ("long-poll", "Nothing breaks: the head ends with an empty line", GOES_ON),
    ("http-stream", "Nothing breaks, since the page splits at newlines", GOES_ON),
    ("sse", "Nothing breaks: the browser puts lines and events together", GOES_ON),
    ("websocket", "Nothing breaks: a frame says how long it is", GOES_ON),
];

const BUFFER: [Promise; 5] = [
    ("short-poll", "Nothing to see: short, whole responses pass", QUICK_ROUND),
    ("long-poll", "Nothing to see: short, whole responses pass", IN_TIME),
    ("http-stream", "Nothing for 8 s, then what came meanwhile", LUMPS),
    ("sse", "Nothing for 8 s, then what came meanwhile", LUMPS),
    ("websocket", "Nothing to see: it is no HTTP response any more", IN_TIME),
];
const QUICK_ROUND: &str =
    "count(events, 'response') >= 4 && round(events.slice(-12)) < 1000";
/// Twenty in a row: the browser was busy with something else before, at most.
const IN_TIME: &str = "samples(events).some((_, at, all) => all.length >= at + 20
    && all.slice(at, at + 20).every(({ time, sample }) => time - sample.at < 500))";
/// Two samples that were published 3 s apart arrive together.
const LUMPS: &str =
    "samples(events).some((first, at, all) => all.slice(at).some((last) =>
    last.time - first.time < 200 && last.sample.at - first.sample.at > 3000))";

const CUT: [Promise; 5] = [
    ("short-poll", "Nothing to see, unless it hits a request", ANSWERED),
    ("long-poll", "The held request fails. The page, or the browser", ANSWERED),
    ("http-stream", "the page comes back by itself within half a second", BACK_SOON),
    ("sse", "comes back by itself in 2 to 3 s, with Last-Event-ID", BACK_LATER),
    (
        "websocket",
        "code 1006, and comes back by itself within half a second",
        BACK_1006,
    ),
];
const ANSWERED: &str = "count(events, 'response') >= 2";
/// The wait is below half a second; the rest is the connection's.
const BACK_SOON: &str =
    "failed(events)?.ms <= 500 && back(events) - failed(events).time < 3000";
const BACK_1006: &str =
    "failed(events)?.reason.includes('1006') && failed(events).ms <= 500
     && back(events) - failed(events).time < 3000";
const BACK_LATER: &str = "failed(events) && failed(events).ms === undefined
    && back(events) - failed(events).time > 1900 && back(events) - failed(events).time < 6000";

const IDLE_TIMEOUT: [Promise; 5] = [
    // The default, 5 s, is longer than the polls' interval.
    (
        "short-poll",
        "Nothing to see while polls are more frequent",
        "count(events, 'response') >= 6 && !failed(events)",
    ),
    (
        "long-poll",
        "With the feed paused, the held request is closed",
        "failed(events) && events.some(({ ms }) => ms > 0)",
    ),
    (
        "http-stream",
        "closed before its heartbeat of 15 s. The page comes back at once",
        "failed(events).time - begun < 15000 && back(events)",
    ),
    (
        "sse",
        "Nothing to see, even with the feed paused: the weather comes every 3 s",
        "events.filter(({ word }) => word === 'weather').length >= 4 && !failed(events)",
    ),
    (
        "websocket",
        "closed before its ping of 15 s: 1006. The page comes back at once",
        "failed(events).reason.includes('1006') && failed(events).time - begun < 15000
         && back(events)",
    ),
];

const REFUSE: [Promise; 5] = [
    ("short-poll", GROWING, GROWS),
    ("long-poll", GROWING, GROWS),
    ("http-stream", GROWING, GROWS),
    (
        "sse",
        "tries again every 2 to 3 s by itself; its waits don’t grow",
        "tries(events).length >= 4 && tries(events).slice(1).every(({ time }, at) =>
           time - tries(events)[at].time > 1900 && time - tries(events)[at].time < 6000)",
    ),
    ("websocket", GROWING, GROWS),
];
const GROWING: &str = "each at random below a limit that doubles: 0.5 s, 1, 2, 4, 8";
const GROWS: &str =
    "tries(events).length >= 4 && tries(events).every(({ ms }, at) =>
    ms <= Math.min(8000, 500 * 2 ** at) && ms !== tries(events)[at - 1]?.ms)
    && tries(events).some(({ ms }) => ms > 500) && Date.now() > begun + 10000";

const RESTART: [Promise; 5] = [
    (
        "short-poll",
        "A poll or two may fail. The next one is answered.",
        "tries(events).length <= 2 && count(events, 'response') >= 2",
    ),
    (
        "long-poll",
        "answered 503 with Retry-After: 2. All are back in 2 to 4 s",
        "events.some(({ type, reason }) => type === 'refused' && reason.includes('503'))
         && events.find(({ ms }) => ms >= 2000).ms <= 4000 && answered(events)",
    ),
    (
        "http-stream",
        "A last line says bye. The page comes back within a second or two",
        "ended(events) && back(events) - ended(events).time < 8000",
    ),
    (
        "sse",
        "A last event says bye. The browser comes back by itself in 2 to 6 s",
        "failed(events)?.reason === 'the server shuts down'
         && back(events) - failed(events).time > 1900 && back(events) - failed(events).time < 10000",
    ),
    (
        "websocket",
        "code 1001, “the server is shutting down”. The page comes back",
        "failed(events)?.reason.includes('1001: the server is shutting down')
         && back(events) - failed(events).time < 8000",
    ),
];

const THROTTLE: [Promise; 5] = [
    (
        "short-poll",
        "After a burst of 100, none is done within its 10 s",
        "failed(events)?.reason.includes('10 s')",
    ),
    (
        "long-poll",
        "Each sample waits for the head of its response",
        "samples(events).slice(1).some(({ time, sample }) => time - sample.at > 1000)",
    ),
    ("http-stream", "A burst of 100 takes half a minute", "lasts(events, 20, 45)"),
    ("sse", "A burst of 100 takes most of a minute", "lasts(events, 35, 65)"),
    ("websocket", "A burst of 100 takes half a minute", "lasts(events, 20, 45)"),
];

/// What the expressions say.
const WORDS: &str = "
    window.samples = (events) => events.filter(({ type }) => type === 'sample');
    window.count = (events, type) => events.filter((event) => event.type === type).length;
    window.tries = (events) => events.filter(({ type }) => type === 'failed' || type === 'refused');
    window.failed = (events) => events.find(({ type }) => type === 'failed');
    window.ended = (events) => events.find(({ type }) => type === 'ended' || type === 'failed');
    // When it was back after the connection ended.
    window.back = (events) => {
      const end = ended(events);
      return events.find(({ type, time }) => type === 'opened' && time > end?.time)?.time;
    };
    // Whether each sample of a second later, and some there are, was held back as long.
    window.areLate = (events) => {
      const late = samples(events).filter(({ sample }) => sample.at > begun + 1000);
      return late.length >= 2 && late.every(({ time, sample }) => time - sample.at >= 450);
    };
    window.answered = (events) => {
      const last = events.findLastIndex(({ type }) => type === 'refused');
      return events.slice(last).some(({ type }) => type === 'response');
    };
    // How long the longest request waited for its response, in ms.
    window.round = (events) => {
      let sent;
      return Math.max(0, ...events.map(({ type, time }) => {
        if (type === 'request') sent = time;
        return type === 'response' && sent ? time - sent : 0;
      }));
    };
    // Whether the burst took so many seconds to arrive.
    window.lasts = (events, from, to) => {
      const burst = samples(events).filter(({ sample }) => sample.seq > burstAfter
        && sample.seq <= burstAfter + 100);
      const took = burst.length === 100 && (burst.at(-1).time - burstAt) / 1000;
      return took && took >= from && took <= to;
    };";

impl Five {
    /// Whether the desk says these words of an effect, and they come true.
    async fn keeps(&self, effect: &str, promises: &[Promise; 5]) {
        for (technique, words, _) in promises {
            let promise = self.promise(effect, technique).await;
            assert!(promise.contains(words), "{effect}, {technique}: {promise}");
        }
        for (technique, words, comes_true) in promises {
            self.these(&[*technique], words, comes_true).await;
        }
    }

    /// What the pages tell counts from now on.
    async fn begin(&self) {
        self.browser.run(WORDS).await;
        self.take().await;
        self.browser
            .run("window.begun = performance.timeOrigin + performance.now()")
            .await;
    }

    async fn keeps_while_on(
        &mut self,
        effect: serde_json::Value,
        promises: &[Promise; 5],
    ) {
        self.begin().await;
        self.put_on(effect.clone());
        self.keeps(effect["effect"].as_str().unwrap(), promises).await;
        self.all_off();
        self.nothing_missed().await;
    }
}

#[tokio::test]
async fn what_the_desk_promises_comes_true() {
    let mut five = Five::open("promises", &["--every", "400ms"]).await;
    let delay = json!({"effect": "delay", "ms": 500, "jitter": 0});
    five.keeps_while_on(delay, &DELAY).await;
    five.keeps_while_on(json!({"effect": "slice"}), &SLICE).await;
    five.keeps_while_on(json!({"effect": "buffer"}), &BUFFER).await;
    five.keeps_while_on(json!({"effect": "refuse"}), &REFUSE).await;
    five.begin().await;
    five.put_on_once("cut");
    five.keeps("cut", &CUT).await;
    five.nothing_missed().await;
    // While nothing is published, a long poll is held.
    five.presenter.command(&json!({"feed": {"paused": true}}));
    five.presenter.until("room", |room| room["paused"] == true);
    five.nothing_missed().await;
    five.these(
        &["long-poll"],
        "hold a request",
        "events.at(-1)?.type === 'request'",
    )
    .await;
    five.begin().await;
    for (technique, ..) in RESTART {
        five.presenter.command(&json!({"restart": technique}));
    }
    five.keeps("restart", &RESTART).await;
    five.nothing_missed().await;
    five.keeps_while_on(json!({"effect": "idle_kill", "seconds": 5}), &IDLE_TIMEOUT)
        .await;
    let loaded = "return performance.getEntriesByType('navigation').length";
    assert_eq!(five.browser.run(loaded).await, 1, "without a reload");
    five.browser.quit().await;
}

#[tokio::test]
async fn a_throttle_is_as_slow_as_the_desk_says() {
    let mut five = Five::open("throttled", &["--every", "1h"]).await;
    let throttle = json!({"effect": "throttle", "bytes_per_second": 200});
    five.begin().await;
    let newest = five.presenter.room()["newest"].as_u64().unwrap();
    let burst = format!(
        "window.burstAfter = {newest};
         window.burstAt = performance.timeOrigin + performance.now()"
    );
    five.put_on(throttle);
    assert!(five.promise("throttle", "short-poll").await.contains("takes seconds"));
    five.these(&["short-poll"], "take seconds", "round(events) >= 2000").await;
    let open =
        "let open = 0; return Math.max(...seen['short-poll'].map(({ type }) =>
        open = type === 'request' ? open + 1 : type === 'response' ? 0 : open))";
    assert_eq!(five.browser.run(open).await, 1, "requests don't pile up");
    five.browser.run(&burst).await;
    five.presenter.command(&json!({"feed": {"publish": 100}}));
    five.keeps("throttle", &THROTTLE).await;
    five.all_off();
    five.nothing_missed().await;
    five.browser.quit().await;
}
