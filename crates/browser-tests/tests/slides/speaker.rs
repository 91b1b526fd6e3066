//! The speaker's view: what it shows beside the slide.

use browser_tests::{Browser, talk::SPEAKER_AT, workshop};
use serde_json::json;

use crate::{choose, open_speaker};

#[tokio::test]
async fn the_speakers_view_says_what_is_deeper_than_the_talk() {
    let workshop = workshop(&[]);
    let browser = Browser::start("speaker-short").await;
    open_speaker(&browser, &workshop).await;
    let option = |id: &str| {
        format!(
            "return document.querySelector('#jump [value=\"{id}\"]').textContent"
        )
    };
    let marked = "return !document.querySelector('#deeper').hidden";
    choose(&browser, "#path", "short").await;
    choose(&browser, "#jump", "sse/6").await;
    browser.until_shows("#coming", "Next slide (↓ 3 deeper)").await;
    browser.until_shows("#then h2", "Reconnection").await;
    assert_eq!(browser.run(marked).await, false);
    let planned = "/^of \\d+:\\d\\d, this slide$/";
    let of_one = "document.querySelector('#of-one').textContent";
    browser.until(&format!("{planned}.test({of_one})")).await;
    assert_eq!(browser.run(&option("sse/6")).await, "Field by field");
    assert_eq!(browser.run(&option("sse/9")).await, "↓ The page hears it");
    browser.click("#next").await;
    browser.until_shows("#now h2", "Reconnection").await;
    browser.click("#previous").await;
    browser.until_shows("#now h2", "Field by field").await;
    choose(&browser, "#jump", "sse/9").await;
    browser.until_shows("#now h2", "The page hears it").await;
    assert_eq!(browser.run(marked).await, true);
    let covers = "const mark = document.querySelector('#deeper').getBoundingClientRect();
        return [...document.querySelectorAll('.stage')].filter((stage) => {
          const { left, right, top, bottom } = stage.getBoundingClientRect();
          return mark.left < right && mark.right > left && mark.top < bottom && mark.bottom > top;
        }).length";
    assert_eq!(browser.run(covers).await, 0);
    browser.until_shows("#coming", "Next slide").await;
    choose(&browser, "#jump", "choosing/10").await;
    let coming = "document.querySelector('#coming').textContent";
    let closing = "/^Next slide \\(↓ [1-9]\\d* deeper\\): Closing$/";
    browser.until(&format!("{closing}.test({coming})")).await;
    // An experiment is deeper than the talk of 90 minutes, and a part of that of 180.
    for (path, deeper) in [("long", true), ("day", false)] {
        choose(&browser, "#path", path).await;
        choose(&browser, "#jump", "choosing/22").await;
        browser.until(&format!("{SPEAKER_AT} === 'choosing/22'")).await;
        assert_eq!(browser.run(marked).await, deeper, "{path}");
    }
    browser.quit().await;
}

/// Waits until a slide counts as shown: its clock has gone on for more than a second.
async fn stay(browser: &Browser) {
    let whole = "document.querySelector('#whole').textContent.replace(':', '.')";
    let now = browser.run(&format!("return Number({whole})")).await;
    browser.until(&format!("Number({whole}) > {now} + 0.015")).await;
}

