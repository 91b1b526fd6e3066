//! Each technique as tutorials often show it (`examples/as_often_shown.rs` of its crate)
//! beside the real one, under the same conditions: the shown one fails, the real one
//! holds.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use actix_web::{
    dev::ServiceRequest,
    guard::fn_guard,
    middleware::{Next, from_fn},
    web::{self, Html},
};
use browser_tests::{Browser, serve};
use feed::Feed;
use lens::{Control, Effect, Owner, Scope};
use serde_json::{Value, json};
use stage::{Routes, Technique};
use testkit::{
    Client, Proxy, Server, WAIT_TIMEOUT, masked, meanwhile, samples, through_lens,
    wait_until,
};
use tokio::{sync::watch, time::timeout};

#[expect(dead_code, reason = "its main")]
#[path = "../../short-poll/examples/as_often_shown.rs"]
mod shown_short_poll;

#[expect(dead_code, reason = "its main")]
#[path = "../../long-poll/examples/as_often_shown.rs"]
mod shown_long_poll;

#[expect(dead_code, reason = "its main")]
#[path = "../../http-stream/examples/as_often_shown.rs"]
mod shown_http_stream;

#[expect(dead_code, reason = "its main")]
#[path = "../../sse/examples/as_often_shown.rs"]
mod shown_sse;

#[expect(dead_code, reason = "its main")]
#[path = "../../websocket/examples/as_often_shown.rs"]
mod shown_websocket;

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

#[test]
fn what_is_published_between_two_short_polls() {
    let server = shown(short_poll::TECHNIQUE, shown_short_poll::routes);
    let mut client = server.get("/latest");
    assert_eq!(seq(&client.response().1), 1);
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    client.get("/latest");
    assert_eq!(seq(&client.response().1), 4, "2 and 3 are lost");
    client.get("/latest");
    assert_eq!(seq(&client.response().1), 4, "and 4 comes again");
    server.shut_down();

    let server = serve(short_poll::TECHNIQUE, KEEP);
    let after = server.feed.since(None).cursor().unwrap();
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    let mut client = server.get(&format!("/short-polling?after={after}"));
    let numbers: Vec<_> =
        samples(&client.response().1).iter().map(|s| s.0).collect();
    assert_eq!(numbers, [2, 3, 4]);
    let newest = server.feed.since(None).cursor().unwrap();
    client.get(&format!("/short-polling?after={newest}"));
    assert_eq!(client.response().0.code(), 204);
    server.shut_down();
}

/// Holds when the list below a shown page's value says this.
fn tells(words: &str) -> String {
    format!("document.querySelector('ol').textContent.includes({})", json!(words))
}

