//! The pages of the chapters: their frames, and the cards beside them.

use std::fs;

use browser_tests::{Browser, TECHNIQUES, workshop};
use serde_json::json;
use stage::Technique;

use crate::RECORD;

#[tokio::test]
async fn a_stranger_sees_why_the_event_source_came_back_and_the_websocket_did_not() {
    let workshop = workshop(&["--every", "300ms"]);
    let browser = Browser::start("alone").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/chapter/sse", workshop.process.address)).await;
    // A card ticks itself when what it says was seen, and not before.
    browser.run(RECORD).await;
    browser.until("seen.sse?.some(({ type }) => type === 'sample')").await;
    let cut = "[...document.querySelectorAll('.card:not(.alone)')]
        .find((card) => card.querySelector('h3').textContent.includes('Cut: '))";
    let seen =
        format!("!{cut}.querySelector('h3').textContent.includes('not seen yet')");
    assert_eq!(browser.run(&format!("return {seen}")).await, false);
    browser
        .until(&format!("{cut}.querySelector('button').matches(':enabled')"))
        .await;
    browser.run(&format!("{cut}.querySelector('button').click()")).await;
    browser.until(&seen).await;
    let said = browser.run(&format!("return {cut}.textContent")).await;
    let said = said.as_str().unwrap();
    assert!(
        said.contains("Observed: Cut at")
            && said.contains("Last-Event-ID")
            && said.contains("0 missed, 0 duplicated"),
        "{said}"
    );

    let button = |text: &str| {
        format!(
            "[...document.querySelectorAll('.card button')]
        .find((button) => button.textContent === '{text}' && button.matches(':enabled'))"
        )
    };
    for text in ["Open both pages", "Cut both connections"] {
        browser.until(&button(text)).await;
        browser.run(&format!("{}.click()", button(text))).await;
    }
    browser.until("document.querySelector('.alone.seen .result')").await;
    let said = browser
        .run("return document.querySelector('.alone .result').textContent")
        .await;
    let said = said.as_str().unwrap();
    assert!(said.contains("EventSource was open again after"), "{said}");
    assert!(said.contains("WebSocket was still closed"), "{said}");
    assert!(said.contains("client.js"), "{said}");

    browser.quit().await;
}

/// A speaker says where the card is.
#[tokio::test]
async fn a_card_is_where_the_notes_say() {
    let workshop = workshop(&[]);
    let browser = Browser::start("places").await;
    let hub = workshop.process.address;
    for (chapter, file, button, place) in [
        ("short-poll", "04-short-poll", "Count", "first"),
        ("long-poll", "05-long-poll", "Idle time-out", "first"),
        ("http-stream", "06-http-stream", "Buffer", "second"),
        ("sse", "07-sse", "Cut", "first"),
        ("websocket", "08-websocket", "Stall", "third"),
    ] {
        let said = format!("press {button}, on the {place} card");
        let notes = format!("../../workshop-notes/{file}.md");
        assert!(fs::read_to_string(notes).unwrap().contains(&said), "{said}");
        browser.open(&format!("http://{hub}/chapter/{chapter}")).await;
        browser.until("document.querySelector('.card button')").await;
        let number =
            ["first", "second", "third"].iter().position(|one| *one == place);
        let card =
            format!("document.querySelectorAll('.card')[{}]", number.unwrap());
        let button = format!(
            "return {card}.querySelector('button').textContent === '{button}'"
        );
        assert_eq!(browser.run(&button).await, true, "{chapter}: {said}");
    }
    browser.quit().await;
}

/// What the notes promise of the card.
#[tokio::test]
async fn with_an_impatient_proxy_connections_climb_and_nothing_is_missed() {
    let workshop = workshop(&["--every", "3s"]);
    let browser = Browser::start("impatient").await;
    browser.look(1280, 720, "light").await;
    let hub = workshop.process.address;
    browser.open(&format!("http://{hub}/chapter/long-poll")).await;
    let button = "[...document.querySelectorAll('.card button:enabled')]
        .find((button) => button.textContent === 'Idle time-out')";
    browser.until(button).await;
    browser.run(&format!("{button}.click()")).await;
    browser.enter_frame().await;
    let score = "Object.fromEntries([...document.querySelectorAll('.score div')]
        .map((cell) => [cell.querySelector('dt').firstChild.data,
          cell.querySelector('dd').textContent]))";
    browser.until(&format!("Number(({score}).connections) >= 3")).await;
    assert_eq!(browser.run(&format!("return ({score}).missed")).await, "0");
    browser.quit().await;
}

