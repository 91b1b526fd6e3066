//! The workshop in a real Chromium: what the pages show when the network misbehaves.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

use std::time::{Duration, Instant};

use browser_tests::{Browser, FAINT, TECHNIQUES, workshop};
use serde_json::{Value, json};
use stage::Technique;
use testkit::{Live, Workshop};

/// Writes down what the framed pages tell, by technique.
const RECORD: &str = "
    window.seen = {};
    addEventListener('message', ({ data }) => {
      if (data.event) (seen[data.technique] ??= []).push(data.event);
    });";

/// The five pages in one, with what each told.
struct Five {
    browser: Browser,
    presenter: Live,
    _workshop: Workshop,
}

impl Five {
    async fn open(name: &str, flags: &[&str]) -> Self {
        let workshop = workshop(flags);
        let presenter = workshop.presenter();
        let browser = Browser::start(name).await;
        browser.look(1280, 720, "light").await;
        browser.open(&format!("http://{}/compare", workshop.process.address)).await;
        browser.run(RECORD).await;
        let five = Self { browser, presenter, _workshop: workshop };
        five.all("have a sample", "events.some(({ type }) => type === 'sample')")
            .await;
        five
    }

    /// Waits until an expression over a page's `events` holds for each technique.
    async fn all(&self, what: &str, expression: &str) {
        let names = TECHNIQUES.map(|technique| technique.name);
        self.these(&names, what, expression).await;
    }

    async fn these(&self, names: &[&str], what: &str, expression: &str) {
        let holds = format!(
            "{}.every((technique) => ((events) => ({expression}))(seen[technique] ?? []))",
            json!(names)
        );
        let start = Instant::now();
        let look = format!(
            "return new Promise((done) => setTimeout(() => done({holds}), 50))"
        );
        while self.browser.run(&look).await != true {
            let seen = "return Object.fromEntries(Object.entries(seen)
                .map(([name, events]) => [name, events.slice(-6)]))";
            assert!(
                start.elapsed() < Duration::from_secs(100),
                "not all {what}: {:#}",
                self.browser.run(seen).await
            );
        }
    }

    /// What the desk promises of an effect on a technique.
    async fn promise(&self, effect: &str, technique: &str) -> String {
        let promise = format!(
            "return import('/workshop/presenter/expect.js')
               .then(({{ EXPECT }}) => EXPECT['{effect}']['{technique}'])"
        );
        self.browser.run(&promise).await.as_str().unwrap().to_owned()
    }

    /// What each page has told since the last call.
    async fn take(&self) -> Value {
        self.browser.run("const told = seen; seen = {}; return told").await
    }

    fn put_on(&mut self, mut effect: Value) {
        effect["on"] = json!(true);
        self.presenter.command(&json!({ "set": effect }));
        self.presenter.until("room", |room| room["effects"] != json!([]));
    }

    fn all_off(&mut self) {
        self.presenter.command(&json!({"off": true}));
        self.presenter.until("room", |room| room["effects"] == json!([]));
    }

    /// Every page goes on until it has the sample that is the newest now, and has had
    /// each one once.
    async fn nothing_missed(&mut self) {
        self.presenter.command(&json!({"feed": {"publish": 1}}));
        let newest = self.presenter.room()["newest"].as_u64().unwrap();
        let has = format!("events.some(({{ sample }}) => sample?.seq >= {newest})");
        self.all("have the newest", &has).await;
        let whole = "return Object.entries(all).filter(([, numbers]) =>
            numbers.some((number, at) => at > 0 && number !== numbers[at - 1] + 1))";
        let numbers =
            "window.all ??= {}; for (const [name, events] of Object.entries(seen))
            all[name] = events.filter(({ type }) => type === 'sample')
              .map(({ sample }) => sample.seq);";
        let holes = self.browser.run(&format!("{numbers} {whole}")).await;
        assert_eq!(holes, json!([]), "samples missed or doubled");
    }
}

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

    // buffer: the streams come in a lump, the others as they did.
    five.presenter.command(&json!({"feed": {"every": 50}}));
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
    five.presenter.command(&json!({"feed": {"every": 400}}));
    five.all_off();
    five.nothing_missed().await;

    // cut: who had an open connection notices and is back.
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

