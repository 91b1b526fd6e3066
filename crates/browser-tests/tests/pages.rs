//! What people do with a page, and what happens to it, in a real Chromium.
#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use actix_web::{HttpResponse, http::header::HttpDate, web};
use browser_tests::{Browser, FAINT, TECHNIQUES, serve};
use stage::Technique;
use testkit::{Proxy, Server, wait_until};

const KEEP: usize = 10;

/// The numbers on the page, as they are now.
const SCORE: &str = "Object.fromEntries([...document.querySelectorAll('.score div')]
    .map((cell) => [cell.querySelector('dt').firstChild.data,
        cell.querySelector('dd').textContent]))";

/// A page, its server, and a network between them.
struct Show {
    technique: Technique,
    browser: Browser,
    proxy: Proxy,
    server: Server,
    /// What the page must have delivered and announced as missed by now.
    delivered: u64,
    missed: u64,
}

impl Show {
    async fn open(technique: Technique, name: &str) -> Self {
        let server = serve(technique, KEEP);
        let proxy = Proxy::before(server.address);
        let browser = Browser::start(&format!("{}-{name}", technique.name)).await;
        browser.open(&format!("http://{}/", proxy.address)).await;
        let show =
            Self { technique, browser, proxy, server, delivered: 1, missed: 0 };
        // Short polls come often enough that nobody has to wait for them.
        show.browser
            .run(
                "const slider = document.querySelector('#interval');
                 if (slider) {
                   slider.value = slider.min;
                   for (const type of ['input', 'change'])
                     slider.dispatchEvent(new Event(type));
                 }",
            )
            .await;
        show.settled("first").await;
        show
    }

    /// Publishes a sample; its data says its number.
    fn publish(&mut self) -> String {
        let next = self.server.feed.since(None).cursor().unwrap().seq + 1;
        let data = format!("sample{next:07}");
        self.server.feed.publish(&data);
        self.delivered += 1;
        data
    }

    /// Waits until the page shows this data and all numbers are as they must be.
    async fn settled(&self, data: &str) {
        self.browser.until_shows(".value", data).await;
        self.browser
            .until(&format!("({SCORE}).delivered === '{}'", self.delivered))
            .await;
        let score = self.browser.run(&format!("return {SCORE}")).await;
        assert_eq!(score["missed"], self.missed.to_string(), "{score}");
        assert_eq!(score["duplicated"], "0", "{score}");
    }

    async fn end(self) {
        self.browser.quit().await;
        self.server.shut_down();
    }
}

/// Runs a story on each of the five pages, and says whose it was that failed.
async fn on_each_page(name: &str, story: impl AsyncFn(Show)) {
    for technique in TECHNIQUES {
        // Shown when it fails.
        eprintln!("{name}: {}", technique.name);
        story(Show::open(technique, name).await).await;
    }
}