#[tokio::test]
async fn a_rehearsal_says_how_long_each_slide_took() {
    let workshop = workshop(&[]);
    let browser = Browser::start("speaker-went").await;
    open_speaker(&browser, &workshop).await;
    browser.complaints().await; // of the 403 before the key
    // What to say is large; further facts come on request.
    let sizes = "return ['#notes li', '#demo li'].map((part) =>
        parseFloat(getComputedStyle(document.querySelector(part)).fontSize))";
    choose(&browser, "#jump", "welcome/5").await;
    browser.until_shows("#notes summary", "1 further fact").await;
    let sizes = browser.run(sizes).await;
    assert!(sizes[0].as_f64() > sizes[1].as_f64(), "{sizes}");
    let notes =
        browser.run("return document.querySelector('#notes').innerText").await;
    let notes = notes.as_str().unwrap();
    assert!(notes.starts_with("Say:") && !notes.contains("Come back"), "{notes}");
    choose(&browser, "#jump", "sse/10").await;
    browser.click("#run").await;
    stay(&browser).await;
    browser.click("#next").await;
    stay(&browser).await;
    // What is left at once, on the way to another, is not shown.
    choose(&browser, "#jump", "welcome/1").await;
    choose(&browser, "#jump", "closing/4").await;
    stay(&browser).await;
    browser.click("#went-button").await;
    browser.until("document.querySelector('#went').open").await;
    let sum =
        browser.run("return document.querySelector('#went-sum').textContent").await;
    let sum = sum.as_str().unwrap();
    assert!(
        sum.starts_with("Within the time planned for the slides that were shown. ")
            && sum.contains(" slides were jumped over, planned "),
        "{sum}"
    );
    let rows = "return [...document.querySelectorAll('#went-rows th')]
        .map((row) => row.textContent)";
    assert_eq!(
        browser.run(rows).await,
        json!([
            "All",
            "Chapter: Server-sent events",
            "Reconnection",
            "The holes in it",
            "Chapter: Closing",
            "Quiz"
        ])
    );
    // A file that the page made itself, for the speaker alone.
    let file = "const { href, download } = document.querySelector('#went-csv');
        return [href.startsWith('blob:'), download]";
    let file = browser.run(file).await;
    let name = file[1].as_str().unwrap();
    assert!(file[0] == true && name.starts_with("rehearsal-90-minutes-2"), "{file}");
    // Each number stands below its heading.
    let apart = "return [...document.querySelectorAll('#went tr')].map((row) =>
        [...row.children].map((cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          const { left, right } = range.getBoundingClientRect();
          return cell === row.firstChild ? left : right;
        }).map(Math.round).join()).filter((places, at, all) => places !== all[0])";
    assert_eq!(browser.run(apart).await, json!([]));
    browser.screenshot("went").await;
    let saved = browser.download("#went-csv", name).await;
    let mut lines = saved.lines();
    assert_eq!(lines.next(), Some("chapter,slide,heading,planned_s,took_s"));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 75, "{saved}");
    assert!(
        lines.iter().any(|line| line
            .starts_with("\"Server-sent events\",sse/10,\"Reconnection\",")),
        "{saved}"
    );
    browser.click("#went form button").await;
    browser.until("!document.querySelector('#went').open").await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test]
