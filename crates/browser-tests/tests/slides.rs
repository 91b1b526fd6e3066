//! The slides and the speaker's view in a real Chromium.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;

use browser_tests::{
    Browser, FAINT,
    talk::{SPEAKER_AT, Talk},
    workshop,
};
use serde_json::{Value, json};
use testkit::{Proxy, Workshop};

/// How many slides there are.
const COUNT: &str = "return document.querySelectorAll('.slide').length";

/// What of the present slide stands out of it, and what is too small for the last row
/// (a fiftieth of the slide's width is what a sheet of paper has at arm's length).
const MISFITS: &str = "
    const slide = document.querySelector('.slide:not([hidden])');
    const inside = slide.getBoundingClientRect();
    return [...slide.querySelectorAll(':not(span, td, tr, th, thead, tbody)')].flatMap((part) => {
      const { left, right, top, bottom } = part.getBoundingClientRect();
      const out = left < inside.left || right > inside.right + 0.5 || top < inside.top
        || bottom > inside.bottom + 0.5;
      const cut = part.matches('pre, table, td, th, p, li')
        && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1)
        && getComputedStyle(part).display !== 'inline';
      const text = [...part.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      const small = text && parseFloat(getComputedStyle(part).fontSize) < inside.width / 64;
      return [out && 'stands out', cut && 'is cut', small && 'is small'].filter(Boolean)
        .map((what) => `${part.tagName} “${part.textContent.slice(0, 30)}” ${what}`);
    })";

/// The size of the smallest letters on the present slide, in CSS pixels.
const SMALLEST: &str = "
    return Math.min(...[...document.querySelectorAll('.slide:not([hidden]) *')]
      .filter((part) => [...part.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      .map((part) => parseFloat(getComputedStyle(part).fontSize)))";

/// Moves a finger over the slide, so far to the right.
async fn swipe(browser: &Browser, by: i32) {
    let script = format!(
        "const target = document.querySelector('#stage');
         for (const [type, x] of [['touchstart', 200], ['touchend', 200 + {by}]]) {{
           const touch = new Touch({{ identifier: 1, target, clientX: x, clientY: 300 }});
           const touches = type === 'touchstart' ? [touch] : [];
           target.dispatchEvent(new TouchEvent(type, {{ touches, changedTouches: [touch] }}));
         }}"
    );
    browser.run(&script).await;
}

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

#[tokio::test]
async fn every_slide_fits() {
    let workshop = workshop(&[]);
    let browser = Browser::start("slides-fit").await;
    browser.look(1280, 720, "light").await;
    // Not led, so that each key turns at once.
    let first = format!("http://{}/slides#welcome/1", workshop.process.address);
    browser.open(&first).await;
    browser.until("document.querySelector('#number').textContent").await;
    browser.until("[...document.images].every((image) => image.complete)").await;
    let count = browser.run(COUNT).await.as_u64().unwrap();
    assert!(count > 100, "{count} slides");
    let mut wrong = String::new();
    for number in 1..=count {
        let id = shown(&browser).await;
        let name = format!("{number:03}-{}", id.replace('/', "-"));
        let misfits = browser.run(MISFITS).await;
        if misfits != json!([]) {
            let _ = writeln!(wrong, "{id}: {misfits}");
        }
        let heading = "return document.querySelectorAll(
            '.slide:not([hidden]) :is(h1, h2)').length";
        assert_eq!(browser.run(heading).await, 1, "{id} has a heading");
        browser.screenshot(&format!("slide-{name}")).await;
        press(&browser, "ArrowRight").await;
    }
    let wide = "return document.scrollingElement.scrollWidth > innerWidth
        || document.scrollingElement.scrollHeight > innerHeight";
    assert_eq!(browser.run(wide).await, false, "the page scrolls");
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test]
async fn slides_can_be_read_in_light_and_dark_and_on_a_phone() {
    let workshop = workshop(&[]);
    let browser = Browser::start("slides-look").await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let ids = [
                "welcome/1",
                "short-poll/6",
                "short-poll/8",
                "sse/1",
                "sse/3",
                "sse/6",
                "websocket/9",
                "choosing/3",
                "proxies/3",
            ];
            for id in ids {
                let hub = workshop.process.address;
                browser.open("about:blank").await;
                browser.open(&format!("http://{hub}/slides#{id}")).await;
                browser.until("document.querySelector('#number').textContent").await;
                assert_eq!(shown(&browser).await, id);
                let faint = browser.run(FAINT).await;
                assert_eq!(faint, json!([]), "{id}, {colors}");
                let wide = browser
                    .run("return document.scrollingElement.scrollWidth")
                    .await;
                assert_eq!(wide, width, "{id} scrolls sideways");
                let small = browser.run(SMALLEST).await.as_f64().unwrap();
                let least = if width < 600 { 12.0 } else { 18.0 };
                assert!(small >= least, "{id} has letters of {small} px");
                let name = id.replace('/', "-");
                browser.screenshot(&format!("look-{name}-{width}-{colors}")).await;
            }
        }
    }
    // On a phone, lines of code wrap: only a table may be wider.
    let wide = "document.querySelectorAll('.slide').forEach((slide) => slide.hidden = false);
        return [...document.querySelectorAll('.slide, .slide *:not(table, table *)')]
          .filter((part) => getComputedStyle(part).display !== 'inline'
            && part.scrollWidth > part.clientWidth + 1)
          .map((part) => `${part.closest('.slide').id} ${part.tagName} ${part.scrollWidth}`)";
    assert_eq!(browser.run(wide).await, json!([]));
    browser.quit().await;
}