#[tokio::test]
async fn the_shown_page_marks_holes_and_doubles_and_says_what_failed_at_once() {
    let server = shown(short_poll::TECHNIQUE, shown_short_poll::routes);
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
                include_str!("../../http-stream/examples/as_often_shown.html");
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

/// The way of one answer is slow: others are asked for meanwhile, or not.
#[derive(Default)]
struct Slow {
    /// The next answer is the slow one.
    next: AtomicBool,
    /// How many questions there were.
    asked: watch::Sender<usize>,
    /// Whether two more questions were asked while the slow answer was on its way.
    overtaken: OnceLock<bool>,
}

/// The same routes, but an answer of `path` may be slow: what it has not is published
/// before it arrives.
fn with_a_slow_answer<R: Routes>(
    routes: R,
    path: &'static str,
    slow: &Arc<Slow>,
    feed: Feed,
) -> impl Routes + use<R> {
    let slow = slow.clone();
    move |app| {
        let (slow, feed) = (slow.clone(), feed.clone());
        let way = from_fn(move |request: ServiceRequest, next: Next<_>| {
            let (slow, feed) = (slow.clone(), feed.clone());
            async move {
                let response = next.call(request).await;
                slow.asked.send_modify(|asked| *asked += 1);
                if slow.next.swap(false, SeqCst) {
                    feed.publish("sample2");
                    let asked = *slow.asked.borrow();
                    let mut questions = slow.asked.subscribe();
                    let two_more = questions.wait_for(|&now| now >= asked + 2);
                    let overtaken = timeout(Duration::from_secs(5), two_more).await;
                    slow.overtaken.set(overtaken.is_ok()).unwrap();
                }
                response
            }
        });
        app.service(
            web::scope("")
                .guard(fn_guard(move |request| request.head().uri.path() == path))
                .wrap(way)
                .configure(&routes),
        );
        app.configure(&routes);
    }
}

/// The samples that a page of short polls showed, one after the other, until `end`, when
/// an answer is slow.
async fn short_polls(server: &Server, slow: &Slow, value: &str, end: &str) -> Value {
    let browser = Browser::start(&format!("shown-polls-{value}")).await;
    browser.open(&format!("http://{}/", server.address)).await;
    browser
        .until(&format!(
            "document.querySelector('{value}').textContent.endsWith('first')"
        ))
        .await;
    browser
        .run(&format!(
            "const slider = document.querySelector('#interval');
             if (slider) {{
               slider.value = 1;
               for (const type of ['input', 'change'])
                 slider.dispatchEvent(new Event(type));
             }}
             const value = document.querySelector('{value}');
             const number = () => value.textContent.endsWith('sample2') ? 2 : 1;
             window.seen = [];
             new MutationObserver(() => seen.push(number()))
               .observe(value, {{ childList: true, characterData: true, subtree: true }});"
        ))
        .await;
    slow.next.store(true, SeqCst);
    browser.until(end).await;
    let seen = browser.run("return seen").await;
    browser.quit().await;
    seen
}

#[tokio::test]
async fn answers_that_overtake_each_other() {
    let slow = Arc::default();
    let way = Arc::clone(&slow);
    let server = shown(short_poll::TECHNIQUE, move |feed| {
        with_a_slow_answer(
            shown_short_poll::routes(feed.clone()),
            "/latest",
            &way,
            feed,
        )
    });
    let back = "seen.includes(2) && seen.lastIndexOf(1) > seen.indexOf(2)
        && document.querySelector('ol').textContent.includes('goes back, after #2')";
    short_polls(&server, &slow, "output", back).await;
    assert_eq!(slow.overtaken.get(), Some(&true));
    server.shut_down();

    let slow = Arc::default();
    let way = Arc::clone(&slow);
    let server = shown(short_poll::TECHNIQUE, move |feed| {
        let routes = short_poll::routes(feed.clone(), short_poll::Timings {});
        with_a_slow_answer(routes, "/short-polling", &way, feed)
    });
    let seen = short_polls(&server, &slow, ".value", "seen.includes(2)").await;
    assert_eq!(slow.overtaken.get(), Some(&false), "it waits for its answer");
    assert_eq!(seen, json!([2]), "and shows each sample once");
    server.shut_down();
}

#[test]
fn three_clients_that_wait_for_one_update() {
    let server = shown(long_poll::TECHNIQUE, |feed| {
        let tick = Duration::from_millis(100);
        let timings = shown_long_poll::Timings { tick, hold: 10 * tick };
        shown_long_poll::routes(feed, timings)
    });
    server.feed.publish("second");
    let clients = [(); 3].map(|()| server.get("/long-polling"));
    let mut codes = clients.map(|mut client| client.response().0.code());
    codes.sort_unstable();
    assert_eq!(codes, [200, 204, 204], "one of them is told");
    server.shut_down();

    let server = serve(long_poll::TECHNIQUE, KEEP);
    let after = server.feed.since(None).cursor().unwrap();
    let clients =
        [(); 3].map(|()| server.get(&format!("/long-polling?after={after}")));
    wait_until("all three wait", || server.feed.followers() == 3);
    server.feed.publish("second");
    for mut client in clients {
        assert_eq!(samples(&client.response().1), [(2, "second".into())]);
    }
    server.shut_down();
}

#[test]
fn what_is_published_between_two_long_polls() {
    let server = shown(long_poll::TECHNIQUE, |feed| {
        let tick = Duration::from_millis(100);
        let timings = shown_long_poll::Timings { tick, hold: 100 * tick };
        shown_long_poll::routes(feed, timings)
    });
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    let (_, body) = server.get("/long-polling").response();
    assert_eq!(seq(&body), 4, "2 and 3 are lost");
    server.shut_down();

    let server = serve(long_poll::TECHNIQUE, KEEP);
    let after = server.feed.since(None).cursor().unwrap();
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    let (_, body) = server.get(&format!("/long-polling?after={after}")).response();
    assert_eq!(samples(&body).len(), 3);
    server.shut_down();
}

/// A sample that takes seconds in pieces of 7 bytes: nobody is so late that it comes whole.
fn long() -> String {
    "second".repeat(700)
}

/// A page that has its first sample, and gets the second in pieces of 7 bytes.
async fn in_slices(
    server: &Server,
    name: &str,
    value: &str,
    first: &str,
) -> Browser {
    let control = Control::default();
    let address = through_lens(server.address, &control, ());
    let browser = Browser::start(name).await;
    browser.open(&format!("http://{address}/")).await;
    browser.until_shows(value, first).await;
    control.add(Owner::Presenter, Scope::default(), Effect::Slice, None).unwrap();
    server.feed.publish(&long());
    browser
}

#[tokio::test]
async fn a_message_in_several_pieces() {
    let server = shown(http_stream::TECHNIQUE, shown_http_stream::routes);
    let browser = in_slices(&server, "shown-slices", "output", "1 first").await;
    let deadline = Instant::now() + WAIT_TIMEOUT;
    while !browser.complaints().await.iter().any(|c| c.contains("SyntaxError")) {
        assert!(Instant::now() < deadline, "a piece was taken for a message");
        browser.run("return new Promise((done) => setTimeout(done, 50))").await;
    }
    browser.until_shows("output", "1 first").await;
    browser.until(&tells("failed: SyntaxError")).await;
    browser.quit().await;
    server.shut_down();

    let server = serve(http_stream::TECHNIQUE, KEEP);
    let browser = in_slices(&server, "real-slices", ".value", "first").await;
    browser.until_shows(".value", &long()).await;
    assert_eq!(browser.complaints().await, [""; 0]);
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
async fn an_event_source_that_is_cut() {
    let server = shown(sse::TECHNIQUE, shown_sse::routes);
    let browser = cut(&server, "shown-sse", "output", "1 first").await;
    browser.until("source.readyState === EventSource.CLOSED").await;
    wait_until("it is gone, and does not come back", || {
        server.feed.followers() == 0
    });
    browser.until_shows("output", "1 first").await;
    browser.until(&tells("connection lost")).await;
    browser.quit().await;
    server.shut_down();

    let server = serve(sse::TECHNIQUE, KEEP);
    let browser = cut(&server, "real-sse", ".value", "first").await;
    browser.until_shows(".value", "second").await;
    browser.quit().await;
    server.shut_down();
}

#[test]
fn what_was_published_while_the_event_source_was_away() {
    let resume = |server: &Server| {
        (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
        let run = server.feed.since(None).cursor().unwrap().run;
        let mut client = server.connect();
        client.send(format!(
            "GET /api/v1/live-data HTTP/1.1\r\nHost: localhost\r\n\
             Last-Event-ID: {run}-1\r\n\r\n"
        ));
        client.head();
        client.until("\"4\"}\n\n")
    };
    let server = shown(sse::TECHNIQUE, shown_sse::routes);
    let missed = resume(&server);
    assert!(!missed.contains("\"2\"") && !missed.contains("\"3\""), "{missed}");
    server.shut_down();

    let server = serve(sse::TECHNIQUE, KEEP);
    let missed = resume(&server);
    assert!(missed.contains("\"2\"") && missed.contains("\"3\""), "{missed}");
    server.shut_down();
}

#[tokio::test]
async fn a_websocket_that_is_cut() {
    let server = shown(websocket::TECHNIQUE, shown_websocket::routes);
    let browser = cut(&server, "shown-websocket", "output", "1 first").await;
    browser.until("socket.readyState === WebSocket.CLOSED").await;
    wait_until("it is gone, and does not come back", || {
        server.feed.followers() == 0
    });
    browser.until_shows("output", "1 first").await;
    browser.until(&tells("disconnected")).await;
    browser.quit().await;
    server.shut_down();

    let server = serve(websocket::TECHNIQUE, KEEP);
    let browser = cut(&server, "real-websocket", ".value", "first").await;
    browser.until_shows(".value", "second").await;
    browser.quit().await;
    server.shut_down();
}

/// How a page of another origin fares that opens `/chat`.
async fn from_another_site(browser: &Browser, server: &Server) -> Value {
    let script = format!(
        "return new Promise((done) => {{
           const socket = new WebSocket('ws://{}/chat');
           socket.onopen = () => done('connected');
           socket.onerror = () => done('refused');
         }})",
        server.address
    );
    browser.run(&script).await
}

