//! Several windows and devices: which of them turn together.

use browser_tests::{
    Browser, FAINT,
    talk::{SPEAKER_AT, Talk},
    workshop,
};
use serde_json::{Value, json};
use testkit::Proxy;

use crate::{choose, enter, press, shown};

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
    for _ in 0..3 {
        press(&speaker, "PageDown").await;
    }
    speaker.until(&now("Who may speak first?")).await;
    room.until(&at("problem/2")).await;
    speaker.screenshot("speaker-welcome").await;

    // Who turns by hand stays there, until they want to follow again.
    press(&room, "ArrowLeft").await;
    speaker.click("#next").await;
    room.until("[...document.querySelectorAll('#following button')]
        .some((button) => button.checkVisibility() && button.textContent === 'Follow the speaker')")
        .await;
    speaker.until(&now("Nobody breaks the rules")).await;
    assert_eq!(shown(&room).await, "problem/1");
    room.until("location.hash === '#problem/1'").await;
    room.click("#following > button").await;
    room.until(&at("problem/5")).await;
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

    // What lies below a slide is shown when somebody wants to know more.
    press(&speaker, "ArrowDown").await;
    room.until(&at("welcome/6")).await;
    speaker.until("document.querySelector('#deeper').checkVisibility()").await;
    press(&speaker, "ArrowUp").await;
    room.until(&at("welcome/5")).await;

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
    room.until(&at("problem/1")).await;
    speaker.until(&now("The problem")).await;
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
    // Every device counts the slides of that path, and goes along it.
    let shown = room
        .run("return document.querySelectorAll('[data-paths~=short]').length")
        .await;
    let before = "return document.querySelector('#number').textContent";
    room.until(&format!(
        "document.querySelector('#number').textContent.endsWith('/ {shown}')"
    ))
    .await;
    assert_eq!(room.run(before).await, json!(format!("8 / {shown}")));

    // Its clock outlives a reload.
    speaker.click("#run").await;
    speaker
        .until("document.querySelector('#run').textContent === 'Pause clock'")
        .await;
    speaker.until("document.querySelector('#whole').textContent !== '0:00'").await;
    speaker.open(&format!("{presenter}/speaker")).await;
    speaker.until(&now("Short polling")).await;
    speaker
        .until("document.querySelector('#run').textContent === 'Pause clock'")
        .await;
    let pace =
        speaker.run("return document.querySelector('#pace').textContent").await;
    assert_eq!(pace, "On time", "a clock that was started here counts from here");
    let whole = "return document.querySelector('#of-whole').textContent";
    assert_eq!(speaker.run(whole).await, "of 40:00");
    // Restarted, it counts from where it is started, and turns nothing.
    choose(&speaker, "#jump", "sse/1").await;
    speaker.until_shows("#pace", "15 min ahead").await;
    for (button, name) in [
        ("#run", "Resume clock"),
        ("#reset", "Start clock"),
        ("#run", "Pause clock"),
    ] {
        speaker.click(button).await;
        speaker.until_shows("#run", name).await;
    }
    assert_eq!(speaker.run(whole).await, "of 25:00");
    speaker.until_shows("#pace", "On time").await;
    speaker.until(&now("Server-sent events")).await;

    // A slide with much to say and to show.
    speaker
        .run(
            "const jump = document.querySelector('#jump');
        jump.value = 'short-poll/14'; jump.dispatchEvent(new Event('change'))",
        )
        .await;
    room.until(&at("short-poll/14")).await;
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
    let view = speaker.windows().await.remove(0);
    let slides =
        speaker.open_window(&format!("http://{}/slides", proxy.address)).await;
    speaker.switch_to(&view).await;
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
        // The window for the projector is connected again, and says that the room is not with it.
        speaker.switch_to(&slides).await;
        let alone = "Nobody follows: see the speaker’s view";
        let told = |yes: &str| {
            format!(
                "{yes}document.querySelector('#following').innerText.includes('{alone}')"
            )
        };
        speaker.until(&told("")).await;
        speaker.screenshot("slides-unheard").await;
        speaker.switch_to(&view).await;
        speaker.click("#line a").await;
        enter(&speaker, &hub).await;
        room.until("room", |room| room["slide"] == at);
        speaker.until(&format!("{SPEAKER_AT} === '{at}'")).await;
        speaker.run(&heard(&format!("'{at}'"))).await;
        speaker.switch_to(&slides).await;
        speaker.until(&told("!")).await;
        speaker.switch_to(&view).await;
    }
    speaker.quit().await;
}

