//! The gallery in a real Chromium: its applications, and the page of the workshop that
//! shows them.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "gallery/cards.rs"]
mod cards;
#[path = "gallery/people.rs"]
mod people;

use std::process::Command;

use browser_tests::{Browser, program, workshop};
use gallery::APPLICATIONS;
use serde_json::json;
use testkit::{Process, free_ports};

/// What a page shows once it is in use.
const IN_USE: [(&str, &str); 4] = [
    ("stock", "document.querySelectorAll('#stocks td').length === 20"),
    ("monitor", "document.querySelector('#uptime').textContent.endsWith(' s')"),
    ("log", "document.querySelectorAll('#lines li').length > 1"),
    ("answer", "document.querySelector('.state').textContent"),
];

#[tokio::test]
async fn the_gallery_connects_what_is_in_sight_and_a_cut_makes_no_hole() {
    let workshop = workshop(&[]);
    let hub = format!("http://{}", workshop.process.address);
    let browser = Browser::start("gallery").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("{hub}/gallery")).await;
    let all = "document.querySelectorAll('.application').length";
    browser.until(&format!("{all} >= {}", APPLICATIONS.len())).await;
    let live = |at: &str| {
        format!(
            "[...document.querySelectorAll('.miniature')].at({at}).querySelector('iframe')"
        )
    };
    browser.until(&live("0")).await;
    let count =
        browser.run("return document.querySelectorAll('iframe').length").await;
    assert!(count.as_u64().unwrap() <= 4, "{count} of them are connected");
    browser.screenshot("gallery-light").await;
    browser.enter_frame().await;
    browser.until("document.body.dataset.state === 'open'").await;
    browser.leave_frames().await;
    browser.until("!document.querySelector('.card button').disabled").await;
    browser.run("document.querySelector('.card button').click()").await;
    browser
        .until("document.querySelector('.card').classList.contains('seen')")
        .await;
    let seen =
        browser.run("return document.querySelector('.card .result').textContent");
    let seen = seen.await.to_string();
    assert!(seen.contains(": 0 missed, 0 twice."), "{seen}");
    browser
        .run("document.querySelector('.application:last-child').scrollIntoView()")
        .await;
    browser.until(&live("-1")).await;
    browser.until(&format!("!{}", live("0"))).await;
    browser.look(360, 740, "dark").await;
    browser.screenshot("gallery-phone").await;
    browser.open(&format!("{hub}/source/stock")).await;
    browser.until("document.querySelectorAll('pre').length === 2").await;
    for side in [0, 1] {
        let words = format!(
            "document.querySelectorAll('pre')[{side}].querySelectorAll('.k').length"
        );
        browser.until(&format!("{words} > 5")).await;
    }
    browser.open(&format!("{hub}/wire/gallery?application=stock")).await;
    browser
        .until("document.querySelectorAll('[data-label=\"sse-data\"]').length > 2")
        .await;
    browser.quit().await;
}

/// Prices that are close to each other have labels that can be read, on the canvas.
#[tokio::test]
async fn a_page_that_was_too_slow_for_the_prices_begins_with_a_snapshot() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-gap").await;
    let keep = "window.EventSource = class extends EventSource {
        constructor(url) { super(url); window.source = this; }
      }";
    browser.run_before_pages(keep).await;
    browser.open(&format!("http://{}/stock/", workshop.gallery)).await;
    browser.until(IN_USE[0].1).await;
    // What the server sends when the changes after the cursor are gone.
    let gap = "window.before = window.source;
        source.dispatchEvent(new MessageEvent('gap', { data: '{\"missed\":9}' }))";
    browser.run(gap).await;
    let anew = "before.readyState === EventSource.CLOSED && source !== before
        && source.url.endsWith('/stock/events')
        && document.querySelector('.state').textContent === 'Connected'";
    browser.until(anew).await;
    browser.quit().await;
}

#[tokio::test]
async fn no_label_of_a_stock_covers_another() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-labels").await;
    browser.open(&format!("http://{}/stock/", workshop.gallery)).await;
    browser.until(IN_USE[0].1).await;
    let drawn = "const { draw } = await import('/stock/chart.js');
        const places = [];
        const { fillText } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
          places.push(y);
          fillText.call(this, text, x, y);
        };
        const stock = (symbol, ...prices) => [symbol, { symbol, prices }];
        draw(new Map([stock('ADA', 1, 9), stock('BABBAGE', 1, 1), stock('CURIE', 9, 1.1), stock('DARWIN', 9, 1.2)]));
        const canvas = document.querySelector('canvas');
        const lineHeight = parseFloat(getComputedStyle(canvas).fontSize);
        places.sort((a, b) => a - b);
        return [places.length, places[3] <= canvas.clientHeight, places[0] >= lineHeight / 2,
          places.slice(1).every((place, at) => place - places[at] >= lineHeight)]";
    assert_eq!(browser.run(drawn).await, json!([4, true, true, true]));
    browser.quit().await;
}

