//! HTTP streaming, as often shown: a piece of the stream is taken for a message.

use std::time::Instant;

use browser_tests::{Browser, serve};
use lens::{Control, Effect, Owner, Scope};
use testkit::{Server, WAIT_TIMEOUT, through_lens};

use crate::{KEEP, shown, tells};

#[expect(dead_code, reason = "its main")]
#[path = "../../../http-stream/examples/as_often_shown.rs"]
pub(crate) mod example;

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
    let server = shown(http_stream::TECHNIQUE, example::routes);
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
