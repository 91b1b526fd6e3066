//! Nothing is lost or doubled, whatever happens to the page's connection.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use actix_web::{HttpResponse, http::header::HttpDate, web};
use browser_tests::{Browser, TECHNIQUES, serve};
use testkit::{Server, wait_until};

use crate::{KEEP, SCORE, Show, on_each_page};

#[tokio::test]
async fn nothing_is_lost_or_doubled_across_cuts_and_a_restart() {
    on_each_page("cuts", async |show| {
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
    let mut browser = Browser::start("quiet").await;
    for technique in &TECHNIQUES[2..] {
        let show = Show::open_in(browser, *technique).await;
        let record = "window.waits = [];
            new MutationObserver(([{ target }]) =>
              waits.push(Number(/reconnecting in\\s([\\d.]+)\\s/.exec(target.textContent)?.[1] ?? 0)))
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
        browser = show.close().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn stopped_it_sends_nothing_and_started_it_goes_on() {
    on_each_page("stop", async |show| {
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
    on_each_page("back", async |show| {
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
    })
    .await;
}