impl Five {
    /// What is over as soon as it is done stands in no list.
    fn put_on_once(&mut self, effect: &str) {
        self.presenter.command(&json!({"set": {"effect": effect, "on": true}}));
    }
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
    // The lens passed on what it had held back, to a WebSocket that no page listened to.
    let said = r"/WebSocket: [1-9]\d* of its samples went to a connection that this page had given up/";
    let caption = "document.querySelector('#caption').textContent";
    five.browser.until(&format!("{said}.test({caption})")).await;
    five.browser.quit().await;
}

#[tokio::test]
async fn a_stranger_sees_why_the_event_source_came_back_and_the_websocket_did_not() {
    let workshop = workshop(&["--every", "300ms"]);
    let browser = Browser::start("alone").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/chapter/sse", workshop.process.address)).await;
    // A card ticks itself when what it says was seen, and not before.
    browser.run(RECORD).await;
    browser.until("seen.sse?.some(({ type }) => type === 'sample')").await;
    let cut = "[...document.querySelectorAll('.card:not(.alone)')]
        .find((card) => card.querySelector('h3').textContent.includes('Cut: '))";
    let seen =
        browser.run(&format!("return {cut}.classList.contains('seen')")).await;
    assert_eq!(seen, false);
    browser
        .until(&format!("{cut}.querySelector('button').matches(':enabled')"))
        .await;
    browser.run(&format!("{cut}.querySelector('button').click()")).await;
    browser.until(&format!("{cut}.classList.contains('seen')")).await;
    let said = browser.run(&format!("return {cut}.textContent")).await;
    let said = said.as_str().unwrap();
    assert!(
        said.contains("Happened Cut at")
            && said.contains("Last-Event-ID")
            && said.contains("0 missed, 0 duplicated"),
        "{said}"
    );

    let button = |text: &str| {
        format!(
            "[...document.querySelectorAll('.card button')]
        .find((button) => button.textContent === '{text}' && button.matches(':enabled'))"
        )
    };
    for text in ["Open both", "Cut both"] {
        browser.until(&button(text)).await;
        browser.run(&format!("{}.click()", button(text))).await;
    }
    browser.until("document.querySelector('.alone.seen .result')").await;
    let said = browser
        .run("return document.querySelector('.alone .result').textContent")
        .await;
    let said = said.as_str().unwrap();
    assert!(said.contains("EventSource was open again after"), "{said}");
    assert!(said.contains("WebSocket was still closed"), "{said}");
    assert!(said.contains("client.js"), "{said}");

    browser.quit().await;
}

/// What is cut off at the lower edge of the frame, though its status takes two lines.
const CUT_OFF: &str = "
    if (!document.querySelector('.probe')) {
      const probe = document.querySelector('.note').cloneNode();
      probe.classList.add('probe');
      probe.textContent = 'closed 1006: no close frame; a reason may be as long as this';
      document.querySelector('.status').append(probe);
    }
    return [...document.querySelectorAll('main > *, .controls *')]
      .filter((part) => part.checkVisibility() && !part.closest('#log > *')
        && part.getBoundingClientRect().bottom > innerHeight)
      .map((part) => `${part.tagName} ${part.className || part.textContent}`)";

