//! With the room: from an answer on a phone to the wall, and to the end.

use browser_tests::{Browser, FAINT};
use serde_json::json;
use testkit::Proxy;

use crate::{EXPLANATION, Quiz, fits};

#[tokio::test]
async fn an_answer_reaches_the_wall_once_also_over_a_line_that_breaks() {
    let mut quiz = Quiz::open();
    let proxy = Proxy::before(quiz.workshop.process.address);
    let phone = Browser::start("quiz-phone").await;
    let wall = Browser::start("quiz-wall").await;
    wall.look(1280, 720, "dark").await;
    wall.open(&quiz.url("/quiz/wall")).await;
    // Without --lan, nobody is told to take a phone.
    wall.until(
        "document.querySelector('#how').textContent.startsWith('Take part at ')",
    )
    .await;
    let phones = "return document.body.textContent.includes('phone')";
    assert_eq!(wall.run(phones).await, false);
    phone.open(&format!("http://{}/quiz/live", proxy.address)).await;
    phone.look(360, 740, "light").await;
    phone
        .until("document.querySelector('#say').textContent.includes('appears here')")
        .await;
    quiz.lead(json!({"open": "pulled-cable"}));
    for browser in [&phone, &wall] {
        browser.until("document.querySelectorAll('.answer').length === 4").await;
    }
    wall.until_shows("#total", "0 answers").await;
    // One count at a time: of answers, while a question is on.
    let room = "return document.querySelector('#room').checkVisibility()";
    assert_eq!(wall.run(room).await, false);
    // An answer stands beside the middle of its letter.
    let apart =
        "return Math.max(...[...document.querySelectorAll('.answer')].map((row) => {
        const [letter, phrase] = ['.letter', '.phrase'].map((part) => {
          const { top, bottom } = row.querySelector(part).getBoundingClientRect();
          return (top + bottom) / 2;
        });
        return Math.abs(letter - phrase);
      }))";
    assert!(wall.run(apart).await.as_f64().unwrap() < 2.0);
    // Another tab of the same browser has the same seat.
    let tab = phone.windows().await.remove(0);
    let room = format!("http://{}/quiz/live", proxy.address);
    let other = phone.open_window(&room).await;
    phone
        .until("document.querySelectorAll('button.answer:enabled').length === 4")
        .await;
    phone.switch_to(&tab).await;
    phone.click("#answers li:nth-child(2) button").await;
    let counted = "document.querySelector('#say').textContent
        .startsWith('✓ Your answer is in: B')";
    phone.until(counted).await;
    phone.switch_to(&other).await;
    phone.until(counted).await;
    phone.close_window().await;
    phone.switch_to(&tab).await;
    wall.until_shows("#total", "1 answer").await;
    // Until the reveal, nobody sees what the others chose.
    let bars = "[...document.querySelectorAll('.chart')].filter((bar) => bar.checkVisibility()).length";
    assert_eq!(wall.run(&format!("return {bars}")).await, 0);
    // The line breaks: both connections come back, and the vote is said again.
    let state = "document.querySelector('#up').textContent";
    phone
        .run(&format!(
            "new MutationObserver(() => {state}.includes('open') || (window.lost = true))
               .observe(document.querySelector('#up'), {{ childList: true }});"
        ))
        .await;
    proxy.cut();
    phone
        .until(&format!("window.lost && {state}.includes('open, 1 answer sent')"))
        .await;
    phone.until(counted).await;
    // Another visit of the same browser has the same seat.
    phone.open(&format!("http://{}/quiz/live", proxy.address)).await;
    phone.until(counted).await;
    phone
        .until("document.querySelectorAll('button.answer:disabled').length === 4")
        .await;
    for browser in [&phone, &wall] {
        assert_eq!(browser.run(&format!("return {EXPLANATION}")).await, false);
        assert_eq!(browser.run(FAINT).await, json!([]));
    }
    fits(&phone, true).await;
    quiz.lead(json!({"reveal": "pulled-cable"}));
    phone.until_shows("#say", "✓ You were right. 1 of 1 right.").await;
    phone.until_shows(".right .sign", "✓ right, yours").await;
    wall.until_shows(".right .sign", "✓ right").await;
    wall.until_shows("#answers li:nth-child(2) .count", "1").await;
    assert_eq!(wall.run(&format!("return {bars}")).await, 4);
    for browser in [&phone, &wall] {
        browser.until(EXPLANATION).await;
        browser.until_shows("#explanation a", "IP, port, connection").await;
        browser
            .screenshot(&format!(
                "quiz-{}",
                if browser.run("return innerWidth").await == 360 {
                    "phone"
                } else {
                    "wall"
                }
            ))
            .await;
        assert_eq!(browser.run(FAINT).await, json!([]));
    }
    wall.until_shows("#total", "1 answer").await;
    fits(&phone, true).await;
    quiz.lead(json!({"close": "pulled-cable"}));
    phone.until("document.querySelector('#answers').hidden").await;
    // A question that is closed before its answer was shown: that is said, on the way to
    // another one, too.
    let unrevealed = "Question 9 was closed before the right answer was shown.";
    let say = "document.querySelector('#say').textContent";
    for (next, then) in [
        (json!({"close": "stream-collected"}), "The next question appears here"),
        (json!({"open": "poll-bytes"}), "Choose one."),
    ] {
        quiz.lead(json!({"open": "stream-collected"}));
        phone.until("document.querySelector('#place').textContent.startsWith('Question 9')").await;
        assert_eq!(
            phone.run(&format!("return {say}.includes('was closed')")).await,
            false
        );
        quiz.lead(next);
        phone
            .until(&format!(
                "{say}.startsWith('{unrevealed}') && {say}.includes('{then}')"
            ))
            .await;
    }
    // A page that is opened later says it, too.
    quiz.lead(json!({"close": "poll-bytes"}));
    phone.open(&format!("http://{}/quiz/live", proxy.address)).await;
    phone
        .until(&format!(
            "{say}.startsWith('Question 2 was closed before the right answer')"
        ))
        .await;
    // Who is still to answer never had what is right.
    for browser in [&phone, &wall] {
        let requests = browser.requests().await;
        assert!(requests.iter().any(|url| url.ends_with("/quiz/results")));
        assert!(!requests.iter().any(|url| url.ends_with("/quiz/questions")));
    }
    assert_eq!(wall.complaints().await, [""; 0]);
    phone.quit().await;
    wall.quit().await;
}

