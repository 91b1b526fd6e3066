//! The quiz in a real Chromium: alone, with the room, on the wall, and as it is led.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use browser_tests::{Browser, FAINT, workshop};
use serde_json::{Value, json};
use testkit::{Live, Proxy, WAIT_TIMEOUT, Workshop};

/// What must not be seen before its time.
const EXPLANATION: &str =
    "document.body.textContent.includes('a quiet client looks the same')";

/// How many there are.
fn questions() -> usize {
    include_str!("../../../workshop-notes/quiz.toml").matches("[[question]]").count()
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

#[tokio::test]
async fn every_question_fits_on_the_wall_and_is_led_from_the_presenters_page() {
    let mut quiz = Quiz::open();
    let wall = Browser::start("quiz-every").await;
    let desk = Browser::start("quiz-desk").await;
    wall.look(1280, 720, "light").await;
    desk.look(1280, 720, "dark").await;
    wall.open(&quiz.url("/quiz/wall")).await;
    let all = "return fetch('/quiz/questions').then((all) => all.json())
        .then((all) => all.map(({ id }) => id))";
    let ids = wall.run(all).await;
    quiz.lead(json!({ "ask": ids }));
    quiz.enter(&desk, quiz.workshop.presenter).await;
    // Both buttons are there while the room is here: to bring who left, and to let go.
    desk.click("#bring").await;
    desk.until("document.querySelector('#release').checkVisibility()").await;
    for number in 1..=questions() {
        // Open, or next.
        desk.until(
            "document.querySelector('#side:not(:disabled) #step:not([aria-disabled=true])')",
        )
        .await;
        desk.click("#step").await;
        wall.until_shows("#place", &place_of_all(number)).await;
        fits(&wall, false).await;
        desk.until_shows("#step", "Reveal the answer").await;
        desk.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
        if number == 2 {
            let vote =
                json!({"question": ids[1], "answer": 0, "seat": "0".repeat(32)});
            let vote = format!(
                "const [done] = arguments, socket = new WebSocket('/quiz/vote');
                 socket.onopen = () => socket.send(JSON.stringify({{ vote: {vote} }}));
                 socket.onmessage = done;"
            );
            wall.answer(&vote).await;
        }
        desk.click("#step").await;
        wall.until("document.querySelector('.answer.right')").await;
        // Where it is shown, by the name of that page, which never is its address.
        wall.until("!/^(|[/].*)$/.test(document.querySelector('#explanation a').textContent)").await;
        fits(&wall, false).await;
        desk.until(
            "document.querySelector('#step').textContent !== 'Reveal the answer'",
        )
        .await;
        // All that matters then is in view, also in a browser's window on a small screen.
        for (width, height) in [(1366, 625), (1280, 593), (1280, 720)] {
            desk.look(width, height, "dark").await;
            fits(&desk, false).await;
            let hidden = "const side = document.querySelector('#side');
                const [words, below] = ['#explanation', '.rest'].map((part) =>
                  document.querySelector(part).getBoundingClientRect());
                return [side.scrollHeight - side.clientHeight, Math.max(0, words.bottom - below.top)]";
            assert_eq!(desk.run(hidden).await, json!([0, 0]), "{number} at {width}");
        }
    }
    assert_eq!(desk.run(FAINT).await, json!([]));
    desk.until_shows("#step", "Close the last question").await;
    desk.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    desk.click("#step").await;
    // It is over, and that is said. Nothing that everybody knows is opened again by itself.
    wall.until_shows("#text", "That was the last question").await;
    desk.until_shows("#step", "Start again with another room …").await;
    desk.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    desk.click("#step").await;
    desk.until("document.querySelector('#sure').open").await;
    desk.click("#sure [value=no]").await;
    // Any question, by its place in the list: it is selected there, and opened by a button
    // that says so. A second click on its place is none on that button.
    let row = |number: usize, part: &str| {
        format!("#questions li:nth-child({number}) {part}")
    };
    let seen = "return document.querySelector('#place').textContent";
    desk.click(&row(3, ".question")).await;
    desk.click(&row(3, ".question")).await;
    desk.click(&row(2, ".question")).await;
    let open = "return [...document.querySelectorAll('#questions .open')]
        .filter((button) => button.checkVisibility()).map((button) => button.textContent)";
    assert_eq!(desk.run(open).await, json!(["Show the result of question 2"]));
    let silent = questions() - 1;
    let hardest = format!("The hardest first; {silent} more had no answers");
    assert_eq!(wall.run(seen).await, hardest);
    desk.click(&row(2, ".open")).await;
    wall.until_shows("#place", &place_of_all(2)).await;
    desk.until("!document.querySelector('#questions .open:not([hidden])')").await;
    desk.click(&row(2, ".question")).await;
    assert_eq!(desk.run(open).await, json!([]), "it is open already");
    for page in [&desk, &wall] {
        let room = "return document.querySelector('#room').checkVisibility()";
        assert_eq!(page.run(room).await, false, "one count at a time");
    }
    // There is one way to close it.
    desk.until_shows("#step", "Close the last question").await;
    desk.until("document.querySelector('#close:disabled')").await;
    desk.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    desk.click("#step").await;
    wall.until_shows("#text", "That was the last question").await;
    // One that nobody answered was revealed to nobody.
    desk.click(&row(3, ".question")).await;
    assert_eq!(desk.run(open).await, json!(["Open question 3"]));
    desk.click(&row(3, ".open")).await;
    wall.until_shows("#place", &place_of_all(3)).await;
    desk.click(&row(4, ".question")).await;
    desk.click(&row(4, ".open")).await;
    wall.until_shows("#place", &place_of_all(4)).await;
    desk.click("#release").await;
    desk.until("!document.querySelector('#release').checkVisibility()").await;
    assert_eq!(desk.run("return document.activeElement.id").await, "bring");
    // The wall stays where it is: it shows what the others answer.
    assert_eq!(wall.run("return location.pathname").await, "/quiz/wall");
    // A question that was revealed is answered again when all answers are forgotten. The
    // presenter's wall, too, has the address where the room answers.
    desk.click("#clear").await;
    desk.click("#sure [value=yes]").await;
    desk.until_shows("#step", "Open question 1").await;
    desk.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    desk.click("#step").await;
    desk.until_shows("#step", "Reveal the answer").await;
    let url = format!("http://{}/presenter/quiz/wall", quiz.workshop.presenter);
    desk.open(&url).await;
    let room = format!(
        "http://127.0.0.1:{}/quiz/live",
        quiz.workshop.process.address.port()
    );
    desk.until_shows("#how .address", &room).await;
    desk.quit().await;
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

/// One click takes the ten of a talk, and others can be chosen.
#[tokio::test]
async fn the_presenter_chooses_ten_questions_in_one_click() {
    let quiz = Quiz::open();
    let desk = Browser::start("quiz-choose").await;
    desk.look(1280, 720, "light").await;
    quiz.enter(&desk, quiz.workshop.presenter).await;
    desk.complaints().await; // of the 403 before the key
    desk.until("document.querySelector('#list:enabled')").await;
    let pressed = "[...document.querySelectorAll('[aria-pressed=true]')]
        .map((button) => button.textContent).join()";
    let first = "document.querySelector('#questions li').textContent";
    for (path, minutes, begins) in [
        ("long", "90 min", "A client’s cable is pulled."),
        ("short", "45 min", "A client was cut off"),
        ("day", "180 min", "A client’s cable is pulled."),
    ] {
        desk.click(&format!("[data-path={path}]")).await;
        desk.until(&format!("{pressed} === '{minutes}'")).await;
        desk.until("document.querySelectorAll('#questions li').length === 10").await;
        desk.until(&format!("{first}.includes({})", json!(begins))).await;
    }
    // Another one beside them; the question that is on stays.
    desk.click("#choose").await;
    desk.until_shows(
        "#chosen",
        &format!("10 of {} questions are asked.", questions()),
    )
    .await;
    let chosen = "document.querySelectorAll('#bank :checked').length";
    desk.until(&format!("{chosen} === 10")).await;
    desk.click("#bank fieldset:first-child label:nth-of-type(2)").await;
    desk.until(&format!("{chosen} === 11")).await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            desk.look(width, height, colors).await;
            assert_eq!(desk.run(FAINT).await, json!([]));
            let wide = "const bank = document.querySelector('#bank');
                const { right, bottom } = document.querySelector('#choosing').getBoundingClientRect();
                return [bank.scrollWidth > bank.clientWidth, right > innerWidth, bottom > innerHeight]";
            assert_eq!(desk.run(wide).await, json!([false, false, false]));
            desk.screenshot(&format!("quiz-choose-{width}-{colors}")).await;
        }
    }
    desk.look(1280, 720, "light").await;
    desk.click("#choosing form button").await;
    desk.until("!document.querySelector('#choosing').open").await;
    desk.until(&format!("{first}.includes('In what do they differ?')")).await;
    assert_eq!(desk.run(&format!("return {pressed}")).await, "");
    desk.until_shows("#choose", "Your choice of 11 …").await;
    desk.click("#questions li:first-child .question").await;
    desk.click("#questions li:first-child .open").await;
    desk.until_shows("#place", "Question 1 of 11, open").await;
    desk.click("[data-path=short]").await;
    desk.until(&format!("{pressed} === '45 min'")).await;
    desk.until_shows("#place", "Question 2 of 11, open").await;
    desk.click("#choose").await;
    desk.until("document.querySelector('#bank :disabled')").await;
    desk.click("#choosing form button").await;
    desk.until_shows("#step", "Reveal the answer").await;
    desk.until("document.querySelector('#step').ariaDisabled !== 'true'").await;
    desk.click("#step").await;
    desk.until_shows("#explanation a", "Compare").await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            desk.look(width, height, colors).await;
            fits(&desk, width < 600).await;
            assert_eq!(desk.run(FAINT).await, json!([]));
            desk.screenshot(&format!("quiz-presenter-{width}-{colors}")).await;
        }
    }
    assert_eq!(desk.complaints().await, [""; 0]);
    desk.quit().await;
}

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
        .until("document.body.textContent.includes('lets everyone browse freely')")
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