#[tokio::test]
async fn keys_and_addresses_turn_slides() {
    let workshop = workshop(&[]);
    let browser = Browser::start("slides-keys").await;
    let hub = workshop.process.address;
    browser.open(&format!("http://{hub}/slides#sse/3")).await;
    browser.until("document.querySelector('#number').textContent").await;
    for (key, id) in [
        ("ArrowRight", "sse/4"),
        ("PageDown", "sse/5"),
        (" ", "sse/6"),
        ("ArrowLeft", "sse/5"),
        ("PageUp", "sse/4"),
        ("Home", "welcome/1"),
        ("ArrowLeft", "welcome/1"),
        ("End", "closing/6"),
        ("ArrowDown", "closing/6"),
    ] {
        press(&browser, key).await;
        assert_eq!(shown(&browser).await, id, "{key}");
        let said =
            browser.run("return document.querySelector('#said').textContent").await;
        assert!(said.as_str().unwrap().starts_with("Slide "), "{said}");
    }
    // A chapter's first slide has its name.
    press(&browser, "Home").await;
    let title = browser.run("return document.title").await;
    assert_eq!(title, "Welcome · Realtime Workshop");
    press(&browser, "End").await;
    browser.until("location.hash === '#closing/6'").await;
    swipe(&browser, 120).await;
    assert_eq!(shown(&browser).await, "closing/5");
    swipe(&browser, -120).await;
    assert_eq!(shown(&browser).await, "closing/6");
    browser.click("#previous").await;
    assert_eq!(shown(&browser).await, "closing/5");
    press(&browser, "?").await;
    browser.until("document.querySelector('#help').open").await;
    browser.quit().await;
}

/// A browser that gets too many new addresses in a short time takes none any more.
#[tokio::test]
async fn a_key_that_is_held_turns_to_the_end() {
    let workshop = workshop(&[]);
    let browser = Browser::start("slides-held").await;
    browser
        .open(&format!("http://{}/slides#welcome/1", workshop.process.address))
        .await;
    browser.until("document.querySelector('#number').textContent").await;
    let held = "for (let i = 0; i < 500; i++) {
          const key = i < 250 ? 'ArrowRight' : 'ArrowLeft';
          document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        }";
    browser.run(held).await;
    press(&browser, "ArrowRight").await;
    browser.until("location.hash === '#welcome/2'").await;
    assert_eq!(shown(&browser).await, "welcome/2");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test]