/// After the last question, everybody sees that it was the last, and what came of all. Another
/// room begins with no answers.
#[tokio::test]
async fn the_quiz_has_an_end() {
    let mut quiz = Quiz::open();
    let phone = Browser::start("quiz-end-phone").await;
    let wall = Browser::start("quiz-end-wall").await;
    wall.open(&format!("http://{}/presenter/quiz/wall", quiz.workshop.presenter))
        .await;
    wall.type_into("#key", &format!("{}\u{e007}", quiz.workshop.key)).await;
    phone.open(&quiz.url("/quiz/live")).await;
    phone.look(360, 740, "light").await;
    let (easy, hard, unanswered) =
        ("pulled-cable", "poll-bytes", "stream-collected");
    quiz.lead(json!({ "ask": [easy, hard, unanswered] }));
    for (id, answer) in [(easy, Some(2)), (hard, Some(1)), (unanswered, None)] {
        quiz.lead(json!({ "open": id }));
        let number =
            1 + [easy, hard, unanswered].iter().position(|one| *one == id).unwrap();
        phone
            .until(&format!(
                "document.querySelector('#place').textContent.startsWith('Question {number} ')"
            ))
            .await;
        if let Some(answer) = answer {
            phone.click(&format!("#answers li:nth-child({answer}) button")).await;
            wall.until_shows("#total", "1 answer").await;
        }
        quiz.lead(json!({ "reveal": id }));
        wall.until("document.querySelector('.answer.right')").await;
    }
    // One of one filled its bar; of the others, nothing.
    wall.until_shows("#step", "Close the last question").await;
    wall.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    wall.click("#step").await;
    for page in [&phone, &wall] {
        page.until_shows("#text", "That was the last question").await;
    }
    let right = phone.run("return document.querySelector('#say').textContent").await;
    let right = right.as_str().unwrap();
    let own = right
        .strip_prefix("You had ")
        .and_then(|it| it.strip_suffix(" of 3 right."));
    let own: usize = own.unwrap_or_else(|| panic!("{right}")).parse().unwrap();
    // What was right, of each: with a mark for what was answered.
    let marks = "[...document.querySelectorAll('#review li b:first-child')]
        .map(({ textContent }) => textContent.trim()).sort().join('')";
    let wanted = format!("not answered:{}{}", "✓".repeat(own), "✕".repeat(2 - own));
    phone.until(&format!("{marks} === '{wanted}'")).await;
    assert_eq!(
        phone.run("return document.querySelectorAll('#review li').length").await,
        3
    );
    wall.until("document.querySelectorAll('#outcomes li').length === 2").await;
    wall.until_shows("#total", &format!("{own} of 2 right")).await;
    let shares = "return [...document.querySelectorAll('#outcomes b')]
        .map((share) => share.textContent)";
    let shares = wall.run(shares).await;
    let mut sorted: Vec<_> = shares
        .as_array()
        .unwrap()
        .iter()
        .map(|share| share.as_str().unwrap())
        .collect();
    sorted.sort_unstable();
    assert_eq!(json!(sorted), shares, "the hardest first");
    // Nothing here opens a question whose answer everybody knows.
    assert_eq!(
        wall.run("return document.querySelector('#step').checkVisibility()").await,
        false
    );
    // As many as a talk asks fit.
    wall.run(
        "const list = document.querySelector('#outcomes');
         while (list.children.length < 10) list.append(list.lastChild.cloneNode(true));",
    )
    .await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            for (page, name) in [(&phone, "phone"), (&wall, "wall")] {
                page.look(width, height, colors).await;
                fits(page, width < 600).await;
                assert_eq!(page.run(FAINT).await, json!([]));
                page.screenshot(&format!("quiz-end-{name}-{width}-{colors}")).await;
            }
        }
    }
    // Another room: nothing is known any more.
    let run = "return new Promise((done) => {
        new EventSource('/quiz/results').onmessage = ({ data }) => done(JSON.parse(data).run) })";
    quiz.lead(json!({ "clear": wall.run(run).await }));
    wall.until_shows("#step", "Open question 1").await;
    wall.until("document.querySelector('#invitation').checkVisibility()").await;
    wall.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    wall.click("#step").await;
    wall.until_shows("#place", "Question 1 of 3").await;
    assert_eq!(
        wall.run("return document.querySelectorAll('.answer.right').length").await,
        0
    );
    phone
        .until("document.querySelectorAll('button.answer:enabled').length === 4")
        .await;
    phone.quit().await;
    wall.quit().await;
}
