//! axe-core, a checker of accessibility that nobody here wrote, on every page: on a
//! projector and on a phone, in light and in dark. It finds no violation.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use browser_tests::{Browser, TECHNIQUES, faint_in_use, workshop};
use serde_json::{Value, json};
use testkit::{Live, Workshop};

/// Once there are samples.
const DEMO: &str = "document.querySelector('.value')?.textContent.length === 13";
const BARE: &str = "document.querySelectorAll('#events li').length > 1";
const CHAPTER: &str = "document.querySelector('#turn a')";
/// With its live page and its cards.
const LAB: &str = "document.querySelector('.lab iframe')
    && document.querySelector('.cards button')?.textContent";
const WIRE: &str = "document.querySelectorAll('[data-label]').length > 20";
const ANSWERS: &str = "document.querySelectorAll('.answer').length === 4";

/// A browser, and what axe has found in it.
struct Checker {
    browser: Browser,
    found: Vec<String>,
}

impl Checker {
    /// Opens a page, and checks it once it is in use.
    async fn open(&mut self, url: &str, in_use: &str) {
        self.browser.look(1280, 720, "light").await;
        self.browser.open(url).await;
        self.browser.until(in_use).await;
        self.check("").await;
    }

    /// Checks the page that is open, in a state.
    async fn check(&mut self, state: &str) {
        let at = self.browser.run("return location.pathname").await;
        let found = self.browser.violations().await;
        self.found.extend(found.iter().map(|found| format!("{at} {state} {found}")));
        for colors in ["light", "dark"] {
            self.browser.look(1280, 720, colors).await;
            let faint = self.browser.run(&faint_in_use()).await;
            let faint = faint.as_array().unwrap().iter();
            let told =
                faint.map(|text| format!("{at} {state} in use, {colors}: {text}"));
            self.found.extend(told);
        }
    }

    async fn demos(&mut self, workshop: &Workshop) {
        for (technique, address) in TECHNIQUES.iter().zip(&workshop.techniques) {
            self.open(&format!("http://{address}/"), DEMO).await;
            if technique.name == "websocket" {
                self.browser.type_into("[name=text]", "hello\u{e007}").await;
                self.browser
                    .until("document.querySelector('#log').textContent.includes('hello')")
                    .await;
                self.check("with a message").await;
            }
        }
        for address in &workshop.techniques[3..] {
            self.open(&format!("http://{address}/bare.html"), BARE).await;
        }
        let room = format!("http://{}/chat-room.html", workshop.techniques[4]);
        self.open(&room, "document.querySelector('.join').children.length").await;
        let say = "const socket = new WebSocket('/chat', ['chat']);
            socket.onopen = () => socket.send('{\"say\":\"hello\"}');";
        self.browser.run(say).await;
        self.browser.until("document.querySelector('#said p')").await;
        self.check("with a message").await;
        let many = format!("http://{}/many.html", workshop.techniques[3]);
        self.open(&many, "document.querySelector('#protocol')").await;
        self.browser.click("#form button").await;
        self.browser
            .until("document.querySelector('#count').textContent.includes('of 30')")
            .await;
        self.check("with many streams").await;
    }

    async fn gallery(&mut self, workshop: &Workshop, hub: &str) {
        let state = "document.querySelector('.state')";
        for application in gallery::APPLICATIONS {
            let page = format!("http://{}/{}/", workshop.gallery, application.name);
            self.open(&page, state).await;
        }
        let list = "document.querySelector('#applications a')";
        self.open(&format!("http://{}/", workshop.gallery), list).await;
        let shown = "document.querySelector('.miniature iframe')
            && document.querySelector('.cards button')?.textContent";
        self.open(&format!("{hub}/gallery"), shown).await;
        let pair = "document.querySelectorAll('pre').length === 2";
        self.open(&format!("{hub}/source/stock"), pair).await;
    }

    async fn pages(&mut self, hub: &str) {
        let agenda = "document.querySelector('#chapters li')
            && document.querySelector('#invitation').children.length
            && document.querySelector('#devices').textContent";
        self.open(&format!("{hub}/"), agenda).await;
        let compare = "document.querySelectorAll('#table td').length > 5
            && document.querySelectorAll('.dots .has').length > 5";
        self.open(&format!("{hub}/compare"), compare).await;
        let source = "document.querySelector('#same').textContent";
        self.open(&format!("{hub}/source"), source).await;
        for file in ["html", "rs"] {
            let example = format!("{hub}/example/sse/as_often_shown.{file}");
            self.open(&example, "document.querySelector('#files a')").await;
        }
        for technique in TECHNIQUES {
            self.wire(&format!("{hub}/wire/{}", technique.name)).await;
        }
        self.browser.run("document.querySelector('[data-label]').focus()").await;
        self.browser.until("!document.querySelector('#panel.empty')").await;
        self.check("with an explanation").await;
        self.open(&format!("{hub}/handout"), "document.querySelector('header')")
            .await;
        let slides = "document.querySelector('#number').textContent";
        self.open(&format!("{hub}/slides"), slides).await;
        self.browser.run("document.querySelector('#help').showModal()").await;
        self.check("with its keys").await;
    }