#[tokio::test]
async fn a_page_of_another_site() {
    let shown = shown(websocket::TECHNIQUE, shown_websocket::routes);
    let real = serve(websocket::TECHNIQUE, KEEP);
    let site = serve(short_poll::TECHNIQUE, KEEP);
    let browser = Browser::start("shown-origin").await;
    browser.open(&format!("http://{}/lib.rs", site.address)).await;
    assert_eq!(from_another_site(&browser, &shown).await, "connected");
    assert_eq!(from_another_site(&browser, &real).await, "refused");
    browser.quit().await;
    for server in [shown, real, site] {
        server.shut_down();
    }
}

/// Opens `/chat` and never answers a ping.
fn deaf(server: &Server) -> Client {
    let mut client = server.connect();
    client.send(
        "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n",
    );
    assert_eq!(client.head().code(), 101);
    client
}

#[test]
fn a_client_that_does_not_answer() {
    let shown = shown(websocket::TECHNIQUE, shown_websocket::routes);
    let real = serve(websocket::TECHNIQUE, KEEP);
    let mut kept = deaf(&shown);
    let mut closed = deaf(&real);
    // The real one pings each second here.
    wait_until("the real one gave it up", || real.feed.followers() == 0);
    let end = meanwhile(move || {
        loop {
            if let (0x88, reason) = closed.frame() {
                return reason;
            }
        }
    });
    assert_eq!(end.recv().unwrap()[2..], *b"two pings unanswered");
    assert_eq!(shown.feed.followers(), 1, "the shown one keeps it");
    assert_eq!(seq(&String::from_utf8(kept.frame().1).unwrap()), 1);
    kept.send(masked(0x81, "hello"));
    assert_eq!(kept.frame(), (0x81, b"hello".to_vec()), "without one ping before");
    shown.shut_down();
    real.shut_down();
}

#[tokio::test]
async fn what_the_pages_show_can_be_used_by_everybody() {
    let tick = Duration::from_millis(100);
    let timings = shown_long_poll::Timings { tick, hold: tick };
    let browser = Browser::start("shown-axe").await;
    for server in [
        shown(short_poll::TECHNIQUE, shown_short_poll::routes),
        shown(long_poll::TECHNIQUE, move |feed| {
            shown_long_poll::routes(feed, timings)
        }),
        shown(http_stream::TECHNIQUE, shown_http_stream::routes),
        shown(sse::TECHNIQUE, shown_sse::routes),
        shown(websocket::TECHNIQUE, shown_websocket::routes),
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
