//! Short polling, as often shown: samples between two requests are lost, and responses
//! overtake each other.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use actix_web::{
    dev::ServiceRequest,
    guard::fn_guard,
    middleware::{Next, from_fn},
    web::{self},
};
use browser_tests::{Browser, serve};
use feed::Feed;
use serde_json::{Value, json};
use stage::Routes;
use testkit::{Server, samples};
use tokio::{sync::watch, time::timeout};

use crate::{KEEP, seq, shown};

#[expect(dead_code, reason = "its main")]
#[path = "../../../short-poll/examples/as_often_shown.rs"]
pub(crate) mod example;

#[test]
fn what_is_published_between_two_short_polls() {
    let server = shown(short_poll::TECHNIQUE, example::routes);
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

/// The way of one answer is slow: others are asked for or not.
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
        with_a_slow_answer(example::routes(feed.clone()), "/latest", &way, feed)
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