#[tokio::test]
async fn each_frame_shows_its_controls_and_what_they_do() {
    let workshop = workshop(&["--every", "1s"]);
    let browser = Browser::start("frames").await;
    for Technique { name, .. } in TECHNIQUES {
        browser.look(1280, 720, "light").await;
        let url = format!("http://{}/chapter/{name}", workshop.process.address);
        browser.open(&url).await;
        browser.until("document.querySelector('.live iframe')").await;
        let low = "document.querySelector('.live').getBoundingClientRect().bottom";
        browser.until(&format!("{low} <= innerHeight")).await;
        for (width, height) in [(1280, 720), (360, 740)] {
            browser.look(width, height, "light").await;
            browser.enter_frame().await;
            browser.until("document.querySelector('.status[data-state]')").await;
            let cut_off = browser.run(CUT_OFF).await;
            assert_eq!(cut_off, json!([]), "{name} at {width} × {height}");
            if name == "websocket" {
                browser.until("document.querySelector('#log p')").await;
                browser.type_into("[name=text]", "hello\u{e007}").await;
                let seen = "(() => {
                    const last = [...document.querySelectorAll('#log p')].at(-1);
                    const [said, log] = [last, last.parentElement]
                      .map((part) => part.getBoundingClientRect());
                    return last.textContent.endsWith('hello') && said.top >= log.top
                      && said.bottom <= log.bottom + 1 && log.bottom <= innerHeight;
                  })()";
                browser.until(seen).await;
            }
            browser.leave_frames().await;
            browser.screenshot(&format!("frame-{name}-{width}")).await;
        }
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_card_says_what_its_own_button_does_and_what_the_presenter_does() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("cards").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/chapter/sse", workshop.process.address)).await;
    browser.run(RECORD).await;
    browser.until("seen.sse?.some(({ type }) => type === 'sample')").await;
    browser
        .run(
            "window.card = (title) => [...document.querySelectorAll('.card')]
               .find((card) => card.querySelector('h3').textContent.includes(title));
             window.button = (title) => card(title).querySelector('button');
             window.said = () => [...document.querySelectorAll('.act .soft')]
               .map((why) => why.textContent).filter(Boolean);",
        )
        .await;
    browser.until("button('Stall: ').matches(':enabled')").await;
    // Three at once: an error is said by the card that it is about.
    let titles = ["Stall: ", "Buffer: ", "Cut: "];
    browser
        .run(&format!("{}.forEach((title) => button(title).click())", json!(titles)))
        .await;
    browser.until("said().length > 1").await;
    let errors = format!(
        "return {}.map((title) => card(title).querySelector('.soft').textContent)",
        json!(titles)
    );
    let too_fast = "too fast: one at a time";
    assert_eq!(browser.run(&errors).await, json!(["", too_fast, too_fast]));
    assert_eq!(browser.run("return said().length").await, 2);
    // It says how long it lasts, and what is seen so far.
    browser
        .until("/^End it now \\(\\d+ s\\)$/.test(button('Stall: ').textContent)")
        .await;
    browser.until("/So far It is quiet/.test(card('Stall: ').textContent)").await;
    assert_eq!(browser.run("return button('Buffer: ').textContent").await, "Buffer");
    // In its place, the presenter's, of which the card is only told.
    let device = json!({"technique": "sse", "client": "127.0.0.1", "effect": "stall", "on": true});
    presenter.command(&json!({ "set": device }));
    browser.until("said().includes('The presenter is doing this now.')").await;
    browser.until("button('Stall: ').matches(':disabled')").await;
    assert_eq!(browser.run("return button('Stall: ').textContent").await, "Stall");
    presenter.command(&json!({"off": true}));
    browser
        .until("/Not seen this time|Happened/.test(card('Stall: ').textContent)")
        .await;
    // Switched off, it says so below its title.
    presenter.command(&json!({"allow": false}));
    browser.until("button('Stall: ').matches(':disabled')").await;
    let squeezed = "return [...document.querySelectorAll('.card')].filter((card) =>
        card.querySelector('h3').clientHeight > 1.6 * button('Stall: ').clientHeight
        || card.querySelector('h3').clientWidth < 0.6 * card.clientWidth).length";
    assert_eq!(browser.run(squeezed).await, 0);
    browser.screenshot("cards-switched-off").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_comparison_shows_what_the_lenses_counted() {
    let five = Five::open("compare", &["--every", "300ms"]).await;
    let cells =
        "Object.fromEntries([...document.querySelectorAll('#table tbody tr')]
        .map((row) => [row.dataset.technique,
          [...row.querySelectorAll('td')].map((cell) => cell.textContent)]))";
    // Of a few samples, one that one page has and another has not yet is much.
    let enough = "every((row) => Number(row[6]) >= 20 && row[8].endsWith('ms'))";
    five.browser.until(&format!("Object.values({cells}).{enough}")).await;
    let table = five.browser.run(&format!("return {cells}")).await;
    for (name, row) in table.as_object().unwrap() {
        assert_eq!(
            (&row[10], &row[11]),
            (&json!("0"), &json!("0")),
            "{name}: {row}"
        );
    }
    let share = |name: &str| -> u32 {
        let share = table[name][5].as_str().unwrap();
        share.trim_end_matches(" %").parse().unwrap()
    };
    assert!(share("websocket") > share("sse"), "{table}");
    assert!(share("sse") > share("short-poll"), "{table}");
    // What is saved is what is shown, and reset begins anew.
    five.browser.run("window.saved = null;
        URL.createObjectURL = (file) => { file.text().then((text) => saved = text); return '#' }")
        .await;
    five.browser.click("#save").await;
    five.browser.until("saved").await;
    let saved = five.browser.run("return saved").await;
    let lines: Vec<_> = saved.as_str().unwrap().lines().collect();
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert!(lines[0].starts_with("technique,requests,"), "{lines:?}");
    let columns = lines[0].split(',').count();
    assert!(
        lines.iter().all(|line| line.split(',').count() == columns),
        "{lines:?}"
    );
    five.browser.click("#reset").await;
    five.browser.until(&format!("Number(({cells})['short-poll'][0]) <= 2")).await;
    five.browser.click("#run").await;
    five.browser.until("!document.querySelector('iframe')").await;
    five.browser.quit().await;
}