#[tokio::test]
async fn the_value_changes_and_nothing_is_complained_of() {
    on_each_page("live", async |mut show| {
        for _ in 0..20 {
            let data = show.publish();
            show.settled(&data).await;
        }
        let score = show.browser.run(&format!("return {SCORE}")).await;
        show.browser
            .until(&format!("({SCORE})['latency p50'].endsWith('ms')"))
            .await;
        let requests: u64 = score["requests"].as_str().unwrap().parse().unwrap();
        let polls = matches!(show.technique.name, "short-poll" | "long-poll");
        assert!(if polls { requests >= 20 } else { requests >= 1 }, "{score}");
        assert_eq!(show.browser.complaints().await, [""; 0]);

        let host = show.proxy.address.to_string();
        let requests = show.browser.requests().await;
        assert!(
            requests.iter().any(|url| url.ends_with("/client.js")),
            "{requests:?}"
        );
        let elsewhere: Vec<_> = requests
            .iter()
            .filter(|url| {
                let own = ["http", "ws"].map(|s| format!("{s}://{host}/"));
                // Chromium's own pages, before ours, are of no host.
                let inside =
                    url.starts_with("chrome://") || url.starts_with("data:");
                !inside && !own.iter().any(|own| url.starts_with(own))
            })
            .collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
        show.end().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_across_cuts_and_a_restart() {
    on_each_page("cuts", async |mut show| {
        for _ in 0..3 {
            let data = show.publish();
            show.settled(&data).await;
            show.publish();
            show.proxy.cut();
            show.publish();
            let data = show.publish();
            show.settled(&data).await;
        }
        // Another server, another run, while nobody looks: all of it is new.
        let before =
            std::mem::replace(&mut show.server, serve(show.technique, KEEP));
        show.delivered += 1;
        show.publish();
        let data = show.publish();
        show.proxy.redirect(show.server.address);
        before.shut_down();
        show.proxy.cut();
        show.settled(&data).await;
        let run = show.server.feed.since(None).cursor().unwrap().run;
        show.browser.until_shows(".run", &format!("run {run}")).await;
        // The browser itself tells of connections that failed; nothing else may.
        let complaints = show.browser.complaints().await;
        let network =
            ["net::ERR_", "503 (Service Unavailable)", "WebSocket connection"];
        let ours: Vec<_> = complaints
            .iter()
            .filter(|text| !network.iter().any(|failed| text.contains(failed)))
            .collect();
        assert!(ours.is_empty(), "{ours:?}");
        show.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_says_by_a_date_when_to_come_back_is_left_alone_until_then() {
    let browser = Browser::start("retry-after").await;
    for technique in TECHNIQUES.into_iter().take(3) {
        let asked: Arc<Mutex<Vec<Instant>>> = Arc::default();
        let times = asked.clone();
        let server = Server::start(technique, KEEP, move |_feed| {
            move |app: &mut web::ServiceConfig| {
                let times = times.clone();
                let answer = move || {
                    times.lock().unwrap().push(Instant::now());
                    let back = SystemTime::now() + Duration::from_secs(3);
                    let back = HttpDate::from(back).to_string();
                    let mut answer = HttpResponse::ServiceUnavailable();
                    let answer =
                        answer.insert_header(("Retry-After", back)).finish();
                    async { answer }
                };
                app.route(technique.endpoints[0], web::get().to(answer));
            }
        });
        browser.open(&format!("http://{}/", server.address)).await;
        wait_until("it asks again", || asked.lock().unwrap().len() >= 2);
        let asked = asked.lock().unwrap().clone();
        // A date has no fractions of a second.
        let apart = asked[1] - asked[0];
        assert!(
            apart >= Duration::from_millis(1950),
            "{}: {apart:?}",
            technique.name
        );
        browser.open("about:blank").await;
        server.shut_down();
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_connection_that_works_comes_back_soon_though_nothing_is_new() {
    for technique in &TECHNIQUES[2..] {
        let show = Show::open(*technique, "quiet").await;
        let record = "window.waits = [];
            new MutationObserver(([{ target }]) =>
              waits.push(Number(/reconnecting in ([\\d.]+) s/.exec(target.textContent)?.[1] ?? 0)))
              .observe(document.querySelector('.words'), { childList: true });";
        show.browser.run(record).await;
        for cuts in 1..=6 {
            show.browser
                .until("document.querySelector('.status[data-state=open]')")
                .await;
            show.browser.click("#abort").await;
            let connections = format!("({SCORE}).connections >= {}", cuts + 1);
            show.browser.until(&connections).await;
        }
        let longest = show.browser.run("return Math.max(...waits)").await;
        let longest = longest.as_f64().unwrap();
        assert!(longest > 0.0 && longest <= 0.5, "{}: {longest}", technique.name);
        show.end().await;
    }
}

#[tokio::test]
async fn stopped_it_sends_nothing_and_started_it_goes_on() {
    on_each_page("stop", async |mut show| {
        let data = show.publish();
        show.settled(&data).await;
        show.browser.click("#start").await;
        show.browser.until_shows("#start", "Start").await;
        let silence = |seconds: u32| {
            format!(
                "return new Promise((done) => setTimeout(done, {}))",
                1000 * seconds
            )
        };
        // What was on its way when the button was pressed may still arrive.
        show.browser.run(&silence(1)).await;
        let sent = show.proxy.sent_by_clients();
        let data = show.publish();
        show.browser.run(&silence(2)).await;
        assert_eq!(show.proxy.sent_by_clients(), sent, "{}", show.technique.name);

        show.browser.click("#start").await;
        show.settled(&data).await;

        // Away for longer than the log is long: told how much is missing.
        show.browser.click("#start").await;
        show.browser.until_shows("#start", "Start").await;
        let data = (0..KEEP + 7).map(|_| show.publish()).last().unwrap();
        show.missed += 7;
        show.delivered -= 7;
        show.browser.click("#start").await;
        show.settled(&data).await;
        show.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_page_around_it_does_wrong_ends_no_connection() {
    let technique = http_stream::TECHNIQUE;
    let mut show = Show::open(technique, "faulty").await;
    let broken =
        "Object.defineProperty(document.querySelector('.number'), 'textContent', {
        set() { throw new Error('broken on purpose'); } })";
    show.browser.run(broken).await;
    let data = show.publish();
    // The value is written before the number, and the page around a frame is told before.
    show.settled(&data).await;
    let data = show.publish();
    show.settled(&data).await;
    // An answer that ends properly, after its lifetime, leaves its connection to the next.
    assert_eq!(
        show.browser.run(&format!("return ({SCORE}).connections")).await,
        "1"
    );
    let complaints = show.browser.complaints().await;
    let all = complaints.iter().all(|line| line.contains("broken on purpose"));
    assert!(!complaints.is_empty() && all, "{complaints:?}");
    show.end().await;
}

#[tokio::test]
async fn it_survives_the_back_button() {
    on_each_page("back", async |mut show| {
        let data = show.publish();
        show.settled(&data).await;
        show.browser.run("window.kept = true").await;
        show.browser.open(&format!("http://{}/lib.rs", show.proxy.address)).await;
        let data = show.publish();
        show.browser.back().await;
        show.browser.until("document.querySelector('.value')").await;
        let kept = show.browser.run("return window.kept === true").await;
        assert_eq!(kept, true, "the page came out of the back/forward cache");
        show.settled(&data).await;
        show.end().await;
    })
    .await;
}

#[tokio::test]
async fn it_fits_projector_and_phone_in_light_and_dark() {
    on_each_page("fit", async |mut show| {
        for _ in 0..3 {
            let data = show.publish();
            show.settled(&data).await;
        }
        for (width, height) in [(1280, 720), (360, 740)] {
            for colors in ["light", "dark"] {
                show.browser.look(width, height, colors).await;
                let name = show.technique.name;
                let wide = show.browser.run("return document.scrollingElement.scrollWidth").await;
                assert_eq!(wide, width, "{name} scrolls sideways");
                if width == 1280 {
                    let low = "return Math.max(...[...document.querySelectorAll('main > *')]
                        .map((part) => part.getBoundingClientRect().bottom))";
                    let low = show.browser.run(low).await.as_f64().unwrap();
                    assert!(low <= f64::from(height), "{name} ends at {low}");
                    let wrapped = "return [...document.querySelectorAll('#source pre')]
                        .filter((pre) => pre.scrollWidth > pre.clientWidth).length";
                    show.browser.until("document.querySelector('#source').textContent.includes('TECHNIQUE')").await;
                    assert_eq!(show.browser.run(wrapped).await, 0, "{name}'s source");
                }
                let faint = show.browser.run(FAINT).await;
                assert_eq!(faint.as_array().unwrap().len(), 0, "{name}, {colors}: {faint}");
                show.browser.screenshot(&format!("{name}-{width}-{colors}")).await;
            }
        }
        show.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_people_say_is_text_and_never_markup() {
    let mut show = Show::open(websocket::TECHNIQUE, "chat").await;
    show.browser.type_into("[name=text]", "<b id=oops>hello</b>\u{e007}").await;
    show.browser
        .until("document.querySelector('#log').textContent.includes('<b id=oops>hello</b>')")
        .await;
    assert_eq!(
        show.browser.run("return document.querySelector('#oops')").await,
        serde_json::Value::Null
    );
    // A name that turns the line around turns itself alone; one that nobody sees is none.
    for name in ["\u{202e}live", "\u{200b}\u{2060}"] {
        let rename = "const field = document.querySelector('[name=name]');
             field.value = NAME;
             field.dispatchEvent(new Event('change'));";
        let name = serde_json::json!(name).to_string();
        show.browser.run(&rename.replace("NAME", &name)).await;
    }
    let notes = "[...document.querySelectorAll('#log .note')].map((note) => note.textContent)";
    show.browser
        .until(&format!(
            "({notes}).at(-1) === 'Not sent: nothing to see: expected 1 to 24 characters'"
        ))
        .await;
    show.browser.type_into("[name=text]", "good\u{e007}").await;
    show.browser
        .until("document.querySelector('#log p:last-child').textContent.endsWith('good')")
        .await;
    let order = "const [name, text] = document.querySelector('#log p:last-child')
          .querySelectorAll('bdi');
        return name.getBoundingClientRect().right <= text.getBoundingClientRect().left
          && name.textContent === '\u{202e}live'";
    assert_eq!(show.browser.run(order).await, true);
    // The samples go on beside it.
    let data = show.publish();
    show.settled(&data).await;
    show.browser.click("#echo").await;
    show.browser
        .until("document.querySelector('#echo output').textContent.endsWith('ms')")
        .await;
    assert_eq!(show.browser.complaints().await, [""; 0]);
    show.end().await;
}

#[tokio::test]
async fn a_name_is_kept_across_connections_and_chosen_without_one() {
    let show = Show::open(websocket::TECHNIQUE, "name").await;
    let named = async |name: &str| {
        let said = "[...document.querySelectorAll('#log p')].at(-1).textContent";
        show.browser.until(&format!("{said} === 'You are {name}.'")).await;
    };
    let rename = async |name: &str| {
        let script = format!(
            "const field = document.querySelector('[name=name]');
             field.value = '{name}';
             field.dispatchEvent(new Event('change'));"
        );
        show.browser.run(&script).await;
    };
    // Without a choice, too: the second connection is a second guest for the server.
    named("guest 1").await;
    show.proxy.cut();
    show.browser.until(&format!("({SCORE}).connections >= 2")).await;
    show.browser.type_into("[name=text]", "it is me\u{e007}").await;
    let me =
        "document.querySelector('#log').textContent.includes('guest 1 it is me')";
    show.browser.until(me).await;
    let told = "return document.querySelectorAll('#log .note').length";
    assert_eq!(show.browser.run(told).await, 1, "its name did not change");
    rename("Ada").await;
    named("Ada").await;
    show.browser.click("#start").await;
    show.browser.until_shows("#start", "Start").await;
    rename("Zoe").await;
    show.browser.click("#start").await;
    named("Zoe").await;
    show.proxy.cut();
    let say = "document.querySelector('#log').textContent.includes('Zoe hello')";
    // Those of before, the one after the pause, and the one after the cut.
    show.browser.until(&format!("({SCORE}).connections >= 4")).await;
    show.browser.type_into("[name=text]", "hello\u{e007}").await;
    show.browser.until(say).await;
    show.end().await;
}

#[tokio::test]
async fn the_weather_changes_beside_the_samples() {
    let show = Show::open(sse::TECHNIQUE, "weather").await;
    for city in ["BERLIN", "LONDON", "PARIS"] {
        let shown = format!("document.getElementById('{city}').textContent");
        show.browser.until(&format!("/^-?\\d+\\.\\d$/.test({shown})")).await;
        let first = show.browser.run(&format!("return {shown}")).await;
        show.browser.until(&format!("{shown} !== {first}")).await;
    }
    show.end().await;
}
