//! Alone, and while the room takes it.

use browser_tests::{Browser, FAINT};
use serde_json::json;

use crate::{ASKED, Quiz, fits, place, place_of_all, questions};

#[tokio::test]
async fn alone_it_tells_at_once_what_is_right_and_counts() {
    let mut quiz = Quiz::open();
    let browser = Browser::start("quiz-alone").await;
    // While the room is asked, it waits, and does not tell.
    quiz.lead(json!({"open": "pulled-cable"}));
    quiz.presenter.room(); // it is done when that is answered
    browser.open(&quiz.url("/quiz")).await;
    browser.look(360, 740, "light").await;
    browser.until_shows("#text", "The room is taking the quiz now").await;
    let known = "return fetch('/quiz/questions').then((all) => all.text())";
    let known = browser.run(known).await;
    assert!(!known.as_str().unwrap().contains("a quiet client"), "{known}");
    fits(&browser, true).await;
    let faded = "return [...document.querySelectorAll('.ways, .ways *')]
        .filter((part) => getComputedStyle(part).maskImage !== 'none').length";
    assert_eq!(browser.run(faded).await, 0);
    // Between two questions, it waits still: the others are to be asked.
    quiz.presenter.command(&json!({"here": "/quiz/live"}));
    quiz.lead(json!({"close": "pulled-cable"}));
    quiz.presenter.room();
    browser.open(&quiz.url("/quiz")).await;
    browser.until_shows("#text", "The room is taking the quiz now").await;
    browser
        .until("document.body.textContent.includes('everyone may browse freely')")
        .await;
    // It is over: the answers stay, and this page opens by itself.
    quiz.presenter.command(&json!({"release": "/quiz/live"}));
    browser.until_shows("#text", "Which questions?").await;
    let paths = "[...document.querySelectorAll('#paths button')]
        .filter((path) => path.checkVisibility()).length";
    browser.until(&format!("{paths} === 4")).await;
    assert_eq!(browser.run(FAINT).await, json!([]));
    fits(&browser, true).await;
    // The ten of a talk; a reload loses none of the answers.
    browser.click("[data-path=short]").await;
    browser.until_shows("#place", &place(1)).await;
    // A page that is open waits, too, as soon as the room is asked.
    quiz.lead(json!({"open": "pulled-cable"}));
    browser.until_shows("#text", "The room is taking the quiz now").await;
    browser.until("!document.querySelector('.answer').checkVisibility()").await;
    quiz.lead(json!({"close": "pulled-cable"}));
    browser.until_shows("#place", &place(1)).await;
    browser.click("#others").await;
    browser.click("[data-path=short]").await;
    browser.until("document.activeElement.id === 'text'").await;
    browser.click("#answers li:nth-child(2) button").await;
    browser.until_shows(".ours .sign", "✕ yours").await;
    browser.until_shows(".right .sign", "✓ right").await;
    browser.until_shows("#verdict a", "Welcome").await;
    assert_eq!(browser.run(FAINT).await, json!([]));
    fits(&browser, true).await;
    browser.open(&quiz.url("/quiz")).await;
    for number in 2..=ASKED {
        browser.until_shows("#place", &place(number)).await;
        fits(&browser, true).await;
        browser
            .run(
                "const text = document.querySelector('#text').textContent;
                 const all = await (await fetch('/quiz/questions')).json();
                 const [right] = all.find((question) => question.text === text).right;
                 document.querySelectorAll('.answer')[right].click();",
            )
            .await;
        browser.until_shows("#verdict b", "✓ Right. ").await;
        // Whoever uses the keyboard is at the next one already.
        browser.until("document.activeElement.id === 'next'").await;
        browser.click("#next").await;
    }
    browser.until_shows("#text", &format!("{} of {ASKED} right", ASKED - 1)).await;
    let links = "[...document.querySelectorAll('#review li a')]
        .filter(({ textContent }) => textContent).length";
    browser.until(&format!("{links} === {ASKED}")).await;
    assert_eq!(browser.run(FAINT).await, json!([]));
    browser.click("#next").await;
    browser.until_shows("#place", &place(1)).await;
    // Or all of them, in the same place.
    browser.click("#others").await;
    browser.until(&format!("{paths} === 4")).await;
    browser.click("[data-path=all]").await;
    browser.until_shows("#place", &place_of_all(1)).await;
    let all = "const [page, seen, wide] = [document.documentElement, [], []];
        while (document.querySelector('#answers').checkVisibility()) {
          document.querySelector('.answer').click();
          seen.push(document.querySelector('#text').textContent);
          if (page.scrollWidth > innerWidth) wide.push(seen.at(-1));
          document.querySelector('#next').click();
        }
        return [new Set(seen).size, wide]";
    assert_eq!(browser.run(all).await, json!([questions(), []]));
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}
