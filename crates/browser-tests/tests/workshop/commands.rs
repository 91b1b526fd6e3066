//! The presenter's commands: everyone follows, and a command that is not done is
//! reported.

use browser_tests::{Browser, FAINT, workshop};
use serde_json::json;
use testkit::Proxy;

#[tokio::test]
async fn the_presenter_leads_and_the_room_follows() {
    let workshop = workshop(&["--every", "300ms"]);
    let desk = Browser::start("desk").await;
    desk.look(1280, 720, "light").await;
    desk.open(&format!("http://{}/presenter", workshop.presenter)).await;
    desk.type_into("input", "wrong\u{e007}").await;
    desk.until("document.body.textContent.includes('not the key')").await;
    // The terminal's address in the same tab: only what is behind `#` changes.
    desk.run(&format!("location.hash = '{}'", workshop.key)).await;
    desk.until("document.querySelector('#effects button')").await;
    assert_eq!(
        desk.run("return document.cookie").await,
        "",
        "no script reads the key"
    );

    let room = Browser::start("room").await;
    room.open(&format!("http://{}/", workshop.process.address)).await;
    room.look(360, 740, "dark").await;
    let mut presenter = workshop.presenter();
    presenter.until("room", |room| room["clients"].as_array().unwrap().len() == 1);
    // The agenda is that of the talk which the speaker gives.
    room.until_shows("#total", "90 minutes").await;
    presenter.command(&json!({"path": "short"}));
    room.until_shows("#total", "45 minutes").await;
    let left_out = "[...document.querySelectorAll('.minutes')]
        .filter(({ textContent }) => textContent === 'left out').length";
    room.until(&format!("{left_out} > 0")).await;
    // An effect is announced to the room, and gone with one key.
    let stall = "[...document.querySelectorAll('#effects button')]
        .find((button) => /stall/i.test(button.textContent + button.ariaLabel))";
    desk.until(&format!("({stall})?.matches(':enabled')")).await;
    desk.run(&format!("({stall}).click()")).await;
    desk.until(&format!("({stall}).ariaLabel.endsWith('● on')")).await;
    presenter.until("room", |room| room["effects"][0]["effect"] == "stall");
    let explained = "document.querySelector('#expect li')";
    desk.run(&format!("({stall}).focus()")).await;
    desk.until(explained).await;
    room.until("/presenter stalls all five/.test(document.body.innerText)").await;
    desk.type_into("body", "0").await;
    presenter.until("room", |room| room["effects"] == json!([]));
    desk.until(&format!("({stall}).ariaLabel.endsWith('○ off')")).await;
    desk.until(&format!("!{explained}")).await;
    // The slides end for everyone.
    presenter.command(&json!({"slide": "sse/3"}));
    // What the cards of its chapter use has a mark, and what its slides ask for besides.
    let marked = "[...document.querySelectorAll('#effects button')]
        .filter((button) => getComputedStyle(button, '::before').content.includes('◆'))";
    let restart = "document.querySelector('button[aria-label=\"restart: Server-sent events\"]')";
    desk.until(&format!("{marked}.includes({restart})")).await;
    desk.until("document.querySelector('#no-slide').matches(':enabled')").await;
    desk.click("#no-slide").await;
    presenter.until("room", |room| room["slide"].is_null());
    desk.until("document.querySelector('#no-slide').matches(':disabled')").await;
    // Everyone is brought somewhere.
    presenter.command(&json!({"here": "/chapter/websocket"}));
    // What the cards of that chapter use has a mark.
    desk.until(&format!("{marked}.length")).await;
    let others = format!(
        "return {marked}.map(({{ ariaLabel }}) => ariaLabel)
        .filter((label) => !label.includes(': WebSocket'))"
    );
    assert_eq!(desk.run(&others).await, json!([]));
    room.until("location.pathname === '/chapter/websocket'").await;
    room.until("document.body.textContent.includes('Following the presenter.')")
        .await;
    presenter.command(&json!({"here": "/compare"}));
    room.until("location.pathname === '/compare'").await;
    // Once more, for those who went on: one press is enough.
    room.open(&format!("http://{}/", workshop.process.address)).await;
    room.until("/The presenter is at “Compare”/.test(document.body.innerText)")
        .await;
    let elsewhere = "0 of 1 window at “Compare”; elsewhere: the agenda 1.";
    desk.until_shows("#here", elsewhere).await;
    desk.until("document.querySelector('#bring:enabled')").await;
    desk.run("document.querySelector('#page').value = '/compare'").await;
    desk.click("#bring").await;
    room.until("location.pathname === '/compare'").await;
    room.quit().await;
    desk.quit().await;
}

