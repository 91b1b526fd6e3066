//! Each card of the gallery ticks itself when its application has shown what it says.

use browser_tests::{Browser, workshop};

/// For an application: what to do in it before, as a script, and what holds then. The
/// stock prices' card is in `gallery.rs`.
const CARDS: [(&str, &str, &str); 6] = [
    (
        "news",
        "document.querySelector('#post [name=text]').value = 'Hello';
         document.querySelector('#post').requestSubmit()",
        "document.querySelectorAll('#wall li').length === 1",
    ),
    ("monitor", "", OPEN),
    (
        "answer",
        "document.querySelector('button.main').click()",
        "document.querySelector('#answer').textContent.split(' ').length > 3",
    ),
    (
        "mail",
        "document.querySelector('#owner [name=name]').value = 'ada';
         document.querySelector('#owner').requestSubmit()",
        "document.querySelectorAll('#inbox li').length === 1",
    ),
    ("whiteboard", "", OPEN),
    // What costs nothing comes by itself: there is nothing to press.
    ("weather", "", "document.querySelector('#cities tr')"),
];
const OPEN: &str = "document.body.dataset.state === 'open'";

/// The part of the page about an application.
fn of(name: &str) -> String {
    format!("[aria-labelledby={name}-title]")
}

/// An application is in view, and its page is loaded.
async fn show(browser: &Browser, name: &str) {
    let own = format!("document.querySelector('{}')", of(name));
    browser.until(&own).await;
    browser.run(&format!("{own}.scrollIntoView({{ behavior: 'instant' }})")).await;
    browser.until(&format!("{own}.querySelector('iframe')")).await;
}

async fn ticks(browser: &Browser, name: &str) {
    browser
        .until(&format!("document.querySelector('{} .card.seen')", of(name)))
        .await;
}

#[tokio::test]
async fn each_card_of_the_gallery_ticks() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-cards").await;
    browser.look(1280, 720, "light").await;
    let page = format!("http://{}/presenter/gallery", workshop.presenter);
    browser.open(&page).await;
    browser.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
    browser.until("document.documentElement.dataset.key").await;
    let key = browser.run("return document.documentElement.dataset.key").await;
    browser.open(&format!("http://{}/gallery", workshop.process.address)).await;
    // An empty wall is not whole again, when another card's button cuts it.
    show(&browser, "news").await;
    browser.enter_frame_of(&format!("{} iframe", of("news"))).await;
    browser.until(OPEN).await;
    browser.leave_frames().await;
    browser
        .run(&format!(
            "document.querySelector('{} .card button').click()",
            of("news")
        ))
        .await;
    let told = format!(
        "document.querySelector('{} .result').textContent.includes('The wall was empty')",
        of("news")
    );
    browser.until(&told).await;
    for (name, act, ready) in CARDS {
        show(&browser, name).await;
        browser.enter_frame_of(&format!("{} iframe", of(name))).await;
        browser.until("document.readyState === 'complete'").await;
        browser.run(act).await;
        browser.until(ready).await;
        browser.leave_frames().await;
        let button = format!("document.querySelector('{} .card button')", of(name));
        browser
            .run(&format!("if ({button} && !{button}.disabled) {button}.click()"))
            .await;
        ticks(&browser, name).await;
    }
    // The gallery's key stands for the button, which is on the application's own page.
    show(&browser, "log").await;
    browser.enter_frame_of(&format!("{} iframe", of("log"))).await;
    browser.until(OPEN).await;
    let write = format!(
        "return import('/presenter.js').then(({{ act }}) =>
           act('POST', '/log/lines', {{ count: 2000 }}, {key}))"
    );
    assert_eq!(browser.run(&write).await, "");
    browser.leave_frames().await;
    ticks(&browser, "log").await;
    browser.quit().await;
}