/// What is cut off at an edge of the frame, though its status is as long as any and takes two
/// lines.
const CUT_OFF: &str = "
    document.querySelector('.words').textContent = 'disconnected: the browser reconnects';
    if (!document.querySelector('.probe')) {
      const probe = document.querySelector('.note').cloneNode();
      probe.classList.add('probe');
      probe.textContent = 'closed 1006: no close frame; a reason may be as long as this';
      document.querySelector('.note').after(probe);
    }
    return [...document.querySelectorAll('main > *, .controls *, .status *')]
      .filter((part) => part.checkVisibility() && !part.closest('#log > *')
        && (part.getBoundingClientRect().bottom > innerHeight
          || part.getBoundingClientRect().right > innerWidth))
      .map((part) => `${part.tagName} ${part.className || part.textContent}`)";

#[tokio::test]
async fn each_frame_shows_its_controls_and_what_they_do() {
    let workshop = workshop(&["--every", "1s"]);
    let browser = Browser::start("frames").await;
    for Technique { name, .. } in TECHNIQUES {
        browser.look(1280, 720, "light").await;
        let url = format!("http://{}/chapter/{name}", workshop.process.address);
        browser.open(&url).await;
        browser.until("document.querySelector('.live iframe')").await;
        let low = "document.querySelector('.live').getBoundingClientRect().bottom";
        browser.until(&format!("{low} <= innerHeight")).await;
        for (width, height) in [(1280, 720), (360, 740)] {
            browser.look(width, height, "light").await;
            browser.enter_frame().await;
            browser.until("document.querySelector('.status[data-state]')").await;
            let cut_off = browser.run(CUT_OFF).await;
            assert_eq!(cut_off, json!([]), "{name} at {width} × {height}");
            if name == "websocket" {
                browser.until("document.querySelector('#log p')").await;
                browser.type_into("[name=text]", "hello\u{e007}").await;
                let seen = "(() => {
                    const last = [...document.querySelectorAll('#log p')].at(-1);
                    const [said, log] = [last, last.parentElement]
                      .map((part) => part.getBoundingClientRect());
                    return last.textContent.endsWith('hello') && said.top >= log.top
                      && said.bottom <= log.bottom + 1 && log.bottom <= innerHeight;
                  })()";
                browser.until(seen).await;
            }
            browser.leave_frames().await;
            browser.screenshot(&format!("frame-{name}-{width}")).await;
        }
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_card_says_what_its_own_button_does_and_what_the_presenter_does() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("cards").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/chapter/sse", workshop.process.address)).await;
    browser.run(RECORD).await;
    browser.until("seen.sse?.some(({ type }) => type === 'sample')").await;
    browser
        .run(
            "window.card = (title) => [...document.querySelectorAll('.card')]
               .find((card) => card.querySelector('h3').textContent.includes(title));
             window.button = (title) => card(title).querySelector('button');
             window.said = () => [...document.querySelectorAll('.act .soft')]
               .map((why) => why.textContent).filter(Boolean);",
        )
        .await;
    browser.until("button('Stall: ').matches(':enabled')").await;
    // Three at once: an error is said by the card that it is about.
    let titles = ["Stall: ", "Buffer: ", "Cut: "];
    browser
        .run(&format!("{}.forEach((title) => button(title).click())", json!(titles)))
        .await;
    browser.until("said().length > 1").await;
    let errors = format!(
        "return {}.map((title) => card(title).querySelector('.soft').textContent)",
        json!(titles)
    );
    let too_fast = "too fast: one at a time";
    assert_eq!(browser.run(&errors).await, json!(["", too_fast, too_fast]));
    assert_eq!(browser.run("return said().length").await, 2);
    // It says how long it lasts, and what is seen so far.
    browser
        .until("/^End it now \\(\\d+ s\\)$/.test(button('Stall: ').textContent)")
        .await;
    browser.until("/So far: It is quiet/.test(card('Stall: ').textContent)").await;
    assert_eq!(browser.run("return button('Buffer: ').textContent").await, "Buffer");
    // In its place, the presenter's, of which the card is only told.
    let device = json!({"technique": "sse", "client": "127.0.0.1", "effect": "stall", "on": true});
    presenter.command(&json!({ "set": device }));
    browser.until("said().includes('The presenter is doing this now.')").await;
    browser.until("button('Stall: ').matches(':disabled')").await;
    assert_eq!(browser.run("return button('Stall: ').textContent").await, "Stall");
    presenter.command(&json!({"off": true}));
    browser
        .until("/Not seen this time|Observed/.test(card('Stall: ').textContent)")
        .await;
    // Switched off, it says so below its title.
    presenter.command(&json!({"allow": false}));
    browser.until("button('Stall: ').matches(':disabled')").await;
    let squeezed = "return [...document.querySelectorAll('.card')].filter((card) =>
        card.querySelector('h3').clientHeight > 1.6 * button('Stall: ').clientHeight
        || card.querySelector('h3').clientWidth < 0.6 * card.clientWidth).length";
    assert_eq!(browser.run(squeezed).await, 0);
    browser.screenshot("cards-switched-off").await;
    browser.quit().await;
}