#[tokio::test]
async fn a_hub_that_stands_still_is_noticed_and_does_nothing_late() {
    let mut workshop = workshop(&["--every", "1h"]);
    let desk = Browser::start("still").await;
    desk.look(1280, 720, "light").await;
    // The address that the terminal prints: the key leaves it at once.
    let entrance =
        format!("http://{}/presenter#{}", workshop.presenter, workshop.key);
    desk.open(&entrance).await;
    desk.until("document.querySelector('#desk:enabled')").await;
    assert_eq!(
        desk.run("return location.pathname + location.hash").await,
        "/presenter"
    );
    // Nor does "Back" bring it back.
    let visited = "return navigation.entries().map(({ url }) => url).join()";
    let visited = desk.run(visited).await;
    assert!(visited.as_str().unwrap().contains("/presenter"), "{visited}");
    assert!(!visited.as_str().unwrap().contains(&workshop.key), "{visited}");
    let mut presenter = workshop.presenter();
    let press = |name: &str| {
        format!(
            "document.querySelector('button[aria-label^=\"{name}: all five\" i]').click()"
        )
    };
    let line = |words: &str| {
        format!("document.querySelector('#line').textContent.includes('{words}')")
    };
    workshop.process.pause();
    // The page's own times: a busy machine makes the driver late, not the page.
    let note = "const line = document.querySelector('#line');
        const start = performance.now();
        globalThis.said = [];
        new MutationObserver(() => said.push([line.textContent, performance.now() - start]))
          .observe(line, { childList: true, subtree: true });";
    desk.run(note).await;
    desk.run(&press("stall")).await;
    desk.run(&press("cut")).await;
    desk.until(&line("Not done: the workshop does not answer")).await;
    desk.until(&line("Nothing can be done from here")).await;
    let when =
        "const at = (words) => said.find(([text]) => text.includes(words))[1];
        return [at('Not done'), at('Nothing can be done')]";
    let when = desk.run(when).await;
    let [refused, disabled] = [0, 1].map(|at| when[at].as_f64().unwrap());
    assert!(refused < 4000.0 && refused < disabled && disabled < 9000.0, "{when}");
    let said = desk.run("return document.body.textContent.includes('done ✓')").await;
    assert_eq!(said, false);
    workshop.process.resume();
    desk.until(&line("Connected")).await;
    assert_eq!(presenter.room()["effects"], json!([]));
    desk.until("document.querySelector('#desk:enabled')").await;
    desk.run(&press("slice")).await;
    let room = presenter.until("room", |room| room["effects"] != json!([]));
    assert_eq!(room["effects"].as_array().unwrap().len(), 1, "{room}");
    assert_eq!(room["effects"][0]["effect"], "slice");
    desk.run(&press("cut")).await;
    desk.until("document.body.textContent.includes('done ✓')").await;
    desk.quit().await;
}

/// The workshop does not know any more what it was told: a presenter's page says it again.
#[tokio::test]
async fn after_a_restart_everyone_is_where_the_presenter_brought_them() {
    let before = workshop(&["--every", "1h"]);
    let [desk_line, room_line] =
        [before.presenter, before.process.address].map(Proxy::before);
    let desk = Browser::start("again-desk").await;
    desk.open(&format!("http://{}/presenter/quiz", desk_line.address)).await;
    desk.type_into("#key", &format!("{}\u{e007}", before.key)).await;
    desk.until("document.querySelector('#side:enabled')").await;
    let [follower, elsewhere] =
        [Browser::start("again-room"), Browser::start("again-else")];
    let (follower, elsewhere) = (follower.await, elsewhere.await);
    let agenda = format!("http://{}/", room_line.address);
    let mut presenter = before.presenter();
    for page in [&follower, &elsewhere] {
        page.open(&agenda).await;
        page.until("document.body.textContent.includes('Join')").await;
    }
    presenter.until("room", |room| room["clients"][0]["at"]["/"] == 2);
    desk.click("#bring").await;
    for page in [&follower, &elsewhere] {
        page.until("location.pathname === '/quiz/live'").await;
    }
    // One goes on to another page.
    elsewhere.open(&agenda).await;
    let offered = "/The presenter is at “the quiz”/.test(document.body.innerText)";
    elsewhere.until(offered).await;
    desk.until_shows(
        "#followed",
        "1 of 2 windows at “the quiz”; elsewhere: the agenda 1.",
    )
    .await;
    presenter.command(&json!({"allow": false}));
    presenter.until("room", |room| room["allowed"] == false);
    desk.run(
        "return import('/workshop/lib/live.js').then(({ live }) =>
        new Promise((done) => live.on('room', ({ allowed }) => allowed || done())))",
    )
    .await;

    presenter.command(&json!({"set": {"effect": "stall", "on": true}}));
    let stalled = "/The presenter stalls/.test(document.body.innerText)";
    elsewhere.until(stalled).await;

    drop(before);
    // Nobody knows, meanwhile, what is on.
    let lost = "/The workshop does not answer/.test(document.body.innerText)";
    elsewhere.until(&format!("{lost} && !({stalled})")).await;
    let after = workshop(&["--every", "1h"]);
    desk_line.redirect(after.presenter);
    room_line.redirect(after.process.address);
    desk.until("document.querySelector('#line a')").await;
    assert_eq!(
        desk.run("return document.querySelector('#followed').textContent").await,
        ""
    );
    elsewhere.until(&format!("!({offered})")).await;
    desk.click("#line a").await;
    desk.type_into("#key", &format!("{}\u{e007}", after.key)).await;
    let mut presenter = after.presenter();
    let room = presenter.until("room", |room| room["here"] == "/quiz/live");
    if room["allowed"] == true {
        presenter.until("room", |room| room["allowed"] == false);
    }
    follower.until("/Following the presenter/.test(document.body.innerText)").await;
    // Nobody is called away.
    elsewhere.until(offered).await;
    assert_eq!(elsewhere.run("return location.pathname").await, "/");
    desk.until("document.querySelector('#side:enabled #release').checkVisibility()")
        .await;
    // A press does, also the first after the restart, and to the same page.
    desk.click("#bring").await;
    elsewhere.until("location.pathname === '/quiz/live'").await;
    desk.click("#release").await;
    presenter.until("room", |room| room["here"].is_null());
    desk.quit().await;
    follower.quit().await;
    elsewhere.quit().await;
}