/// What the presenter's pages opened is on the projector: it stays when everyone is
/// brought elsewhere, without a notice for attendees.
#[tokio::test]
async fn the_presenters_windows_stay_when_everyone_is_brought_elsewhere() {
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
    let connected = "return import('/workshop/lib/live.js').then(({ live }) =>
        new Promise((done) => live.on('room', () => done())))";
    for window in [&attendee, &slides] {
        browser.switch_to(window).await;
        browser.until("document.querySelector('#number')?.textContent").await;
        browser.run(connected).await;
    }
    let told = |page: &str| {
        format!(
            "return import('/workshop/lib/live.js').then(({{ live }}) =>
               new Promise((done) => live.on('room', ({{ here }}) => here === '{page}' && done())))"
        )
    };
    // An attendee who turned slides alone is brought back, too.
    presenter.command(&json!({"slide": "welcome/1"}));
    browser.switch_to(&attendee).await;
    browser.run("location.hash = '#sse/3'").await;
    browser.until("document.body.innerText.includes('This window alone')").await;
    presenter.command(&json!({"here": "/slides"}));
    browser.until("!document.getElementById('welcome/1').hidden").await;
    browser.until("!document.body.innerText.includes('This window alone')").await;
    browser.switch_to(&slides).await;
    presenter.command(&json!({"here": "/compare"}));
    browser.run(&told("/compare")).await;
    let notice =
        "return document.querySelector('#following .notice').checkVisibility()";
    assert_eq!(browser.run(notice).await, false);
    assert_eq!(browser.run("return location.pathname").await, "/slides");
    browser.screenshot("slides-stay").await;
    browser.switch_to(&attendee).await;
    browser.until("location.pathname === '/compare'").await;
    browser.until("/Following the presenter/.test(document.body.innerText)").await;
    // Everyone is there: nobody waits for the projector.
    browser.switch_to(&desk[0]).await;
    browser.until_shows("#here", "1 of 1 window at “Compare”.").await;
    // The speaker's view leads to the desk that is there.
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
    // Links in the preview open beside it, each kind of page in a window of its own.
    browser.switch_to(speaker).await;
    choose(&browser, "#jump", "sse/20").await;
    browser.until("document.querySelector('#now a[href=\"/wire/sse\"]')").await;
    for link in [
        "#now a[href='/wire/sse']",
        "#demo a[href='/wire/sse']",
        "#demo a[href='/chapter/sse']",
    ] {
        browser.click(link).await;
        browser.until(&format!("{SPEAKER_AT} === 'sse/20'")).await;
    }
    // They stay, too, when everyone is brought elsewhere.
    let all = browser.windows().await;
    let beside: Vec<_> = all
        .iter()
        .filter(|one| ![&desk[0], &slides, &attendee, speaker].contains(one))
        .collect();
    for window in &beside {
        browser.switch_to(window).await;
        browser.until("document.querySelector('h1')").await;
        browser.run(connected).await;
    }
    presenter.command(&json!({"here": "/source"}));
    browser.switch_to(&attendee).await;
    browser.until("location.pathname === '/source'").await;
    let mut paths = Vec::new();
    for window in beside {
        browser.switch_to(window).await;
        browser.run(&told("/source")).await;
        paths.push(browser.run("return location.pathname").await);
        let notices = "return document.querySelector('.notices')?.innerText ?? ''";
        assert_eq!(browser.run(notices).await, "", "for attendees");
    }
    paths.sort_by_key(ToString::to_string);
    assert_eq!(paths, ["/chapter/sse", "/wire/sse"]);
    browser.quit().await;
}
