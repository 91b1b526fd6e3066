//! The slides as pages: they fit, can be read, and are turned by keys and addresses.

use std::fmt::Write as _;

use browser_tests::{Browser, FAINT, workshop};
use serde_json::json;

use crate::{press, shown};

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
        // First what is below it.
        let below =
            browser.run("return !document.querySelector('#down').disabled").await;
        let key = if below == true { "ArrowDown" } else { "ArrowRight" };
        press(&browser, key).await;
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
        ("ArrowRight", "sse/5"),
        ("PageDown", "sse/6"),
        (" ", "sse/10"),
        ("ArrowLeft", "sse/6"),
        ("PageUp", "sse/5"),
        ("ArrowDown", "sse/5"), // nothing is below it
        ("ArrowLeft", "sse/2"),
        ("ArrowDown", "sse/3"),
        ("ArrowDown", "sse/4"),
        ("ArrowUp", "sse/3"),
        ("ArrowUp", "sse/2"),
        ("ArrowUp", "sse/2"),
        ("Home", "welcome/1"),
        ("ArrowLeft", "welcome/1"),
        ("End", "closing/4"),
        ("ArrowRight", "closing/4"),
        ("ArrowDown", "closing/5"),
    ] {
        press(&browser, key).await;
        assert_eq!(shown(&browser).await, id, "{key}");
        let said =
            browser.run("return document.querySelector('#said').textContent").await;
        let said = said.as_str().unwrap();
        assert!(said.starts_with("Slide ") || said.starts_with("Below slide "));
    }
    // A chapter's first slide has its name.
    press(&browser, "Home").await;
    let title = browser.run("return document.title").await;
    assert_eq!(title, "Welcome · Realtime Workshop");
    press(&browser, "End").await;
    browser.until("location.hash === '#closing/4'").await;
    swipe(&browser, 120).await;
    assert_eq!(shown(&browser).await, "closing/3");
    swipe(&browser, -120).await;
    assert_eq!(shown(&browser).await, "closing/4");
    browser.click("#down").await;
    assert_eq!(shown(&browser).await, "closing/5");
    browser.click("#up").await;
    browser.click("#previous").await;
    assert_eq!(shown(&browser).await, "closing/3");
    press(&browser, "?").await;
    browser.until("document.querySelector('#help').open").await;
    let gap = "const [list, button] = ['dl', 'button'].map((part) =>
          document.querySelector(`#help ${part}`).getBoundingClientRect());
        return button.top - list.bottom";
    assert!(browser.run(gap).await.as_f64().unwrap() >= 8.0);
    // What is said of the connection does not cover the chapter's name.
    drop(workshop);
    let lost = "[...document.querySelectorAll('#following > span')].find((part) =>
          part.checkVisibility() && part.textContent === '✕ Not connected')";
    browser.until(lost).await;
    let apart = format!(
        "const name = document.querySelector('#chapter');
         return name.scrollWidth <= name.clientWidth
           && name.getBoundingClientRect().right <= ({lost}).getBoundingClientRect().left"
    );
    assert_eq!(browser.run(&apart).await, true);
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