/// A command that is not done is said where it was given, and the speaker's view is then
/// where the room is.
#[tokio::test]
async fn what_is_not_done_is_said_on_the_speakers_view_and_on_the_wall() {
    let mut workshop = workshop(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("not-done").await;
    let url = |path: &str| format!("http://{}{path}", workshop.presenter);
    browser.open(&url(&format!("/presenter#{}", workshop.key))).await;
    browser.until("document.querySelector('#desk:enabled')").await;
    presenter.command(&json!({"slide": "sse/3"}));
    let speaker = browser.open_window(&url("/presenter/speaker")).await;
    let at = |slide: &str| {
        format!("document.querySelector('#jump')?.value === '{slide}'")
    };
    browser.until(&at("sse/3")).await;
    let record = |line: &str| {
        format!(
            "window.told = '';
             new MutationObserver(([{{ target }}]) => (told += target.textContent))
               .observe(document.querySelector('{line}'), {{ childList: true }})"
        )
    };
    browser.run(&record("#line")).await;
    let wall = browser.open_window(&url("/presenter/quiz/wall")).await;
    browser.until_shows("#step", "Open question 1").await;
    browser.until_shows("#lost", "Connected to the workshop.").await;
    browser.run(&record("#lost")).await;

    workshop.process.pause();
    browser.run("document.querySelector('#step').click()").await;
    browser.switch_to(&speaker).await;
    browser.run("document.querySelector('#next').click()").await;
    browser.until(&at("sse/5")).await;
    let not_done = "told.includes('✕ Not done: the workshop does not answer')";
    browser.until(not_done).await;
    browser.until("told.includes('✕ Other windows do not follow this one. ')").await;
    browser.switch_to(&wall).await;
    browser.until(not_done).await;
    workshop.process.resume();
    browser.until_shows("#lost", "Connected to the workshop.").await;
    assert_eq!(presenter.room()["slide"], "sse/3");
    browser.switch_to(&speaker).await;
    browser.until(&at("sse/3")).await;
    browser.quit().await;
}

/// In the window of a small projector, where the pages scroll.
#[tokio::test]
async fn why_nothing_can_be_done_is_in_view_on_each_of_the_presenters_pages() {
    let workshop = workshop(&["--every", "1h"]);
    let line = Proxy::before(workshop.presenter);
    let browser = Browser::start("why").await;
    browser.look(1280, 577, "light").await;
    let url = |path: &str| format!("http://{}{path}", line.address);
    browser.open(&url(&format!("/presenter#{}", workshop.key))).await;
    browser.until("document.querySelector('#desk:enabled')").await;
    line.ignore("/presenter/live");
    for (path, words) in [
        ("/presenter", "#line"),
        ("/presenter/quiz", "#line"),
        ("/presenter/speaker", "#line"),
        ("/presenter/quiz/wall", "#lost"),
    ] {
        browser.open(&url(path)).await;
        let in_view = |said: &str| {
            format!(
                "((line) => {{
                   scrollTo(0, 1e4);
                   const {{ top, bottom }} = line.getBoundingClientRect();
                   return line.innerText.startsWith('{said}') && top >= 0 && bottom <= innerHeight
                     && getComputedStyle(line).visibility === 'visible' && !line.matches('.unseen');
                 }})(document.querySelector('{words}'))"
            )
        };
        browser.until(&in_view("Connecting to the workshop …")).await;
        assert_eq!(browser.run(FAINT).await, json!([]), "{path}");
        browser.until(&in_view("✕ ")).await;
    }
    browser.quit().await;
}