#[tokio::test]
async fn on_a_phone_no_notice_covers_the_card_that_was_pressed() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    presenter.command(&json!({"here": "/compare"}));
    let refuse = json!({"technique": "short-poll", "effect": "refuse", "on": true});
    presenter.command(&json!({ "set": refuse }));
    let browser = Browser::start("phone-card").await;
    browser.open(&format!("http://{}/chapter/sse", workshop.process.address)).await;
    browser.look(360, 740, "light").await;
    let open =
        "/^open.*#\\d+$/.test(document.querySelector('.live-line')?.textContent)";
    browser.until(open).await;
    // Pressed at the foot of the page, where the notice of it comes up.
    browser.until("document.querySelector('.card button:enabled')").await;
    browser
        .run(
            "window.card = [...document.querySelectorAll('.card')]
               .find((card) => card.querySelector('h3').textContent.includes('Stall: '));
             const lowest = card.querySelector('button').getBoundingClientRect().bottom;
             scrollBy(0, lowest - document.querySelector('.notices').offsetTop + 5);
             card.querySelector('button').click();",
        )
        .await;
    let in_view = "(() => {
        const [pressed, bar, line] = [card, document.querySelector('.notices'),
          document.querySelector('.live-line')].map((part) => part.getBoundingClientRect());
        return card.textContent.includes('End it now') && pressed.top >= line.bottom - 1
          && pressed.bottom <= bar.top + 1 && line.top >= -1;
      })()";
    browser.until(in_view).await;
    // Two effects are told in full; the live page, which is scrolled away, in a line.
    let told = "const does = document.querySelector('.does');
        return [does.textContent.match(/The presenter refuses|the workshop stalls/g).length,
          does.scrollHeight - does.clientHeight]";
    assert_eq!(browser.run(told).await, json!([2, 0]));
    browser.until(open).await;
    browser.screenshot("phone-card").await;
    // The longest that the line says is said in full.
    let refuse = json!({"technique": "sse", "effect": "refuse", "on": true});
    presenter.command(&json!({ "set": refuse }));
    browser
        .until_shows(".live-line .words", "disconnected: the browser reconnects")
        .await;
    let cut = "const [line, words, number] = ['.live-line', '.live-line .words', '.live-line .number']
          .map((part) => document.querySelector(part));
        const [outer, inner] = [line, words].map((part) => part.getBoundingClientRect());
        return [words.scrollWidth > words.clientWidth, inner.top < outer.top,
          inner.bottom > outer.bottom, inner.right > number.getBoundingClientRect().left]";
    assert_eq!(browser.run(cut).await, json!([false, false, false, false]));
    browser.screenshot("phone-line").await;
    browser.quit().await;
}
