//! The presenter's hour, rehearsed: every card of every chapter, every effect from the desk,
//! the windows of the talk in each order, and the quiz across a restart of the workshop. It
//! takes ten minutes, so it is run on request alone: `scripts/rehearse`. A line
//! tells each thing that went as it should.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

use std::{
    fs,
    time::{Duration, Instant},
};

use browser_tests::{Browser, TECHNIQUES, talk::Talk, workshop};
use serde_json::json;
use testkit::Proxy;

/// The longest that a card may take: an effect lasts for 30 s, an answer for 60 s.
const CARD: Duration = Duration::from_secs(150);

/// Waits longer than a script may take.
async fn long_until(browser: &Browser, expression: &str, what: &str) {
    let start = Instant::now();
    let look = format!(
        "return new Promise((done) => setTimeout(() => done(Boolean({expression})), 100))"
    );
    while browser.run(&look).await != true {
        let page = "return document.querySelector('main').innerText";
        assert!(start.elapsed() < CARD, "{what}\n{}", browser.run(page).await);
    }
}

#[tokio::test]
#[ignore = "takes minutes: scripts/rehearse"]
async fn every_card_of_every_chapter() {
    let workshop = workshop(&[]);
    let browser = Browser::start("rehearse-cards").await;
    browser.look(1280, 720, "light").await;
    for technique in TECHNIQUES {
        let url = format!(
            "http://{}/chapter/{}",
            workshop.process.address, technique.name
        );
        browser.open(&url).await;
        browser.until("document.querySelector('.live iframe')").await;
        let value = "!document.querySelector('.value').textContent.includes('·')";
        browser.enter_frame().await;
        browser.until(value).await;
        browser.leave_frames().await;
        let cards = "return document.querySelectorAll('.card').length";
        let cards = browser.run(cards).await.as_u64().unwrap();
        assert!(cards > 0);
        for number in 0..cards {
            card(&browser, number, technique.name).await;
        }
    }
    browser.quit().await;
}

/// Does what a card says, and waits until it ticks itself.
async fn card(browser: &Browser, number: u64, chapter: &str) {
    let card = format!("document.querySelectorAll('.card')[{number}]");
    let title = browser
        .run(&format!("return {card}.querySelector('h3').lastChild.data"))
        .await;
    let title = title.as_str().unwrap();
    let start = Instant::now();
    for button in buttons(title) {
        let button = format!(
            "[...{card}.querySelectorAll('button:enabled')]
               .find((button) => button.textContent.startsWith('{button}'))"
        );
        long_until(browser, &button, title).await;
        browser.run(&format!("{button}.click()")).await;
    }
    if title.starts_with("Stop") {
        browser.enter_frame().await;
        browser.click("#start").await;
        browser.until_shows("#start", "Start").await;
        let away = "performance.now() > (window.away ??= performance.now() + 6000)";
        browser.until(away).await;
        browser.click("#start").await;
        browser.leave_frames().await;
    }
    long_until(browser, &format!("{card}.matches('.seen')"), title).await;
    println!("{chapter}: {title}: {:.0} s", start.elapsed().as_secs_f64());
    // The next card is compared with a calm time before it.
    let end = format!(
        "[...{card}.querySelectorAll('button')]
           .find((button) => button.textContent.startsWith('End it now'))"
    );
    browser.run(&format!("{end}?.click()")).await;
    browser.until(&format!("!({end})")).await;
    browser.run("window.calm = performance.now() + 3000").await;
    browser.until("performance.now() > calm").await;
}