#[tokio::test]
async fn the_presenter_leads_and_the_room_follows() {
    let workshop = workshop(&["--every", "300ms"]);
    let desk = Browser::start("desk").await;
    desk.look(1280, 720, "light").await;
    desk.open(&format!("http://{}/presenter", workshop.presenter)).await;
    desk.type_into("input", "wrong\u{e007}").await;
    desk.until("document.body.textContent.includes('not the key')").await;
    desk.type_into("input", &format!("{}\u{e007}", workshop.key)).await;
    desk.until("document.querySelector('#effects button')").await;
    assert_eq!(
        desk.run("return document.cookie").await,
        "",
        "no script reads the key"
    );

    let room = Browser::start("room").await;
    room.open(&format!("http://{}/", workshop.process.address)).await;
    room.look(360, 740, "dark").await;
    let mut presenter = workshop.presenter();
    presenter.until("room", |room| room["clients"].as_array().unwrap().len() == 1);
    // An effect is announced to the room, and gone with one key.
    let stall = "[...document.querySelectorAll('#effects button')]
        .find((button) => /stall/i.test(button.textContent + button.ariaLabel))";
    desk.until(&format!("({stall})?.matches(':enabled')")).await;
    desk.run(&format!("({stall}).click()")).await;
    desk.until(&format!("({stall}).matches('.on')")).await;
    presenter.until("room", |room| room["effects"][0]["effect"] == "stall");
    room.until("/presenter stalls all five/.test(document.body.innerText)").await;
    desk.type_into("body", "0").await;
    presenter.until("room", |room| room["effects"] == json!([]));
    desk.until(&format!("!({stall}).matches('.on')")).await;
    // The slides end for everyone.
    presenter.command(&json!({"slide": "sse/3"}));
    desk.until("document.querySelector('#no-slide').matches(':enabled')").await;
    desk.click("#no-slide").await;
    presenter.until("room", |room| room["slide"].is_null());
    desk.until("document.querySelector('#no-slide').matches(':disabled')").await;
    // Everyone is brought somewhere.
    presenter.command(&json!({"here": "/chapter/websocket"}));
    // What the cards of that chapter use has a mark.
    let marked = "[...document.querySelectorAll('#effects button')]
        .filter((button) => getComputedStyle(button, '::before').content.includes('◆'))";
    desk.until(&format!("{marked}.length")).await;
    let others = format!(
        "return {marked}.map(({{ ariaLabel }}) => ariaLabel)
        .filter((label) => !label.includes(': WebSocket'))"
    );
    assert_eq!(desk.run(&others).await, json!([]));
    room.until("location.pathname === '/chapter/websocket'").await;
    room.until("document.body.textContent.includes('Following the presenter.')")
        .await;
    presenter.command(&json!({"here": "/compare"}));
    room.until("location.pathname === '/compare'").await;
    room.quit().await;
    desk.quit().await;
}

