//! The hub's pages in a real Chromium. Here: the comparison as a test sees it, with the
//! five pages in frames, and the presenter's commands.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

mod all_pages;
mod chapters;
mod commands;
mod compare;
mod effects;
mod promises;
mod wire;

use std::time::{Duration, Instant};

use browser_tests::{Browser, TECHNIQUES, workshop};
use serde_json::{Value, json};
use testkit::{Live, Workshop};

/// Writes down what the framed pages tell, by technique.
const RECORD: &str = "
    window.seen = {};
    addEventListener('message', ({ data }) => {
      if (data.event) (seen[data.technique] ??= []).push(data.event);
    });";

/// The five pages in one, with what each told.
struct Five {
    browser: Browser,
    presenter: Live,
    workshop: Workshop,
}

impl Five {
    async fn open(name: &str, flags: &[&str]) -> Self {
        let workshop = workshop(flags);
        let presenter = workshop.presenter();
        let browser = Browser::start(name).await;
        browser.look(1280, 720, "light").await;
        browser.open(&format!("http://{}/compare", workshop.process.address)).await;
        browser.run(RECORD).await;
        let five = Self { browser, presenter, workshop };
        five.all("have a sample", "events.some(({ type }) => type === 'sample')")
            .await;
        five
    }

    /// Waits until an expression over a page's `events` holds for each technique.
    async fn all(&self, what: &str, expression: &str) {
        let names = TECHNIQUES.map(|technique| technique.name);
        self.these(&names, what, expression).await;
    }

    async fn these(&self, names: &[&str], what: &str, expression: &str) {
        let holds = format!(
            "{}.every((technique) => ((events) => ({expression}))(seen[technique] ?? []))",
            json!(names)
        );
        let start = Instant::now();
        let look = format!(
            "return new Promise((done) => setTimeout(() => done({holds}), 50))"
        );
        while self.browser.run(&look).await != true {
            let seen = "return Object.fromEntries(Object.entries(seen)
                .map(([name, events]) => [name, events.slice(-6)]))";
            assert!(
                start.elapsed() < Duration::from_secs(100),
                "not all {what}: {:#}",
                self.browser.run(seen).await
            );
        }
    }

    /// What the desk promises of an effect on a technique.
    async fn promise(&self, effect: &str, technique: &str) -> String {
        let promise = format!(
            "return import('/workshop/presenter/expect.js')
               .then(({{ EXPECT }}) => EXPECT['{effect}']['{technique}'])"
        );
        self.browser.run(&promise).await.as_str().unwrap().to_owned()
    }

    /// What each page has told since the last call.
    async fn take(&self) -> Value {
        self.browser.run("const told = seen; seen = {}; return told").await
    }

    fn put_on(&mut self, mut effect: Value) {
        effect["on"] = json!(true);
        self.presenter.command(&json!({ "set": effect }));
        self.presenter.until("room", |room| room["effects"] != json!([]));
    }

    /// Adds an effect that is over at once, and so is never in the list of effects.
    fn put_on_once(&mut self, effect: &str) {
        self.presenter.command(&json!({"set": {"effect": effect, "on": true}}));
    }

    fn all_off(&mut self) {
        self.presenter.command(&json!({"off": true}));
        self.presenter.until("room", |room| room["effects"] == json!([]));
    }

    /// Every page goes on until it has the sample that is the newest now, and has had
    /// each one once.
    async fn nothing_missed(&mut self) {
        self.presenter.command(&json!({"feed": {"publish": 1}}));
        let newest = self.presenter.room()["newest"].as_u64().unwrap();
        let has = format!("events.some(({{ sample }}) => sample?.seq >= {newest})");
        self.all("have the newest", &has).await;
        let whole = "return Object.entries(all).filter(([, numbers]) =>
            numbers.some((number, at) => at > 0 && number !== numbers[at - 1] + 1))";
        let numbers =
            "window.all ??= {}; for (const [name, events] of Object.entries(seen))
            all[name] = events.filter(({ type }) => type === 'sample')
              .map(({ sample }) => sample.seq);";
        let holes = self.browser.run(&format!("{numbers} {whole}")).await;
        assert_eq!(holes, json!([]), "samples missed or doubled");
    }
}
