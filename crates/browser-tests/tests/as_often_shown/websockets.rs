//! WebSocket, as often shown: it does not connect again, checks no origin, and keeps
//! clients that are gone.

use browser_tests::{Browser, serve};
use serde_json::Value;
use testkit::{Client, Server, handshake, masked, meanwhile, wait_until};

use crate::{KEEP, cut, seq, shown, tells};

#[expect(dead_code, reason = "its main")]
#[path = "../../../websocket/examples/as_often_shown.rs"]
pub(crate) mod example;

#[tokio::test]
async fn a_websocket_that_is_cut() {
    let server = shown(websocket::TECHNIQUE, example::routes);
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
    let shown = shown(websocket::TECHNIQUE, example::routes);
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
    client.send(handshake("/chat", ""));
    assert_eq!(client.head().code(), 101);
    client
}

#[test]
fn a_client_that_does_not_answer() {
    let shown = shown(websocket::TECHNIQUE, example::routes);
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