#[tokio::test]
async fn a_hub_that_stands_still_is_noticed_and_does_nothing_late() {
    let workshop = workshop(&["--every", "1h"]);
    let desk = Browser::start("still").await;
    desk.look(1280, 720, "light").await;
    // The address that the terminal prints: the key leaves it at once.
    let entrance =
        format!("http://{}/presenter#{}", workshop.presenter, workshop.key);
    desk.open(&entrance).await;
    desk.until("document.querySelector('#desk:enabled')").await;
    assert_eq!(
        desk.run("return location.pathname + location.hash").await,
        "/presenter"
    );
    // Nor does "Back" bring it back.
    let visited = "return navigation.entries().map(({ url }) => url).join()";
    let visited = desk.run(visited).await;
    assert!(visited.as_str().unwrap().contains("/presenter"), "{visited}");
    assert!(!visited.as_str().unwrap().contains(&workshop.key), "{visited}");
    let mut presenter = workshop.presenter();
    let press = |name: &str| {
        format!(
            "document.querySelector('button[aria-label^=\"{name}: all five\" i]').click()"
        )
    };
    let line = |words: &str| {
        format!("document.querySelector('#line').textContent.includes('{words}')")
    };
    workshop.process.pause();
    // The page's own times: a busy machine makes the driver late, not the page.
    let note = "const line = document.querySelector('#line');
        const start = performance.now();
        globalThis.said = [];
        new MutationObserver(() => said.push([line.textContent, performance.now() - start]))
          .observe(line, { childList: true, subtree: true });";
    desk.run(note).await;
    desk.run(&press("stall")).await;
    desk.run(&press("cut")).await;
    desk.until(&line("Not done: the workshop does not answer")).await;
    desk.until(&line("Nothing can be done from here")).await;
    let when =
        "const at = (words) => said.find(([text]) => text.includes(words))[1];
        return [at('Not done'), at('Nothing can be done')]";
    let when = desk.run(when).await;
    let [refused, disabled] = [0, 1].map(|at| when[at].as_f64().unwrap());
    assert!(refused < 4000.0 && refused < disabled && disabled < 9000.0, "{when}");
    let said = desk.run("return document.body.textContent.includes('done ✓')").await;
    assert_eq!(said, false);
    workshop.process.resume();
    desk.until(&line("Connected")).await;
    assert_eq!(presenter.room()["effects"], json!([]));
    desk.until("document.querySelector('#desk:enabled')").await;
    desk.run(&press("slice")).await;
    let room = presenter.until("room", |room| room["effects"] != json!([]));
    assert_eq!(room["effects"].as_array().unwrap().len(), 1, "{room}");
    assert_eq!(room["effects"][0]["effect"], "slice");
    desk.run(&press("cut")).await;
    desk.until("document.body.textContent.includes('done ✓')").await;
    desk.quit().await;
}