async fn the_speakers_view_has_what_there_is_to_show() {
    let workshop = workshop(&[]);
    let browser = Browser::start("speaker-show").await;
    open_speaker(&browser, &workshop).await;
    // A page of the chapter is offered where it is needed, by its title.
    let offered = "const page = document.querySelector('#page');
        return page.checkVisibility() ? page.textContent : null";
    for (id, page) in [
        ("welcome/2", json!("Open the agenda")),
        ("problem/7", json!(null)),    // which links to it
        ("connection/5", json!(null)), // which links to another
        ("long-poll/2", json!("Open Long polling")), // which calls it the live page
        ("websocket/5", json!(null)),  // which links to another
        ("sse/3", json!(null)),        // which links to both
        ("sse/5", json!(null)),        // a command
        ("sse/22", json!(null)),       // which links to it
        ("sse/26", json!(null)),
        ("closing/6", json!(null)), // nothing is shown
    ] {
        choose(&browser, "#jump", id).await;
        browser.until(&format!("{SPEAKER_AT} === '{id}'")).await;
        assert_eq!(browser.run(offered).await, page, "{id}");
    }
    // A demo has its place in the order of what is said and asked; it is below.
    choose(&browser, "#jump", "connection/5").await;
    browser.until(&format!("{SPEAKER_AT} === 'connection/5'")).await;
    let order = "return [...document.querySelectorAll('#notes > ul > li')]
        .map((note) => note.querySelector('strong').textContent)";
    assert_eq!(browser.run(order).await, json!(["Say:", "Demo:", "Ask:"]));
    // Where the room does something, it can be brought there, and back.
    let bring = "document.querySelector('#bring').checkVisibility()";
    assert_eq!(browser.run(&format!("return {bring}")).await, false);
    choose(&browser, "#jump", "long-poll/14").await;
    browser.until(bring).await;
    // To the slides also while everyone browses freely.
    let back = "document.querySelector('#bring-back').checkVisibility()";
    assert_eq!(browser.run(&format!("return {back}")).await, true);
    let mut attendee = workshop.attendee([127, 0, 0, 1].into());
    for (button, page) in
        [("#bring", "/chapter/long-poll"), ("#bring-back", "/slides")]
    {
        browser
            .until(&format!("document.querySelector('{button}').checkVisibility()"))
            .await;
        browser.click(button).await;
        attendee.until("room", |room| room["here"] == page);
    }
    browser.until("document.querySelector('#bring-back').hidden").await;
    // With the next chapter, nobody is told any more to go to the page of this one.
    browser.click("#bring").await;
    attendee.until("room", |room| room["here"] == "/chapter/long-poll");
    // Nor does a clicker's Space press the button once more.
    browser
        .run(
            "const key = new KeyboardEvent('keydown', { key: ' ', bubbles: true });
             document.activeElement.dispatchEvent(key)",
        )
        .await;
    browser.until(&format!("{SPEAKER_AT} !== 'long-poll/14'")).await;
    browser
        .until(
            "/Long polling/.test(document.querySelector('#followed').textContent)",
        )
        .await;
    choose(&browser, "#jump", "http-stream/1").await;
    attendee.until("room", |room| room["here"].is_null());
    browser.until("document.querySelector('#followed').textContent === ''").await;
    browser.until("document.querySelector('#bring-back').checkVisibility()").await;
    for (slide, words, page) in [
        ("sse/26", "Bring everyone to the gallery", "/gallery"),
        ("closing/4", "Bring everyone to the quiz", "/quiz/live"),
    ] {
        choose(&browser, "#jump", slide).await;
        browser.until_shows("#bring", words).await;
        browser.click("#bring").await;
        attendee.until("room", |room| room["here"] == page);
    }
    // What a slide says to do and to watch, with the sources it speaks of.
    choose(&browser, "#jump", "sse/20").await;
    browser.until("document.querySelector('#demo a[href=\"/wire/sse\"]')").await;
    browser.until_shows("#demo strong", "Do:").await;
    // Also what stands below another label: every button that a slide names.
    let slides = "return [...document.querySelector('#talk').content.querySelectorAll('.slide')]
        .filter((slide) => [...slide.querySelectorAll('strong')]
          .some(({ textContent }) => textContent === 'Do:'))
        .map(({ id }) => id)";
    let slides = browser.run(slides).await;
    assert!(slides.as_array().unwrap().len() > 20, "{slides}");
    for id in slides.as_array().unwrap() {
        choose(&browser, "#jump", id.as_str().unwrap()).await;
        let missing = "const shown = document.querySelector('#demo').textContent;
            return [...document.querySelectorAll('#now em')]
              .map(({ textContent }) => textContent).filter((name) => !shown.includes(name))";
        browser.until(&format!("{SPEAKER_AT} === {id}")).await;
        browser.until_shows("#when", "To show").await;
        assert_eq!(browser.run(missing).await, json!([]), "{id}");
    }
    let slides = "return [...document.querySelectorAll('#jump option')]
        .filter(({ textContent, value }) =>
          textContent === '↓ As often shown' && !/^(webrtc|libraries)\\//.test(value))
        .map(({ value }) => value)";
    let slides = browser.run(slides).await;
    assert_eq!(slides.as_array().unwrap().len(), 5);
    for id in slides.as_array().unwrap() {
        choose(&browser, "#jump", id.as_str().unwrap()).await;
        browser.until(&format!("{SPEAKER_AT} === {id}")).await;
        browser.until_shows("#when", "To show").await;
        let shown =
            browser.run("return document.querySelector('#demo').innerText").await;
        let shown = shown.as_str().unwrap();
        assert!(shown.contains("Watch: cargo run -p"), "{id}: {shown}");
        let links = "return [...document.querySelectorAll('#demo a')]
            .map((link) => link.textContent).filter((name) => !name.startsWith('port '))";
        let links = browser.run(links).await;
        assert_eq!(links, json!(["The page", "its server", "Ours"]), "{id}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn the_speakers_view_fits_also_with_a_message() {
    let workshop = workshop(&[]);
    let browser = Browser::start("speaker-fit").await;
    open_speaker(&browser, &workshop).await;
    choose(&browser, "#jump", "sse/6").await;
    // The clock's buttons stay where they are, whatever it says.
    browser.look(1366, 625, "light").await;
    let places = "return [...document.querySelectorAll('.clock button, #path')]
        .map((button) => button.getBoundingClientRect().left)";
    let before = browser.run(places).await;
    browser.click("#run").await;
    browser.until_shows("#run", "Pause clock").await;
    assert_eq!(browser.run(places).await, before);
    browser
        .run("document.querySelector('#pace').textContent = '88 min behind'")
        .await;
    assert_eq!(browser.run(places).await, before);
    // Late in a talk of three hours.
    let misfits = "
        for (const id of ['whole', 'part']) document.querySelector(`#${id}`).textContent = '113:38';
        const row = document.querySelector('#pace').getBoundingClientRect().bottom;
        const low = [...document.querySelectorAll('main *')].filter((part) =>
          part.checkVisibility() && !part.closest('.slide, .unseen, .notes, .demo')
          && part.getBoundingClientRect().bottom > innerHeight);
        const below = [...document.querySelectorAll('.links a')].filter((link) =>
          link.getBoundingClientRect().top > row);
        const part = document.querySelector('#of-part');
        if (part.scrollWidth > part.clientWidth) low.push(part);
        const { scrollWidth, scrollHeight } = document.scrollingElement;
        return [low.map(({ id, tagName }) => `${tagName} ${id}`), below.length,
          scrollWidth - innerWidth, scrollHeight - innerHeight]";
    let sizes = [(1366, 625), (1280, 720), (1280, 577)];
    for (width, height) in sizes {
        browser.look(width, height, "light").await;
        let found = browser.run(misfits).await;
        assert_eq!(found, json!([[], 0, 0, 0]), "{width}x{height}");
    }
    // Its longest demonstration is read by scrolling, and what it needs is pressed without.
    choose(&browser, "#jump", "closing/4").await;
    browser.until_shows("#bring", "Bring everyone to the quiz").await;
    let pressed = "const demo = document.querySelector('#demo');
        const { left, right, top, bottom } = document.querySelector('#bring').getBoundingClientRect();
        return [demo.scrollHeight > demo.clientHeight,
          document.elementFromPoint((left + right) / 2, (top + bottom) / 2).id]";
    assert_eq!(browser.run(pressed).await, json!([true, "bring"]));
    choose(&browser, "#jump", "sse/6").await;
    // What is on at the desk, is not forgotten while speaking.
    let mut presenter = workshop.presenter();
    for (technique, effect) in
        [("sse", "buffer"), ("long-poll", "idle_kill"), ("websocket", "stall")]
    {
        let set = json!({"technique": technique, "effect": effect, "on": true});
        presenter.command(&json!({ "set": set }));
    }
    presenter.command(&json!({"feed": {"paused": true}}));
    presenter.command(&json!({"here": "/chapter/http-stream"}));
    let on = "On: buffer, idle time-out, stall. The feed is paused.";
    browser.until_shows("#on", on).await;
    browser.until("document.querySelector('#followed').textContent").await;
    choose(&browser, "#jump", "sse/9").await;
    browser.until("document.querySelector('#deeper').checkVisibility()").await;
    for (width, height) in sizes {
        browser.look(width, height, "light").await;
        let found = browser.run(misfits).await;
        assert_eq!(found, json!([[], 0, 0, 0]), "{width}x{height}");
        browser.screenshot(&format!("speaker-on-{width}x{height}")).await;
    }
    drop(presenter);
    drop(workshop);
    browser.until("document.querySelector('#line').checkVisibility()").await;
    browser
        .until("/does not answer/.test(document.querySelector('#line').textContent)")
        .await;
    for (width, height) in sizes {
        browser.look(width, height, "light").await;
        let found = browser.run(misfits).await;
        assert_eq!(found, json!([[], 0, 0, 0]), "{width}x{height}");
        browser.screenshot(&format!("speaker-message-{width}x{height}")).await;
    }
    browser.quit().await;
}