    /// What axe takes grows with the bytes: they come, and are held.
    async fn wire(&mut self, url: &str) {
        self.browser.look(1280, 720, "light").await;
        self.browser.open(url).await;
        self.browser.until(WIRE).await;
        self.browser.click("#pause").await;
        self.check("with some bytes").await;
    }

    async fn chapters(&mut self, hub: &str) {
        let chapters = "fetch('/setup').then((answer) => answer.json()).then(
            ({ chapters }) => arguments[0](chapters))";
        let chapters = self.browser.answer(chapters).await;
        let chapters = chapters.as_array().unwrap();
        assert!(chapters.len() > 15, "{chapters:?}");
        for chapter in chapters {
            let in_use = if chapter["technique"].is_null() { CHAPTER } else { LAB };
            let id = chapter["id"].as_str().unwrap();
            self.open(&format!("{hub}/chapter/{id}"), in_use).await;
        }
    }

    async fn quiz(&mut self, workshop: &Workshop, hub: &str) {
        self.open(
            &format!("{hub}/quiz"),
            "document.querySelector('#paths:not([hidden])')",
        )
        .await;
        self.browser.click("[data-path=short]").await;
        self.browser.click(".answer").await;
        self.browser.until("document.querySelector('#verdict').textContent").await;
        self.check("answered").await;
        for (path, waits) in [("/quiz/live", "#say"), ("/quiz/wall", "#how")] {
            // A connection that nobody reads is closed after some pings.
            let presenter = &mut workshop.presenter();
            let waits = format!("document.querySelector('{waits}').textContent");
            self.open(&format!("{hub}{path}"), &waits).await;
            lead(presenter, json!({"open": "held-request"}));
            self.browser.until(ANSWERS).await;
            self.check("with a question").await;
            lead(presenter, json!({"reveal": "held-request"}));
            self.browser.until("document.querySelector('.right')").await;
            self.check("revealed").await;
            lead(presenter, json!({"close": "held-request"}));
        }
    }

    async fn presenter(&mut self, workshop: &Workshop) {
        let desk = format!("http://{}/presenter", workshop.presenter);
        self.open(&desk, "document.querySelector('#key')").await;
        self.browser.type_into("#key", "wrong\u{e007}").await;
        self.browser.until("document.querySelector('#wrong').textContent").await;
        self.check("with a wrong key").await;
        self.browser.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
        self.browser.until("document.querySelector('#effects button')").await;
        let presenter = &mut workshop.presenter();
        presenter.command(
            &json!({"set": {"technique": "sse", "effect": "stall", "on": true}}),
        );
        let desk_in_use = "document.querySelector('#effects [aria-label$=\"● on\"]')
            && document.querySelector('#expect').textContent";
        self.open(&desk, desk_in_use).await;
        self.wire(&format!("{desk}/wire/long-poll")).await;
        let speaker = "document.querySelector('#now').textContent.trim()";
        self.open(&format!("{desk}/speaker"), speaker).await;
        lead(&mut workshop.presenter(), json!({"open": "held-request"}));
        self.open(&format!("{desk}/quiz"), ANSWERS).await;
        self.browser.run("document.querySelector('#sure').showModal()").await;
        self.check("before all is forgotten").await;
        self.browser.run("document.querySelector('#sure').close()").await;
        self.browser.click("#choose").await;
        self.check("with all questions").await;
        self.open(&format!("{desk}/quiz/wall"), ANSWERS).await;
    }
}

fn lead(presenter: &mut Live, command: Value) {
    presenter.command(&json!({ "quiz": command }));
}

#[tokio::test]
async fn axe_finds_no_violation_on_any_page() {
    let workshop = workshop(&["--every", "500ms"]);
    let browser = Browser::start("axe").await;
    let mut checker = Checker { browser, found: Vec::new() };
    let hub = format!("http://{}", workshop.process.address);
    checker.demos(&workshop).await;
    checker.gallery(&workshop, &hub).await;
    checker.pages(&hub).await;
    checker.chapters(&hub).await;
    checker.quiz(&workshop, &hub).await;
    checker.presenter(&workshop).await;
    assert!(checker.found.is_empty(), "{}", checker.found.join("\n"));
    checker.browser.quit().await;
}
