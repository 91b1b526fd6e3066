//! Where connections are lost, and after a restart.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use browser_tests::{Browser, FAINT};
use serde_json::json;
use testkit::{Proxy, WAIT_TIMEOUT};

use crate::{Quiz, fits, place};

#[tokio::test]
async fn results_that_fall_silent_are_said_to_be_lost_and_come_back() {
    let mut quiz = Quiz::open();
    let proxy = Proxy::before(quiz.workshop.presenter);
    let desk = Browser::start("quiz-silent").await;
    quiz.enter(&desk, proxy.address).await;
    quiz.lead(json!({"open": "pulled-cable"}));
    desk.until_shows("#step", "Reveal the answer").await;
    desk.until("document.querySelector('#side:not(:disabled)')").await;
    desk.complaints().await; // of the 403 before the key
    desk.run(
        "new MutationObserver(() => {
           const words = document.querySelector('#line').textContent;
           const frozen = document.querySelector('#side').disabled;
           if (words.startsWith('✕ Nothing can be done from here.') && frozen) window.lost = true;
         }).observe(document.querySelector('#line'), { childList: true });",
    )
    .await;
    proxy.silence("/quiz/results");
    quiz.lead(json!({"open": "stream-collected"}));
    // The page takes 25 s of silence for a loss, which is longer than `until` waits.
    let (silent, look) =
        (Instant::now(), "await new Promise((r) => setTimeout(r, 50));");
    while desk.run(&format!("{look} return window.lost === true")).await != true {
        assert!(silent.elapsed() < 3 * WAIT_TIMEOUT, "nothing is said");
    }
    desk.until("document.querySelector('#side:not(:disabled)')").await;
    desk.until_shows("#line", "Connected to the workshop.").await;
    desk.until_shows("#place", &(place(9) + ", open")).await;
    quiz.lead(json!({"close": "stream-collected"}));
    desk.until_shows("#text", "No question is open").await;
    assert_eq!(desk.complaints().await, [""; 0]);
    desk.quit().await;
}

/// All that was sent meanwhile arrives at once, or only the newest of it.
#[tokio::test]
async fn a_phone_that_is_back_at_the_next_question_is_told_what_was_right_before() {
    let mut quiz = Quiz::open();
    let phone = Browser::start("quiz-next").await;
    quiz.lead(json!({"open": "pulled-cable"}));
    phone.open(&quiz.url("/quiz/live")).await;
    phone
        .until("document.querySelectorAll('button.answer:enabled').length === 4")
        .await;
    quiz.lead(json!({"reveal": "pulled-cable"}));
    quiz.lead(json!({"open": "stream-collected"}));
    phone.until_shows("#place", &format!("{} · 0 answers", place(9))).await;
    let said = phone.run("return document.querySelector('#say').textContent").await;
    let said = said.as_str().unwrap();
    assert!(said.contains(" is over: B was right. Choose one."), "{said}");
    phone.quit().await;
}

/// A phone that was without a network: when its answer arrives, so does the right one, and not
/// only when the silence of the results is noticed.
#[tokio::test]
async fn a_phone_that_is_back_with_its_answer_sees_the_reveal_at_once() {
    let mut quiz = Quiz::open();
    let proxy = Proxy::before(quiz.workshop.process.address);
    let phone = Browser::start("quiz-back").await;
    quiz.lead(json!({"open": "pulled-cable"}));
    phone.open(&format!("http://{}/quiz/live", proxy.address)).await;
    phone
        .until("document.querySelectorAll('button.answer:enabled').length === 4")
        .await;
    let silent = Instant::now();
    for target in ["/quiz/results", "/quiz/vote"] {
        proxy.silence(target);
    }
    phone.click("#answers li:nth-child(2) button").await;
    phone.until_shows("#say", "Sending your answer …").await;
    let counted = "document.querySelector('#say').textContent.startsWith('✓ Your answer is in')";
    phone.until(counted).await;
    quiz.lead(json!({"reveal": "pulled-cable"}));
    phone.until_shows("#say", "✓ You were right. 1 of 1 right.").await;
    // A silence is noticed after 25 s.
    assert!(silent.elapsed() < Duration::from_secs(20), "{:?}", silent.elapsed());
    phone.quit().await;
}

/// In the end, too, what came too late is not what was never answered.
#[tokio::test]
async fn an_answer_that_came_too_late_is_in_the_list_at_the_end() {
    let mut quiz = Quiz::open();
    let proxy = Proxy::before(quiz.workshop.process.address);
    let phone = Browser::start("quiz-late").await;
    quiz.lead(json!({"ask": ["pulled-cable"]}));
    quiz.lead(json!({"open": "pulled-cable"}));
    phone.open(&format!("http://{}/quiz/live", proxy.address)).await;
    phone
        .until("document.querySelectorAll('button.answer:enabled').length === 4")
        .await;
    proxy.redirect(SocketAddr::from(([127, 0, 0, 1], 1))); // where nothing listens
    proxy.cut();
    let waits = "No connection. Your answer is sent as soon as there is one.";
    phone.click("#answers li:nth-child(1) button").await;
    phone.until_shows("#say", waits).await;
    quiz.lead(json!({"reveal": "pulled-cable"}));
    proxy.redirect(quiz.workshop.process.address);
    phone.until_shows("#say", "Your answer came too late. Nobody answered.").await;
    quiz.lead(json!({"close": "pulled-cable"}));
    phone.until_shows("#text", "That was the last question").await;
    let late = "/^too late: .* B: .*; you chose A: /";
    phone
        .until(&format!("{late}.test(document.querySelector('#review').innerText)"))
        .await;
    phone.look(360, 740, "light").await;
    phone.screenshot("quiz-late-360").await;
    phone.quit().await;
}

/// After a restart, the presenter's wall says what helps, and its button does nothing
/// until then.
#[tokio::test]
async fn the_presenters_wall_asks_for_the_new_key() {
    let before = Quiz::open();
    let proxy = Proxy::before(before.workshop.presenter);
    let wall = Browser::start("quiz-restart").await;
    wall.open(&format!("http://{}/presenter/quiz/wall", proxy.address)).await;
    wall.type_into("#key", &format!("{}\u{e007}", before.workshop.key)).await;
    wall.until("document.querySelector('#step:not([aria-disabled=true])')").await;
    wall.until_shows("#lost", "Connected to the workshop.").await;
    let after = Quiz::open();
    proxy.redirect(after.workshop.presenter);
    proxy.cut();
    let lost = "✕ Nothing can be done from here. The workshop was started again and has a \
                new key: enter it.";
    wall.until_shows("#lost", lost).await;
    wall.until("document.querySelector('#step').disabled").await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            wall.look(width, height, colors).await;
            fits(&wall, width < 600).await;
            assert_eq!(wall.run(FAINT).await, json!([]));
            wall.screenshot(&format!("quiz-wall-locked-{width}-{colors}")).await;
        }
    }
    wall.click("#lost a").await;
    wall.type_into("#key", &format!("{}\u{e007}", after.workshop.key)).await;
    let step = "document.querySelector('#step:enabled:not([aria-disabled=true])')";
    wall.until(&format!("{step}?.checkVisibility()")).await;
    wall.click("#step").await;
    wall.until_shows("#place", &place(1)).await;
    wall.quit().await;
}