/// A command that is not done is said where it was given, and the speaker's view is then
/// where the room is.
#[tokio::test]
async fn what_is_not_done_is_said_on_the_speakers_view_and_on_the_wall() {
    let workshop = workshop(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("not-done").await;
    let url = |path: &str| format!("http://{}{path}", workshop.presenter);
    browser.open(&url(&format!("/presenter#{}", workshop.key))).await;
    browser.until("document.querySelector('#desk:enabled')").await;
    presenter.command(&json!({"slide": "sse/3"}));
    let speaker = browser.open_window(&url("/presenter/speaker")).await;
    let at = |slide: &str| {
        format!("document.querySelector('#jump')?.value === '{slide}'")
    };
    browser.until(&at("sse/3")).await;
    let record = |line: &str| {
        format!(
            "window.told = '';
             new MutationObserver(([{{ target }}]) => (told += target.textContent))
               .observe(document.querySelector('{line}'), {{ childList: true }})"
        )
    };
    browser.run(&record("#line")).await;
    let wall = browser.open_window(&url("/presenter/quiz/wall")).await;
    browser.until_shows("#step", "Open question 1").await;
    browser.until_shows("#lost", "Connected to the workshop.").await;
    browser.run(&record("#lost")).await;

    workshop.process.pause();
    browser.run("document.querySelector('#step').click()").await;
    browser.switch_to(&speaker).await;
    browser.run("document.querySelector('#next').click()").await;
    browser.until(&at("sse/4")).await;
    let not_done = "told.includes('✕ Not done: the workshop does not answer')";
    browser.until(not_done).await;
    browser.until("told.includes('✕ Slides turn here alone. ')").await;
    browser.switch_to(&wall).await;
    browser.until(not_done).await;
    workshop.process.resume();
    browser.until_shows("#lost", "Connected to the workshop.").await;
    assert_eq!(presenter.room()["slide"], "sse/3");
    browser.switch_to(&speaker).await;
    browser.until(&at("sse/3")).await;
    browser.quit().await;
}

#[tokio::test]
async fn where_storage_is_refused_every_page_works_and_elsewhere_ticks_outlive_a_reload()
 {
    let workshop = workshop(&["--every", "300ms"]);
    let browser = Browser::start("refused").await;
    let url = |path: &str| format!("http://{}{path}", workshop.process.address);
    // A tick that was kept in this tab is there when the page is.
    browser.open(&url("/chapter/sse")).await;
    let kept = "sessionStorage.setItem('card /chapter/sse ' + document.querySelector('.card h3')
        .textContent.replace(/^(not seen yet|seen): /, ''), 'it came back')";
    browser.until("document.querySelector('.card h3')").await;
    browser.run(kept).await;
    browser.open(&url("/chapter/sse")).await;
    browser.until("document.querySelector('.card.seen')?.textContent.includes('it came back')")
        .await;
    browser.refuse_storage().await;
    for (path, there) in [
        ("/chapter/sse", ".card h3"),
        ("/quiz", ".answer"),
        ("/quiz/live", "#text"),
        ("/", "#chapters a"),
    ] {
        browser.open(&url(path)).await;
        browser.until(&format!("document.querySelector('{there}')")).await;
        browser.until("document.querySelector('.notices')").await;
    }
    let address = workshop.presenter;
    browser.open(&format!("http://{address}/presenter#{}", workshop.key)).await;
    browser.until("document.querySelector('#desk:enabled')").await;
    browser.open(&format!("http://{address}/presenter/speaker")).await;
    browser.until("document.querySelector('#run')?.textContent").await;
    browser.run("document.querySelector('#run').click()").await;
    browser.until("document.querySelector('#run').textContent === 'Pause'").await;
    let complaints = browser.complaints().await;
    let errors = complaints.iter().filter(|text| !text.contains("403 (Forbidden)"));
    assert_eq!(errors.count(), 0, "{complaints:?}");
    browser.quit().await;
}

#[tokio::test]
async fn the_wire_shows_and_explains_each_byte() {
    let workshop = workshop(&["--every", "300ms"]);
    let browser = Browser::start("wire").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    browser
        .until(
            "document.body.textContent.includes('Last-Event-ID')
        || document.querySelectorAll('[data-label]').length > 20",
        )
        .await;
    browser.until("document.querySelector('[data-label=\"sse-data\"]')").await;
    browser.run("document.querySelector('[data-label=\"sse-data\"]').focus()").await;
    browser.until("document.body.textContent.includes('WHATWG HTML §9.2')").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_wire_shows_in_which_pieces_bytes_left() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("pieces").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    // The newest chunk with a sample: what was done to it, and where it was cut.
    let newest =
        "const sample = [...document.querySelectorAll('[data-label=\"sse-data\"]')]
        .findLast((unit) => unit.textContent.includes('\"seq\"'));
        const block = sample?.closest('.block');
        const said = block?.querySelector('.left').textContent;
        const cuts = block?.querySelectorAll('.cut').length;";
    let shows =
        |what: &str| format!("(() => {{ {newest} return sample && {what} }})()");
    browser.until(&shows("said === '' && cuts === 0")).await;
    for (effect, what) in [
        (
            json!({"effect": "slice"}),
            "/left in 1\\d pieces over \\d+ ms/.test(said) && cuts > 9",
        ),
        (
            json!({"effect": "delay", "ms": 300, "jitter": 0}),
            "/^held back [3-9]\\d\\d ms$/.test(said) && cuts === 0",
        ),
        (
            json!({"effect": "throttle", "bytes_per_second": 400}),
            "/left in [2-9] pieces over [1-9]\\d\\d ms/.test(said) && cuts > 0",
        ),
    ] {
        let mut effect = effect;
        effect["technique"] = json!("sse");
        effect["on"] = json!(true);
        presenter.command(&json!({ "set": effect }));
        browser.until(&shows(what)).await;
        // Each piece has its time, where the part is explained.
        browser.run(&format!("{newest} sample.focus()")).await;
        let explained = "document.querySelector('#panel .left')?.textContent";
        browser
            .until(&format!("/^(Held|Left) .*: \\d+ bytes/.test({explained})"))
            .await;
        browser.screenshot(&format!("wire-pieces-{}", effect["effect"])).await;
        presenter.command(&json!({"off": true}));
        // So that the view follows what comes.
        let escape = "document.activeElement.blur();
            dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))";
        browser.run(escape).await;
        browser.until(&shows("cuts === 0 && !/held back 3/.test(said)")).await;
    }
    // A body in very many pieces is shown once, as far as it is shown.
    let elements = "
        const { Block } = await import('/workshop/wire/block.js');
        const block = new Block({ at: 0, direction: 'down', group: 1 });
        const create = document.createElement;
        let count = 0;
        document.createElement = (...of) => { count++; return create.apply(document, of); };
        for (let at = 0; at < 2000; at++) {
          const write = { bytes: 7, at, waited: 0 };
          block.add({ unit: 1, label: 'body', hex: '61'.repeat(7) }, [{ write, bytes: 7 }]);
        }
        block.render();
        document.createElement = create;
        return [count, block.element.querySelectorAll('.cut').length]";
    let elements = browser.run(elements).await;
    assert_eq!(elements[1], 85, "cuts in 600 bytes");
    assert!(elements[0].as_u64().unwrap() < 100, "{elements}");
    browser.quit().await;
}

