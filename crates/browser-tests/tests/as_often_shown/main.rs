//! Each technique as tutorials often show it (`examples/as_often_shown.rs` of its crate)
//! beside the real one, under the same conditions: the shown one fails, the real one
//! holds.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod events;
mod long_polling;
mod peers;
mod short_polling;
mod streaming;
mod websockets;
mod webtransports;

use std::time::Duration;

use actix_web::web::{self, Html};
use browser_tests::Browser;
use feed::Feed;
use serde_json::json;
use stage::{Routes, Technique};
use testkit::{Proxy, Server};

/// How many samples a server keeps.
const KEEP: usize = 10;

/// A technique as often shown, with its page at `/`.
fn shown<R: Routes>(
    technique: Technique,
    routes: impl FnOnce(Feed) -> R + Send + 'static,
) -> Server {
    Server::start(technique, KEEP, routes)
}

/// The number of a sample in JSON.
fn seq(json: &str) -> u64 {
    testkit::sample(json).0
}

/// Holds when the list below a shown page's value says this.
fn tells(words: &str) -> String {
    format!("document.querySelector('ol').textContent.includes({})", json!(words))
}

#[tokio::test]
async fn the_shown_page_marks_holes_and_doubles_and_says_what_failed_at_once() {
    let server = shown(short_poll::TECHNIQUE, short_polling::example::routes);
    let browser = Browser::start("shown-list").await;
    browser.open(&format!("http://{}/", server.address)).await;
    browser.until(&tells("#1 again")).await;
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    browser.until(&tells("#4 after a hole: 2 missing")).await;
    server.shut_down();
    browser.until(&tells("failed: TypeError")).await;

    // Nothing but a failure: two samples in one chunk.
    let server = shown(http_stream::TECHNIQUE, |_feed| {
        |app: &mut web::ServiceConfig| {
            const PAGE: &str =
                include_str!("../../../http-stream/examples/as_often_shown.html");
            app.route("/", web::get().to(async || Html::new(PAGE)));
            app.route("/stream", web::get().to(async || "{\"seq\":1}{\"seq\":2}"));
        }
    });
    browser.open(&format!("http://{}/", server.address)).await;
    let nothing = "document.querySelector('output').textContent";
    browser.until(&format!("{nothing}.startsWith('nothing: SyntaxError')")).await;
    browser.quit().await;
    server.shut_down();
}

/// A page that is cut off once. Beside it, the network that cuts.
async fn cut(server: &Server, name: &str, value: &str, first: &str) -> Browser {
    let proxy = Proxy::before(server.address);
    let browser = Browser::start(name).await;
    browser.open(&format!("http://{}/", proxy.address)).await;
    browser.until_shows(value, first).await;
    proxy.cut();
    server.feed.publish("second");
    browser
}

#[tokio::test]
async fn what_the_pages_show_can_be_used_by_everybody() {
    let tick = Duration::from_millis(100);
    let timings = long_polling::example::Timings { tick, hold: tick };
    let browser = Browser::start("shown-axe").await;
    for server in [
        shown(short_poll::TECHNIQUE, short_polling::example::routes),
        shown(long_poll::TECHNIQUE, move |feed| {
            long_polling::example::routes(feed, timings)
        }),
        shown(http_stream::TECHNIQUE, streaming::example::routes),
        shown(sse::TECHNIQUE, events::example::routes),
        shown(websocket::TECHNIQUE, websockets::example::routes),
    ] {
        browser.open(&format!("http://{}/", server.address)).await;
        browser
            .until("document.querySelector('output').textContent.endsWith('first')")
            .await;
        let title = browser.run("return document.title").await;
        assert_eq!(browser.violations().await, [""; 0], "{title}");
        browser.open("about:blank").await;
        server.shut_down();
    }
    browser.quit().await;
}
