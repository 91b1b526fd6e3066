//! The quiz in a real Chromium. Here: what all tests of it use.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod alone;
mod leading;
mod losses;
mod room;

use std::net::SocketAddr;

use browser_tests::{Browser, workshop};
use serde_json::{Value, json};
use testkit::{Live, Workshop};

/// What must not be seen before its time.
const EXPLANATION: &str =
    "document.body.textContent.includes('a quiet client looks the same')";

/// How many there are.
fn questions() -> usize {
    include_str!("../../../../workshop-notes/quiz.toml")
        .matches("[[question]]")
        .count()
}

/// How many a talk asks.
const ASKED: usize = 10;

fn place(number: usize) -> String {
    format!("Question {number} of {ASKED}")
}

/// The same when all are asked.
fn place_of_all(number: usize) -> String {
    format!("Question {number} of {}", questions())
}

struct Quiz {
    workshop: Workshop,
    presenter: Live,
}

impl Quiz {
    fn open() -> Self {
        let workshop = workshop(&[]);
        let presenter = workshop.presenter();
        Self { workshop, presenter }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.workshop.process.address)
    }

    /// Goes to the presenter's page, by its key; `address` is its server or a proxy.
    async fn enter(&self, desk: &Browser, address: SocketAddr) {
        // The key leads to the page that asked for it, also when it is typed again.
        desk.open(&format!("http://{address}/presenter/quiz")).await;
        desk.type_into("#key", "wrong\u{e007}").await;
        desk.until("document.querySelector('#wrong').textContent").await;
        desk.type_into("#key", &self.workshop.key).await;
        desk.click("button.main").await;
        desk.until("location.pathname === '/presenter/quiz'").await;
    }

    fn lead(&mut self, command: Value) {
        self.presenter.command(&json!({ "quiz": command }));
    }
}

/// A page fits when nothing of it is beside the window; and below, unless it may scroll.
async fn fits(browser: &Browser, scrolls: bool) {
    let beyond = "const page = document.documentElement;
        const cut = [...document.querySelectorAll('.answer')]
          .filter((row) => row.scrollHeight > row.clientHeight + 1 || row.scrollWidth > row.clientWidth + 1);
        return [page.scrollWidth > innerWidth, page.scrollHeight > innerHeight, cut.length]";
    let beyond = browser.run(beyond).await;
    let text = browser.run("return document.body.innerText").await;
    assert_eq!(beyond[0], false, "{text}");
    assert!(scrolls || beyond[1] == false, "{text}");
    assert_eq!(beyond[2], 0, "{text}");
}