/// After a cut, the reader sees what the browser sends to come back, until they go on.
#[tokio::test]
async fn the_wire_keeps_the_request_of_a_reconnection_in_view() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("wire-back").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    browser.until("document.querySelector('[data-label=\"sse-data\"]')").await;
    presenter
        .command(&json!({"set": {"effect": "cut", "technique": "sse", "on": true}}));
    let unread =
        "Number(/\\d+/.exec(document.querySelector('#newest').textContent))";
    browser.until(&format!("{unread} > 5")).await;
    let seen = "const box = document.querySelector('#stream').getBoundingClientRect();
        return [...document.querySelectorAll('.line, [data-label]')].filter((part) => {
          const { top, bottom } = part.getBoundingClientRect();
          return top >= box.top - 1 && bottom <= box.bottom;
        }).map((part) => part.textContent).join('')";
    let seen = browser.run(seen).await;
    let seen = seen.as_str().unwrap();
    for part in ["GET", "Last-Event-ID"] {
        assert!(seen.contains(part), "{part} is not in view: {seen}");
    }
    // At the newest again, the view follows.
    browser.click("#newest").await;
    let at_end = "(({ scrollHeight, scrollTop, clientHeight }) =>
        scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('#stream'))
        && document.querySelector('#newest').hidden";
    browser.until(at_end).await;
    let blocks = "document.querySelectorAll('.block').length";
    let before = browser.run(&format!("return {blocks}")).await;
    browser.until(&format!("{blocks} > {before} + 5 && {at_end}")).await;
    // Each is listed by its time, and how it ended.
    let listed =
        "return [...document.querySelectorAll('#connections optgroup')[0].children]
        .map(({ textContent }) => textContent.replace(/\\d+/g, '9'))";
    assert_eq!(
        browser.run(listed).await,
        json!([
            "9:9:9, open · /api/v9/live-data · #9",
            "9:9:9 to 9:9:9, cut on request (reset) · /api/v9/live-data · #9",
        ])
    );
    // Of many, the newest are listed, and those that are open.
    let many = "
        const { Connections } = await import('/workshop/wire/connections.js');
        const select = document.createElement('select');
        const list = new Connections(select, 'sse', () => {});
        for (let id = 1; id <= 100; id++) {
          const target = id % 2 ? '/api/v1/live-data?after=a-1' : '/shared/dom.js';
          list.add({ id, technique: 'sse', opened: 1, closed: id > 4 && 2, how: 'client', target });
        }
        return [...select.children].map((group) =>
          [...group.children].map(({ value }) => Number(value)))";
    let odd: Vec<_> = (0..30).map(|n| 99 - 2 * n).chain([3, 1]).collect();
    let even: Vec<_> = (0..8).map(|n| 100 - 2 * n).chain([4, 2]).collect();
    assert_eq!(browser.run(many).await, json!([[], odd, even]));
    browser.quit().await;
}