async fn the_slides_follow_the_speaker() {
    let workshop = workshop(&[]);
    let room = Browser::start("slides-room").await;
    room.open(&format!("http://{}/slides", workshop.process.address)).await;
    room.until("document.querySelector('#number').textContent").await;

    let speaker = Browser::start("slides-speaker").await;
    speaker.look(1280, 720, "light").await;
    let presenter = format!("http://{}/presenter", workshop.presenter);
    speaker.open(&presenter).await;
    speaker.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
    speaker.until("document.querySelector('#desk')").await;
    speaker.screenshot("presenter").await;
    speaker.open(&format!("{presenter}/speaker")).await;
    let now = |heading: &str| {
        let shown = "document.querySelector('#now :is(h1, h2)')?.textContent";
        format!("{shown} === {}", json!(heading))
    };
    speaker.until(&now("Welcome")).await;
    let connected = "return import('/workshop/lib/live.js').then(({ live }) =>
        new Promise((done) => live.on('room', () => done())))";
    speaker.run(connected).await;
    let at = |id: &str| format!("!document.getElementById('{id}').hidden");
    speaker.click("#next").await;
    room.until(&at("welcome/2")).await;
    // Several at once: it ends where the speaker does.
    for _ in 0..4 {
        press(&speaker, "PageDown").await;
    }
    speaker.until(&now("How a chapter goes")).await;
    room.until(&at("welcome/6")).await;
    speaker.screenshot("speaker-welcome").await;

    // Who turns by hand stays there, until they want to follow again.
    press(&room, "ArrowLeft").await;
    speaker.click("#next").await;
    room.until("[...document.querySelectorAll('#following button')]
        .some((button) => button.checkVisibility() && button.textContent === 'Follow the speaker')")
        .await;
    speaker.until(&now("The problem")).await;
    assert_eq!(shown(&room).await, "welcome/5");
    room.until("location.hash === '#welcome/5'").await;
    room.click("#following > button").await;
    room.until(&at("problem/1")).await;
    room.until("location.hash === ''").await;

    // Notes are the speaker's alone; a demo leads to the page.
    speaker
        .run(
            "const jump = document.querySelector('#jump');
        jump.value = 'welcome/5'; jump.dispatchEvent(new Event('change'))",
        )
        .await;
    room.until(&at("welcome/5")).await;
    let notes =
        speaker.run("return document.querySelector('#notes').textContent").await;
    assert!(notes.as_str().unwrap().contains("Note: Come back"), "{notes}");
    let text = room.run("return document.body.textContent").await;
    assert!(!text.as_str().unwrap().contains("Come back to this sentence"));
    speaker.until("document.querySelector('#demo a[href=\"/compare\"]')").await;

    // In the speaker's browser, a window with the slides turns them for everyone: the
    // remote control works whichever window has the focus.
    let window = "document.querySelector('#window')?.contentDocument";
    speaker
        .run(
            "const frame = document.createElement('iframe');
              Object.assign(frame, { id: 'window', src: '/slides' });
              document.body.append(frame)",
        )
        .await;
    speaker
        .until(&format!("{window}?.getElementById('welcome/5')?.hidden === false"))
        .await;
    speaker
        .run(&format!(
            "{window}.body.dispatchEvent(
            new KeyboardEvent('keydown', {{ key: 'PageDown', bubbles: true }}))"
        ))
        .await;
    room.until(&at("welcome/6")).await;
    speaker.until(&now("How a chapter goes")).await;
    speaker.run("document.querySelector('#window').remove()").await;

    // The short path leaves chapters out.
    speaker
        .run(
            "const path = document.querySelector('#path');
        path.value = 'short'; path.dispatchEvent(new Event('change'));
        const jump = document.querySelector('#jump');
        jump.value = [...jump.options].findLast(
            (option) => option.value.startsWith('problem/')).value;
        jump.dispatchEvent(new Event('change'))",
        )
        .await;
    speaker.click("#next").await;
    speaker.until(&now("Short polling")).await;
    room.until(&at("short-poll/1")).await;

    // Its clock outlives a reload.
    speaker.click("#run").await;
    speaker.until("document.querySelector('#run').textContent === 'Pause'").await;
    speaker.until("document.querySelector('#whole').textContent !== '0:00'").await;
    speaker.open(&format!("{presenter}/speaker")).await;
    speaker.until(&now("Short polling")).await;
    speaker.until("document.querySelector('#run').textContent === 'Pause'").await;
    let pace =
        speaker.run("return document.querySelector('#pace').textContent").await;
    assert_eq!(pace, "On time", "a clock that was started here counts from here");
    let whole = "return document.querySelector('#of-whole').textContent";
    assert_eq!(speaker.run(whole).await, "of 40:00");
    // Restarted, it counts from where it is started, and turns nothing.
    choose(&speaker, "#jump", "sse/1").await;
    speaker.until_shows("#pace", "17 min ahead").await;
    for (button, name) in
        [("#run", "Resume"), ("#reset", "Start"), ("#run", "Pause")]
    {
        speaker.click(button).await;
        speaker.until_shows("#run", name).await;
    }
    assert_eq!(speaker.run(whole).await, "of 23:00");
    speaker.until_shows("#pace", "On time").await;
    speaker.until(&now("Server-sent events")).await;

    // A slide with much to say and to show.
    speaker
        .run(
            "const jump = document.querySelector('#jump');
        jump.value = 'short-poll/13'; jump.dispatchEvent(new Event('change'))",
        )
        .await;
    room.until(&at("short-poll/13")).await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            speaker.look(width, height, colors).await;
            let faint = speaker.run(FAINT).await;
            assert_eq!(faint, Value::Array(vec![]), "{colors}");
            let wide =
                speaker.run("return document.scrollingElement.scrollWidth").await;
            assert_eq!(wide, width);
            speaker.screenshot(&format!("speaker-{width}-{colors}")).await;
            // They are in view, and nothing covers them.
            speaker.click("#next").await;
            speaker.click("#previous").await;
        }
    }
    assert_eq!(room.complaints().await, [""; 0]);
    room.quit().await;
    speaker.quit().await;
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