/// The buttons of a card, from its title.
fn buttons(title: &str) -> &[&str] {
    let first = title.split(':').next().unwrap();
    match first {
        "The browser alone" => &["Open both pages", "Cut both connections"],
        "Idle time-out" => &["Idle time-out"],
        "Stop" | "Lifetime" => &[],
        "Count" => &["Count"],
        "Delay" => &["Delay"],
        "Throttle" => &["Throttle"],
        "Refuse" => &["Refuse"],
        "Slice" => &["Slice"],
        "Buffer" => &["Buffer"],
        "Cut" => &["Cut"],
        "Stall" => &["Stall"],
        other => panic!("a card that nobody rehearses: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "takes minutes: scripts/rehearse"]
async fn every_effect_from_the_desk() {
    let workshop = workshop(&["--every", "500ms"]);
    let mut hub = workshop.presenter();
    let room = Browser::start("rehearse-room").await;
    room.look(1280, 720, "light").await;
    room.open(&format!("http://{}/compare", workshop.process.address)).await;
    let samples = "[...document.querySelectorAll('#table tbody tr')]
        .map((row) => row.querySelectorAll('td')[6].textContent)";
    room.until(&format!("{samples}.length === 5 && {samples}.every((n) => n > 0)"))
        .await;
    let desk = Browser::start("rehearse-desk").await;
    desk.look(1280, 720, "light").await;
    desk.open(&format!("http://{}/presenter", workshop.presenter)).await;
    desk.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
    desk.until("document.querySelector('#desk:enabled')").await;
    let buttons = "return document.querySelectorAll('#effects button').length";
    let buttons = desk.run(buttons).await.as_u64().unwrap();
    assert!(buttons > 50, "{buttons}");
    for number in 0..buttons {
        let button =
            format!("document.querySelectorAll('#effects button')[{number}]");
        // A command that is not on or off has no state in its name.
        let once = format!("return !/, (●|○|via)/.test({button}.ariaLabel)");
        desk.run(&format!("{button}.click()")).await;
        if desk.run(&once).await == true {
            let done = format!("{button}.textContent.includes('✓')");
            desk.until(&done).await;
            desk.until(&format!("!{done}")).await;
        } else {
            desk.until(&format!("{button}.ariaLabel.endsWith('● on')")).await;
            hub.until("room", |room| room["effects"].as_array().unwrap().len() == 1);
            room.until(
                "document.querySelector('.notice.effects').checkVisibility()",
            )
            .await;
            desk.click("#off").await;
            desk.until(&format!("{button}.ariaLabel.endsWith('○ off')")).await;
            hub.until("room", |room| room["effects"] == json!([]));
        }
        let label = desk.run(&format!("return {button}.ariaLabel")).await;
        let name = label.as_str().unwrap().split(", ").next().unwrap();
        println!("desk: {name}");
    }
    // All five come back, and are told everything.
    let newest = hub.room()["newest"].as_u64().unwrap();
    let counts = |column: u32| {
        format!(
            "[...document.querySelectorAll('#table tbody tr')]
               .map((row) => Number(row.querySelectorAll('td')[{column}].textContent))"
        )
    };
    let whole = format!(
        "{}.every((n) => n > {}) && [...{}, ...{}].every((n) => n === 0)",
        counts(6),
        newest / 2,
        counts(10),
        counts(11)
    );
    long_until(&room, &whole, "nothing is missed or duplicated").await;
    println!("desk: afterwards, nothing missed and nothing duplicated");
    desk.quit().await;
    room.quit().await;
}

#[tokio::test]
#[ignore = "takes minutes: scripts/rehearse"]
async fn the_windows_of_the_talk() {
    for speaker_first in [true, false] {
        let first = if speaker_first { "speaker's view" } else { "slides" };
        Talk::rehearse(speaker_first, |what| println!("{first} first: {what}"))
            .await;
    }
}

#[tokio::test]
#[ignore = "takes minutes: scripts/rehearse"]
async fn the_quiz_across_a_restart_of_the_workshop() {
    let folder = format!("workshop-{}-rehearsal", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    let state = ["--state-dir", &folder.to_string_lossy()];
    let before = workshop(&state);
    // The same address for the room, whatever ports the workshops take.
    let proxy = Proxy::before(before.process.address);
    let phone = Browser::start("rehearse-phone").await;
    phone.open(&format!("http://{}/quiz/live", proxy.address)).await;
    let mut presenter = before.presenter();
    presenter.command(&json!({"quiz": {"open": "pulled-cable"}}));
    phone
        .until("document.querySelectorAll('button.answer:enabled').length === 4")
        .await;
    phone.click("#answers li:nth-child(2) button").await;
    let counted = "document.querySelector('#say').textContent
        .startsWith('✓ Your answer is in: B')";
    phone.until(counted).await;
    println!("quiz: an answer is counted");

    let saved = || fs::read_to_string(folder.join("quiz.json")).unwrap_or_default();
    testkit::wait_until("the vote is saved", || saved().contains(":1}"));
    drop(before); // killed, without a word
    let after = workshop(&state);
    proxy.redirect(after.process.address);
    let line =
        "document.querySelector('#up').textContent.includes('open, 1 answer sent')";
    long_until(&phone, line, "the phone says its answer again").await;
    phone.until(counted).await;
    println!("quiz: after a restart, the phone is back, and says its answer again");

    let desk = Browser::start("rehearse-quiz-desk").await;
    desk.look(1280, 720, "light").await;
    desk.open(&format!("http://{}/presenter/quiz", after.presenter)).await;
    desk.type_into("#key", &format!("{}\u{e007}", after.key)).await;
    desk.until_shows("#total", "1 answer").await;
    for (step, next) in [
        ("Reveal the answer", "Next question"),
        ("Next question", "Reveal the answer"),
    ] {
        desk.until_shows("#step", step).await;
        desk.until(
            "document.querySelector('#side:enabled #step:not([aria-disabled=true])')",
        )
        .await;
        desk.click("#step").await;
        desk.until_shows("#step", next).await;
        if step == "Reveal the answer" {
            phone.until_shows("#say", "✓ You were right. 1 of 1 right.").await;
        }
        println!("quiz: {step}");
    }
    phone
        .until(
            "document.querySelector('#place').textContent.startsWith('Question 2')",
        )
        .await;
    desk.click("#close").await;
    desk.until_shows("#step", "Open question 3").await;
    println!("quiz: after Close, the button offers the next question");
    desk.quit().await;
    phone.quit().await;
    drop(after);
    let _ = fs::remove_dir_all(folder);
}
