//! As it is led: by the presenter's page and the wall.

use browser_tests::{Browser, FAINT};
use serde_json::json;

use crate::{Quiz, fits, place_of_all, questions};

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
    // Nobody is led to it: the results are saved first.
    assert_eq!(
        desk.run("return document.querySelector('#step.main')").await,
        json!(null)
    );
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