/// Opens the speaker's view, for its presenter.
async fn open_speaker(browser: &Browser, workshop: &Workshop) {
    let url = format!("http://{}/presenter/speaker", workshop.presenter);
    browser.open(&url).await;
    enter(browser, workshop).await;
    browser.until(&format!("{SPEAKER_AT} === 'welcome/1'")).await;
    browser.until_shows("#line", "Connected to the workshop.").await;
}

#[tokio::test]
async fn the_speakers_view_says_what_the_short_talk_leaves_out() {
    let workshop = workshop(&[]);
    let browser = Browser::start("speaker-short").await;
    open_speaker(&browser, &workshop).await;
    let option = |id: &str| {
        format!(
            "return document.querySelector('#jump [value=\"{id}\"]').textContent"
        )
    };
    let marked = "return !document.querySelector('#left-out').hidden";
    choose(&browser, "#path", "short").await;
    choose(&browser, "#jump", "sse/6").await;
    browser.until_shows("#coming", "Then, leaving out 3 slides").await;
    browser.until_shows("#then h2", "Reconnection").await;
    assert_eq!(browser.run(marked).await, false);
    assert_eq!(browser.run(&option("sse/6")).await, "Field by field");
    assert_eq!(browser.run(&option("sse/9")).await, "Left out: The page hears it");
    browser.click("#next").await;
    browser.until_shows("#now h2", "Reconnection").await;
    browser.click("#previous").await;
    browser.until_shows("#now h2", "Field by field").await;
    choose(&browser, "#jump", "sse/9").await;
    browser.until_shows("#now h2", "The page hears it").await;
    assert_eq!(browser.run(marked).await, true);
    browser.until_shows("#coming", "Then").await;
    choose(&browser, "#jump", "choosing/10").await;
    let coming = "document.querySelector('#coming').textContent";
    let closing = "/^Then, leaving out [1-9]\\d* slides: Closing$/";
    browser.until(&format!("{closing}.test({coming})")).await;
    choose(&browser, "#path", "long").await;
    browser.until_shows("#coming", "Then").await;
    assert_eq!(browser.run(marked).await, false);
    assert_eq!(browser.run(&option("sse/9")).await, "The page hears it");
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
        ("problem/7", json!(null)), // which links to it
        ("connection/5", json!("Open Short polling on the wire")),
        ("sse/3", json!("Open Server-sent events")),
        ("sse/5", json!(null)), // a command
        ("sse/21", json!("Open Server-sent events")),
        ("sse/24", json!(null)),
        ("closing/6", json!(null)), // nothing is shown
    ] {
        choose(&browser, "#jump", id).await;
        browser.until(&format!("{SPEAKER_AT} === '{id}'")).await;
        assert_eq!(browser.run(offered).await, page, "{id}");
    }
    // What a slide says to do and to watch, with the sources it speaks of.
    choose(&browser, "#jump", "sse/19").await;
    browser.until("document.querySelector('#demo a[href=\"/wire/sse\"]')").await;
    browser.until_shows("#demo strong", "Do:").await;
    let slides = "return [...document.querySelectorAll('#jump option')]
        .filter(({ textContent }) => textContent === 'As often shown')
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
        let links = "return [...document.querySelectorAll('#demo a')].length";
        assert_eq!(browser.run(links).await, 1, "{id}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn the_speakers_view_fits_also_with_a_message() {
    let workshop = workshop(&[]);
    let browser = Browser::start("speaker-fit").await;
    open_speaker(&browser, &workshop).await;
    choose(&browser, "#jump", "sse/6").await;
    browser.click("#run").await;
    let misfits = "
        const row = document.querySelector('#pace').getBoundingClientRect().bottom;
        const low = [...document.querySelectorAll('main *')].filter((part) =>
          part.checkVisibility() && !part.closest('.slide, .unseen, .notes, .demo')
          && part.getBoundingClientRect().bottom > innerHeight);
        const below = [...document.querySelectorAll('.links a')].filter((link) =>
          link.getBoundingClientRect().top > row);
        const { scrollWidth, scrollHeight } = document.scrollingElement;
        return [low.map(({ id, tagName }) => `${tagName} ${id}`), below.length,
          scrollWidth - innerWidth, scrollHeight - innerHeight]";
    let sizes = [(1366, 625), (1280, 720)];
    for (width, height) in sizes {
        browser.look(width, height, "light").await;
        assert_eq!(browser.run(misfits).await, json!([[], 0, 0, 0]), "{width}");
    }
    drop(workshop);
    browser.until("document.querySelector('#line').checkVisibility()").await;
    browser
        .until("/does not answer/.test(document.querySelector('#line').textContent)")
        .await;
    for (width, height) in sizes {
        browser.look(width, height, "light").await;
        assert_eq!(browser.run(misfits).await, json!([[], 0, 0, 0]), "{width}");
        browser.screenshot(&format!("speaker-message-{width}")).await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_key_turns_everyone_whichever_window_opens_first_reloads_or_dies() {
    for speaker_first in [true, false] {
        Talk::rehearse(speaker_first, |_| {}).await;
    }
}

/// Several speakers may turn within the time for which the workshop collects news.
#[tokio::test]
async fn a_speakers_view_follows_another_speaker() {
    let mut talk = Talk::open("slides-speakers", true).await;
    talk.key_turns_everyone("after opening").await;
    for other in ["sse/1", "sse/2"] {
        talk.browser.switch_to(&talk.speaker).await;
        // Of the second key, the workshop tells only together with what comes next. The
        // view does not know what its connection is used for.
        let turns = format!(
            "const {{ live }} = await import('/workshop/lib/live.js');
             for (let i = 0; i < 2; i++) {{
               const event = new KeyboardEvent('keydown', {{ key: 'PageDown', bubbles: true }});
               document.body.dispatchEvent(event);
             }}
             live.send({{ slide: '{other}' }});"
        );
        talk.browser.run(&turns).await;
        talk.browser.until(&format!("{SPEAKER_AT} === '{other}'")).await;
        talk.browser.switch_to(&talk.slides).await;
        let shown = format!("!document.getElementById('{other}').hidden");
        talk.browser.until(&shown).await;
    }
    talk.browser.quit().await;
}

/// Enters the key of the presenter, in a page that asks for it.
async fn enter(browser: &Browser, workshop: &Workshop) {
    browser.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
}

/// A speaker goes on while the workshop is started again. It has a new key then, and does
/// not know where the room was.
#[tokio::test]
async fn the_room_is_where_the_speaker_is_after_a_restart() {
    let mut hub = workshop(&[]);
    let proxy = Proxy::before(hub.presenter);
    let speaker = Browser::start("slides-restart").await;
    let url = format!("http://{}/presenter/speaker", proxy.address);
    speaker.open(&url).await;
    enter(&speaker, &hub).await;
    let jump = |id: &str| {
        format!(
            "const jump = document.querySelector('#jump');
             jump.value = '{id}'; jump.dispatchEvent(new Event('change'))"
        )
    };
    speaker.until(&format!("{SPEAKER_AT} === 'welcome/1'")).await;
    // Its connection says where the room is.
    let heard = |id: &str| {
        format!(
            "const {{ live }} = await import('/workshop/lib/live.js');
             return new Promise((done) =>
               live.on('room', ({{ slide }}) => slide === {id} && done()))"
        )
    };
    speaker.run(&heard("null")).await;
    speaker.run(&jump("sse/1")).await;
    speaker.run(&heard("'sse/1'")).await;
    // Not turned meanwhile, turned meanwhile, and with another speaker who was faster.
    for (turned, faster, at) in [
        (None, None, "sse/1"),
        (Some("sse/2"), None, "sse/2"),
        (Some("sse/4"), Some("sse/6"), "sse/6"),
    ] {
        hub = workshop(&[]);
        let mut room = hub.presenter();
        if let Some(id) = faster {
            room.command(&json!({ "slide": id }));
            room.until("room", |room| room["slide"] == id);
        }
        proxy.redirect(hub.presenter);
        proxy.cut();
        speaker.until("document.querySelector('#line a')").await;
        if let Some(id) = turned {
            speaker.run(&jump(id)).await;
        }
        speaker.click("#line a").await;
        enter(&speaker, &hub).await;
        room.until("room", |room| room["slide"] == at);
        speaker.until(&format!("{SPEAKER_AT} === '{at}'")).await;
        speaker.run(&heard(&format!("'{at}'"))).await;
    }
    speaker.quit().await;
}

/// The slides that the presenter's pages opened are on the projector: they stay when
/// everyone is brought elsewhere, unless they are told to follow.
#[tokio::test]
async fn the_slides_on_the_projector_stay_when_everyone_is_brought_elsewhere() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("slides-stay").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/presenter", workshop.presenter)).await;
    enter(&browser, &workshop).await;
    browser.until("document.querySelector('#side:not(:disabled)')").await;
    let desk = browser.windows().await;
    for _ in 0..2 {
        browser.click("a[target=slides]").await;
    }
    let all = browser.windows().await;
    assert_eq!(all.len(), 2, "opened once");
    let slides = all.into_iter().find(|window| !desk.contains(window)).unwrap();
    let attendee =
        browser.open_window(&format!("http://{}/slides", workshop.presenter)).await;
    for window in [&attendee, &slides] {
        browser.switch_to(window).await;
        browser.until("document.querySelector('#number')?.textContent").await;
        let connected = "return import('/workshop/lib/live.js').then(({ live }) =>
            new Promise((done) => live.on('room', () => done())))";
        browser.run(connected).await;
    }
    presenter.command(&json!({"here": "/compare"}));
    browser
        .until("document.querySelector('#following .notice').checkVisibility()")
        .await;
    browser.screenshot("slides-stay").await;
    browser.switch_to(&attendee).await;
    browser.until("location.pathname === '/compare'").await;
    browser.switch_to(&slides).await;
    assert_eq!(browser.run("return location.pathname").await, "/slides");
    // The speaker's view leads to the desk that is there.
    browser.switch_to(&desk[0]).await;
    browser.click("a[target=speaker]").await;
    let all = browser.windows().await;
    let speaker = all
        .iter()
        .find(|window| ![&desk[0], &slides, &attendee].contains(window))
        .unwrap();
    browser.switch_to(speaker).await;
    browser.until(&format!("{SPEAKER_AT} === 'welcome/1'")).await;
    browser.click("a[target=desk]").await;
    browser.switch_to(&desk[0]).await;
    browser.until("document.querySelector('#side:not(:disabled)')").await;
    assert_eq!(browser.windows().await.len(), 4, "no other desk");
    // The slides follow when they are told to.
    browser.switch_to(&slides).await;
    browser.click("#following .notice button").await;
    browser.until("location.pathname === '/compare'").await;
    browser.quit().await;
}
