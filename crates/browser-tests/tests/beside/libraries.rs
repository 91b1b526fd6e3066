//! Chapter 15: fallback and MQTT, each with its cards.

use browser_tests::Browser;

use super::{Lens, card, demo, is_accessible_and_fits, open, says, ticks, workshop};

/// Their live pages appear when they run, and the cards tick: also that of the pages beside
/// each other, of which one is behind a lens that refuses Upgrade.
#[tokio::test]
async fn the_demos_of_chapter_15_appear_and_their_cards_tick() {
    let (workshop, base) = workshop();
    let browser = Browser::start("beside-libraries").await;
    browser.look(1280, 720, "light").await;
    let demos = [demo("fallback", base + 10), demo("mqtt", base + 11)];
    browser.open(&format!("http://localhost:{base}/chapter/libraries")).await;
    ticks(&browser, "Climb", "all goes through a WebSocket").await;
    recover_and_leave(&browser, base).await;
    let desk = browser.windows().await.pop().unwrap();
    browser.open_window(&format!("http://localhost:{}/", base + 11)).await;
    browser.until("document.querySelector('#topics li')").await;
    browser.click("#abort").await;
    browser.switch_to(&desk).await;
    ticks(&browser, "Fall off", "its will came").await;
    is_accessible_and_fits(&browser).await;

    // Through a lens that changes nothing, it climbs, too.
    let lens = Lens::start(base + 1010, base + 10, &[]);
    open(&browser, "Refuse").await;
    says(&browser, "Refuse", "has a WebSocket").await;
    drop(lens);
    let _lens = Lens::start(base + 1010, base + 10, &["--refuse-upgrade"]);
    open(&browser, "Refuse").await;
    ticks(&browser, "Refuse", "it stays with them").await;
    browser.quit().await;
    drop((workshop, demos));
}

/// What is pressed in the live pages: a connection that was aborted with a cursor and then
/// without one, and a page that was stopped for a while.
async fn recover_and_leave(browser: &Browser, base: u16) {
    let (fallback, mqtt) = (base + 10, base + 11);
    let press = |id: &str| format!("document.querySelector('#{id}').click()");
    let enabled = "document.querySelector('#abort:enabled')";
    in_page(browser, fallback, enabled, &press("abort")).await;
    says(browser, "Recover", "Back once with nothing missed").await;
    in_page(browser, fallback, "true", &press("recover")).await;
    let recover = card("Recover");
    let result = format!("{recover}.querySelector('.result').textContent");
    // A page that is back before the next sample has missed none.
    while browser.run(&format!("return {recover}.matches('.seen')")).await == false {
        let before = browser.run(&format!("return {result}")).await;
        in_page(browser, fallback, "true", &press("abort")).await;
        browser.until(&format!("{result} !== {before}")).await;
    }
    ticks(browser, "Recover", "With the cursor, 0 missed; without, ").await;

    let delivered = "Number([...document.querySelectorAll('.score div')]
        .find((cell) => cell.textContent.startsWith('delivered'))
        .querySelector('dd').textContent)";
    let some = format!("{delivered} > 0");
    in_page(browser, mqtt, &some, &press("start")).await;
    says(browser, "Leave", "Stopped.").await;
    // Until some samples were published meanwhile: the other page has them.
    in_page(browser, fallback, "true", &format!("window.before = {delivered}"))
        .await;
    in_page(browser, fallback, &format!("{delivered} > before + 8"), "").await;
    in_page(browser, mqtt, "true", &press("start")).await;
    ticks(browser, "Leave", "before it are missed").await;
}

/// In the live page of this port: waits until an expression holds, and runs a script.
async fn in_page(browser: &Browser, port: u16, ready: &str, script: &str) {
    browser.enter_frame_of(&format!("iframe[src*=':{port}/']")).await;
    browser.until(ready).await;
    browser.run(script).await;
    browser.leave_frames().await;
}