#[tokio::test]
async fn each_application_is_usable_on_a_phone_and_on_a_projector() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-pages").await;
    for (name, in_use) in IN_USE {
        for (width, height, colors) in [(360, 740, "dark"), (1280, 720, "light")] {
            browser.open(&format!("http://{}/{name}/", workshop.gallery)).await;
            browser.look(width, height, colors).await;
            browser.until(in_use).await;
            let wide = "return document.documentElement.scrollWidth";
            let wide = browser.run(wide).await.as_u64().unwrap();
            assert!(wide <= width.into(), "{name} is {wide} wide on {width}");
            browser.screenshot(&format!("gallery-{name}-{width}")).await;
        }
    }
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:?}");
    browser.quit().await;
}

#[tokio::test]
async fn the_two_files_of_an_application_fit_beside_each_other() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-pairs").await;
    browser.look(1280, 720, "light").await;
    for application in APPLICATIONS {
        let name = application.name;
        let hub = workshop.process.address;
        browser.open(&format!("http://{hub}/source/{name}")).await;
        let sides = "return [...document.querySelectorAll('pre')].map((pre) =>
            [pre.scrollWidth > pre.clientWidth,
             parseFloat(getComputedStyle(pre).fontSize) > 11])";
        let expected = json!([[false, true], [false, true]]);
        assert_eq!(browser.run(sides).await, expected, "{name}: wide, legible");
        browser.screenshot(&format!("gallery-pair-{name}")).await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_monitor_that_hears_nothing_says_so_by_itself() {
    let port = free_ports(1, 0).to_string();
    let run = || {
        let mut command = Command::new(program("gallery"));
        Process::start(command.args(["--port", &port])).0
    };
    let mut server = run();
    let browser = Browser::start("gallery-monitor").await;
    browser.open(&format!("http://{}/monitor/", server.address)).await;
    let says = |state: &str, words: &str| {
        format!(
            "document.body.dataset.state === '{state}' &&
             document.querySelector('.state').textContent.match('{words}')"
        )
    };
    browser.until(&says("open", "^Alive$")).await;
    // Its connection is open, and nothing comes.
    server.pause();
    browser.until(&says("stale", r"^Stale since \\d+:\\d+:\\d+$")).await;
    drop(server);
    browser.until(&says("lost", "^Stale since .*: the browser reconnects$")).await;
    let _server = run();
    browser.until(&says("open", "^Alive$")).await;
    browser.quit().await;
}

#[tokio::test]
async fn an_answer_goes_on_after_a_reload_and_ends_when_it_is_cancelled() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-answer").await;
    browser.open(&format!("http://{}/answer/", workshop.gallery)).await;
    browser.click("button.main").await;
    let words = |more: u32| {
        format!(
            "document.querySelector('#answer').textContent.split(' ').length > {more}"
        )
    };
    browser.until(&words(5)).await;
    browser.reload().await;
    browser.until(&words(8)).await;
    let begins =
        "return document.querySelector('#answer').textContent.split(' ')[0]";
    assert_eq!(browser.run(begins).await, json!("I"), "from its first word");
    browser.click("#cancel").await;
    browser.until_shows(".state", "Cancelled: the server has stopped working").await;
    // The presenter's buttons need the key, and say so.
    let wrong = format!("http://{}/log/#key=wrong", workshop.gallery);
    browser.open(&wrong).await;
    browser.click(".presenter summary").await;
    browser.click(".presenter button").await;
    browser
        .until("document.querySelector('.presenter output').value.includes('the key that')")
        .await;
    browser.open(&format!("http://{}/presenter/gallery", workshop.presenter)).await;
    browser.type_into("input", &format!("{}\u{e007}", workshop.key)).await;
    browser
        .until("document.querySelector('#log-title a')?.href.includes('#key=')")
        .await;
    let log =
        browser.run("return document.querySelector('#log-title a').href").await;
    browser.open(log.as_str().unwrap()).await;
    browser.click(".presenter button").await;
    browser
        .until("/, [1-9]\\d* missed/.test(document.querySelector('#counts').value)")
        .await;
    // A wrong key does not take the place of the right one.
    browser.open("about:blank").await;
    browser.open(&wrong).await;
    browser.click(".presenter button").await;
    browser
        .until("document.querySelector('.presenter output').value === 'Done.'")
        .await;
    browser.quit().await;
}
