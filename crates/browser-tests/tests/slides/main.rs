//! The slides and the speaker's view in a real Chromium. Here: what tests of both use.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod handout;
mod pages;
mod speaker;
mod windows;

use browser_tests::{Browser, talk::SPEAKER_AT};
use serde_json::json;
use testkit::Workshop;

/// Presses a key, as a person at the page does.
async fn press(browser: &Browser, key: &str) {
    let event = json!({"key": key, "bubbles": true});
    browser
        .run(&format!(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {event}))"
        ))
        .await;
}

/// The slide that is shown.
async fn shown(browser: &Browser) -> String {
    let id = browser
        .run("return document.querySelector('.slide:not([hidden])').id")
        .await;
    id.as_str().unwrap().to_owned()
}

/// Opens the speaker's view, for its presenter.
async fn open_speaker(browser: &Browser, workshop: &Workshop) {
    let url = format!("http://{}/presenter/speaker", workshop.presenter);
    browser.open(&url).await;
    enter(browser, workshop).await;
    browser.until(&format!("{SPEAKER_AT} === 'welcome/1'")).await;
    browser.until_shows("#line", "Connected to the workshop.").await;
}

/// Chooses an option, as a person does.
async fn choose(browser: &Browser, select: &str, value: &str) {
    let (select, value) = (json!(select), json!(value));
    let script = format!(
        "const select = document.querySelector({select});
         select.value = {value};
         select.dispatchEvent(new Event('change'))"
    );
    browser.run(&script).await;
}

/// Enters the key of the presenter, in a page that asks for it.
async fn enter(browser: &Browser, workshop: &Workshop) {
    browser.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
}
