//! What browsers have since when, and what they do for a page of another origin.

use browser_tests::{Browser, serve};
use testkit::sample;

use crate::{Client, chapter};

#[test]
fn the_table_of_browsers_is_mdns() {
    let client = Client::run("node", &["browsers.mjs"]);
    let lines: Vec<_> = client.lines.iter().collect();
    let (table, version) = lines.split_at(lines.len() - 2);
    let notes = chapter("09-choosing");
    for text in [&table.join("\n"), &version[1]] {
        assert!(notes.contains(text), "09-choosing.md has not\n{text}");
    }
}

#[tokio::test]
async fn polls_to_another_origin_and_their_preflights() {
    let server = Client::run("env", &["PORT=0", "node", "other-origin.mjs"]);
    let browser = Browser::start("preflights").await;
    browser.open(&server.line()).await;
    browser.until("document.querySelectorAll('tbody tr').length === 3").await;
    let rows = "return [...document.querySelectorAll('tbody tr')]
        .map((row) => [...row.cells].map((cell) => cell.textContent).join(' | '))";
    let rows = browser.run(rows).await;
    let notes = chapter("04-short-poll");
    for row in rows.as_array().unwrap() {
        let row = format!("| {} |", row.as_str().unwrap());
        assert!(notes.replace('`', "").contains(&row), "04-short-poll.md: {row}");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

/// What the notes have the reader type in the console.
#[tokio::test]
async fn a_websocket_stream_is_read_when_the_page_wants() {
    let notes = chapter("09-choosing");
    let (_, slide) = notes.split_once("## A WebSocket that can wait").unwrap();
    let typed = slide.split("```").nth(1).unwrap().trim_start_matches("js");
    let server = serve(websocket::TECHNIQUE, 10);
    let browser = Browser::start("websocket-stream").await;
    browser.open(&format!("http://{}/bare.html", server.address)).await;
    let typed = typed.replace("localhost:3005", &server.address.to_string());
    let script = format!(
        "const done = arguments[0];
         (async () => {{
           {typed}
           return [(await reader.read()).value, (await reader.read()).value];
         }})().then(done, (error) => done([String(error)]))"
    );
    let read = browser.answer(&script).await;
    assert!(read[0].as_str().unwrap().contains("welcome"), "{read}");
    assert_eq!(sample(read[1].as_str().unwrap()).0, 1);
    browser.quit().await;
    server.shut_down();
}
