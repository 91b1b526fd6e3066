//! HTTP/2 before the proxy, HTTP/1.1 behind it.

use browser_tests::{Browser, serve};

use crate::{PROXIES, behind::Behind};

/// Asks for the server's clock: what came, or that nothing did within a second.
const CLOCK: &str = "const done = arguments[0];
    fetch('/clock', { signal: AbortSignal.timeout(1000) })
      .then(({ status }) => done(status), ({ name }) => done(name))";

/// How many of the thirty EventSources of a page are open, when no more will be.
async fn streams_of_a_page(
    browser: &Browser,
    origin: &str,
    protocol: &str,
    open: u32,
) {
    browser.open(&format!("{origin}/many.html")).await;
    browser.until_shows("#protocol", protocol).await;
    browser.click("#form button").await;
    browser.until_shows("#count", &format!("{open} of 30 streams are open.")).await;
}

#[tokio::test]
async fn a_page_has_six_streams_over_http_1_1_and_thirty_over_http_2() {
    let server = serve(sse::TECHNIQUE, 10);
    let browser = Browser::start_trusting("behind-tls").await;
    let origin = format!("http://{}", server.address);
    streams_of_a_page(&browser, &origin, "HTTP/1.1", 6).await;
    // The others wait for these six, and so does whatever else the page asks for.
    assert_eq!(browser.answer(CLOCK).await, "TimeoutError");
    assert_eq!(server.feed.followers(), 6);
    browser.click("#close").await;
    for proxy in PROXIES {
        let behind = Behind::before(&server, &[proxy, "right", "--tls"]);
        let origin = format!("https://localhost:{}", behind.address.port());
        streams_of_a_page(&browser, &origin, "HTTP/2", 30).await;
        assert_eq!(browser.answer(CLOCK).await, 200, "{proxy}");
        browser.click("#close").await;
    }
    browser.quit().await;
    server.shut_down();
}

/// Opens a WebSocket at a URL: "open", or the error's name.
fn open_at(url: &str) -> String {
    format!(
        "const done = arguments[0];
        try {{
          const socket = new WebSocket('{url}', 'chat');
          socket.onopen = () => done('open');
          socket.onerror = () => done('error');
        }} catch ({{ name }}) {{
          done(name);
        }}"
    )
}

/// Mixed content: only to this machine, as localhost, is a WebSocket without TLS opened.
#[tokio::test]
async fn a_page_over_tls_opens_no_websocket_without_it() {
    let server = serve(websocket::TECHNIQUE, 10);
    let browser = Browser::start_trusting("behind-mixed").await;
    let behind = Behind::before(&server, &["nginx", "right", "--tls"]);
    let port = behind.address.port();
    browser.open(&format!("https://localhost:{port}/bare.html")).await;
    let secure = open_at(&format!("wss://localhost:{port}/chat"));
    assert_eq!(browser.answer(&secure).await, "open");
    // Refused before its name is looked up.
    let elsewhere = open_at("ws://workshop.example/chat");
    assert_eq!(browser.answer(&elsewhere).await, "SecurityError");
    // Let through to the server, which refuses a page of another origin.
    let plain = open_at(&format!("ws://{}/chat", server.address));
    assert_eq!(browser.answer(&plain).await, "error");
    browser.quit().await;
    server.shut_down();
}