#[tokio::test]
async fn the_pages_fit_and_can_be_read() {
    let workshop = workshop(&["--every", "1s"]);
    let browser = Browser::start("fit").await;
    let pages = [
        ("agenda", "/"),
        ("chapter", "/chapter/sse"),
        ("compare", "/compare"),
        ("wire", "/wire/websocket"),
        ("source", "/source"),
    ];
    for (name, path) in pages {
        browser.look(1280, 720, "light").await;
        browser.open(&format!("http://{}{path}", workshop.process.address)).await;
        browser.until("document.querySelector('header nav')").await;
        fits(&browser, name).await;
    }
    browser.open(&format!("http://{}/presenter", workshop.presenter)).await;
    browser.type_into("input", &format!("{}\u{e007}", workshop.key)).await;
    browser.until("document.querySelector('#effects button')").await;
    fits(&browser, "presenter").await;
    let complaints = browser.complaints().await;
    let ours: Vec<_> =
        complaints.iter().filter(|text| !text.contains("403 (Forbidden)")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    let elsewhere: Vec<_> = browser
        .requests()
        .await
        .into_iter()
        .filter(|url| {
            !["http://127.0.0.1:", "ws://127.0.0.1:", "data:", "chrome:", "about:"]
                .iter()
                .any(|ours| url.starts_with(ours))
        })
        .collect();
    assert_eq!(elsewhere, [""; 0]);
    browser.quit().await;
}

/// Neither wider than the window, nor faint, on projector and phone, in light and dark.
async fn fits(browser: &Browser, name: &str) {
    eprintln!("{name}");
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let wide =
                browser.run("return document.scrollingElement.scrollWidth").await;
            assert_eq!(wide, width, "{name} scrolls sideways");
            let faint = browser.run(FAINT).await;
            assert_eq!(
                faint.as_array().unwrap().len(),
                0,
                "{name}, {colors}: {faint}"
            );
            browser.screenshot(&format!("{name}-{width}-{colors}")).await;
        }
    }
}

#[tokio::test]
async fn a_technique_has_one_name_in_every_heading_and_navigation() {
    let workshop = workshop(&[]);
    let browser = Browser::start("names").await;
    browser.look(1280, 720, "light").await;
    // What a page calls itself, and what its navigation calls the five.
    let names = "return [document.querySelector('h1').textContent,
        [...document.querySelectorAll('nav [data-technique]')].map((name) => name.textContent)]";
    let expected = [
        "Short polling",
        "Long polling",
        "HTTP streaming",
        "Server-sent events",
        "WebSocket",
    ];
    let hub = workshop.process.address;
    for (place, technique) in TECHNIQUES.into_iter().enumerate() {
        for url in [
            format!("http://{hub}/chapter/{}", technique.name),
            format!("http://{}/", workshop.techniques[place]),
        ] {
            browser.open(&url).await;
            browser
                .until(
                    "document.querySelectorAll('nav [data-technique]').length === 5",
                )
                .await;
            let names = browser.run(names).await;
            assert_eq!(names, json!([expected[place], expected]), "{url}");
            // Beside the longest address that one joins at.
            let cut = "const nav = document.querySelector('nav');
                const join = document.querySelector('header .address');
                if (join) join.textContent = '192.168.178.120:3000';
                return nav.scrollWidth - nav.clientWidth";
            assert_eq!(browser.run(cut).await, 0, "{url}: all of it is in view");
        }
    }
    // The desk offers pages by their names, too.
    let url = format!("http://{}/presenter#{}", workshop.presenter, workshop.key);
    browser.open(&url).await;
    browser.until("document.querySelectorAll('#page option').length > 5").await;
    let offered = browser
        .run(
            "return [...document.querySelectorAll('#page option')]
               .filter(({ value }) => value.startsWith('/wire/'))
               .map((option) => option.textContent)",
        )
        .await;
    assert_eq!(offered, json!(expected.map(|name| format!("Wire: {name}"))));
    browser.quit().await;
}
