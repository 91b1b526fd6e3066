//! SSE, as often shown: a stream that was cut does not resume.

use browser_tests::serve;
use testkit::{Server, wait_until};

use crate::{KEEP, cut, shown, tells};

#[expect(dead_code, reason = "its main")]
#[path = "../../../sse/examples/as_often_shown.rs"]
pub(crate) mod example;

#[tokio::test]
async fn an_event_source_that_is_cut() {
    let server = shown(sse::TECHNIQUE, example::routes);
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
    let server = shown(sse::TECHNIQUE, example::routes);
    let missed = resume(&server);
    assert!(!missed.contains("\"2\"") && !missed.contains("\"3\""), "{missed}");
    server.shut_down();

    let server = serve(sse::TECHNIQUE, KEEP);
    let missed = resume(&server);
    assert!(missed.contains("\"2\"") && missed.contains("\"3\""), "{missed}");
    server.shut_down();
}
