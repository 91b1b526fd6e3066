//! WebRTC, as often shown: a page that is loaded anew is not met again, and a third page
//! disturbs the two.

use std::time::Duration;

use browser_tests::Browser;
use testkit::Server;

use crate::{KEEP, shown, tells};

#[expect(dead_code, reason = "its main")]
#[path = "../../../webrtc/examples/as_often_shown.rs"]
pub(crate) mod example;

const COMES: &str = "/^[0-9]/.test(document.querySelector('output').textContent)";

#[tokio::test]
async fn a_page_that_is_loaded_anew() {
    let server = shown(webrtc::TECHNIQUE, |_feed| example::routes());
    let page = format!("http://{}/", server.address);
    let browser = Browser::start("shown-webrtc").await;
    browser.open(&page).await;
    let caller = browser.windows().await.remove(0);
    let callee = browser.open_window(&page).await;
    browser.until("socket.readyState === 1").await;
    browser.switch_to(&caller).await;
    browser.click("button").await;
    browser.switch_to(&callee).await;
    browser.until(COMES).await;
    assert_eq!(browser.violations().await, [""; 0]);
    browser.reload().await;

    let timings = webrtc::Timings { heartbeat: Duration::from_secs(15) };
    let real =
        Server::start(webrtc::TECHNIQUE, KEEP, |feed| webrtc::routes(feed, timings));
    let first = browser.open_window(&format!("http://{}/", real.address)).await;
    browser.until("location.search.length === 10").await;
    let room = browser.run("return location.href").await;
    browser.open_window(room.as_str().unwrap()).await;
    let comes = "document.querySelector('.value').textContent.length === 13
        && document.querySelector('.number').textContent !== '#–'";
    browser.until(comes).await;
    browser.reload().await;
    browser.until(comes).await;
    browser.switch_to(&first).await;
    browser.until(comes).await;

    // Meanwhile, nothing came.
    browser.switch_to(&callee).await;
    browser
        .until("document.querySelector('output').textContent === 'nothing yet'")
        .await;
    browser.quit().await;
    server.shut_down();
    real.shut_down();
}

#[tokio::test]
async fn a_third_page_that_answers_too() {
    let server = shown(webrtc::TECHNIQUE, |_feed| example::routes());
    let page = format!("http://{}/", server.address);
    let browser = Browser::start("shown-third").await;
    browser.open(&page).await;
    let caller = browser.windows().await.remove(0);
    for _ in 0..2 {
        browser.open_window(&page).await;
        browser.until("socket.readyState === 1").await;
    }
    browser.switch_to(&caller).await;
    browser.click("button").await;
    browser.until(&tells("failed: InvalidStateError")).await;
    browser.quit().await;
    server.shut_down();
}
