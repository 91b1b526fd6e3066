//! The applications in which people write: what one page sends, another one shows, also
//! through a cut.

use browser_tests::{Browser, WindowHandle, faint_in_use, workshop};
use serde_json::json;
use testkit::{Live, Workshop};

const OPEN: &str = "document.body.dataset.state === 'open'";

/// Two windows on one application, as two people have them.
async fn two(
    browser: &Browser,
    workshop: &Workshop,
    name: &str,
) -> (WindowHandle, WindowHandle) {
    let url = format!("http://{}/{name}/", workshop.gallery);
    let first = browser.open_window(&url).await;
    let second = browser.open_window(&url).await;
    (first, second)
}

/// Nothing for axe to complain of, legible, and no wider than the screen.
async fn is_accessible_and_fits(browser: &Browser, name: &str) {
    assert_eq!(browser.violations().await, [""; 0], "{name}");
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let at = format!("{name}-{width}-{colors}");
            assert_eq!(browser.run(&faint_in_use()).await, json!([]), "{at}");
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(browser.run(&format!("return {fits}")).await, true, "{at}");
            browser.screenshot(&format!("gallery-{at}")).await;
        }
    }
    browser.look(1280, 720, "light").await;
}

#[tokio::test]
async fn what_one_page_sends_the_other_shows_as_text() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-people").await;
    let (reader, writer) = two(&browser, &workshop, "news").await;
    browser.until(OPEN).await;
    browser.type_into("#post [name=text]", "<b>Hello</b>\u{e007}").await;
    browser.until_shows("#post output", "Sent.").await;
    browser.switch_to(&reader).await;
    browser.until_shows("#wall bdi", "<b>Hello</b>").await;
    is_accessible_and_fits(&browser, "news").await;
    browser.switch_to(&writer).await;
    browser.close_window().await;
    browser.switch_to(&reader).await;
    browser.close_window().await;
    browser.switch_to(&browser.windows().await[0]).await;

    let (ada, bob) = two(&browser, &workshop, "mail").await;
    for (window, name) in [(&bob, "bob"), (&ada, "ada")] {
        browser.switch_to(window).await;
        browser.type_into("#owner [name=name]", &format!("{name}\u{e007}")).await;
        browser.until("document.querySelectorAll('#inbox li').length === 1").await;
    }
    browser.type_into("[name=to]", "bob").await;
    browser.type_into("#letter [name=text]", "<i>Hi</i> Bob\u{e007}").await;
    browser.until_shows("#letter output", "Sent.").await;
    browser.switch_to(&bob).await;
    browser
        .until(
            "document.querySelectorAll('#inbox li').length === 2
             && document.querySelector('#inbox').textContent.includes('<i>Hi</i> Bob')
             && document.querySelector('.ringing')",
        )
        .await;
    is_accessible_and_fits(&browser, "mail").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_weather_is_mostly_answered_without_content_and_shown_when_offline() {
    let workshop = workshop(&[]);
    let browser = Browser::start("gallery-weather").await;
    browser.open(&format!("http://{}/weather/", workshop.gallery)).await;
    let count = |name: &str| {
        format!(
            "parseInt(document.querySelector('[data-count={name}]').textContent)"
        )
    };
    for how in ["whole", "cached", "validated", "saved"] {
        browser.until(&format!("{} > 0", count(how))).await;
    }
    is_accessible_and_fits(&browser, "weather").await;
    let mut presenter = workshop.presenter();
    effect(&mut presenter, "refuse", true);
    effect(&mut presenter, "cut", true);
    browser
        .until("document.querySelector('.state').textContent.startsWith('Offline')")
        .await;
    let cities = "document.querySelectorAll('#cities tr').length === 8";
    browser.until(cities).await;
    browser
        .until("document.querySelector('#age').textContent.includes('old')")
        .await;
    browser.quit().await;
}

#[tokio::test]
async fn what_is_drawn_while_cut_off_is_on_all_boards_afterwards() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("gallery-whiteboard").await;
    let (watching, drawing) = two(&browser, &workshop, "whiteboard").await;
    browser.until(OPEN).await;
    // With the keyboard: down, and three steps to the right.
    let stroke = " \u{e014}\u{e014}\u{e014} ";
    let waiting = "Number(document.querySelector('#board').dataset.waiting)";
    browser.type_into("#board", stroke).await;
    browser.until(&format!("{waiting} === 0")).await;
    let told = "Somebody drew 1 stroke, the newest at the middle centre.";
    browser.switch_to(&watching).await;
    let spoken = "document.querySelector('#spoken').textContent";
    browser.until(&format!("{spoken}.includes({:?})", told)).await;
    browser.switch_to(&drawing).await;
    effect(&mut presenter, "refuse", true);
    effect(&mut presenter, "cut", true);
    browser.until("document.body.dataset.state === 'lost'").await;
    browser.type_into("#board", stroke).await;
    browser.until(&format!("{waiting} > 0")).await;
    effect(&mut presenter, "cut", false);
    effect(&mut presenter, "refuse", false);
    browser.until(&format!("{OPEN} && {waiting} === 0")).await;
    let pixels = "return (() => {
        const { width, height } = document.querySelector('#board');
        const { data } = document.querySelector('#board').getContext('2d')
          .getImageData(0, 0, width, height);
        return data.reduce((sum, value) => sum + value, 0);
      })()";
    let drawn = browser.run(pixels).await;
    is_accessible_and_fits(&browser, "whiteboard").await;
    browser.switch_to(&watching).await;
    browser.until(OPEN).await;
    browser.until(&format!("(() => {{ {pixels} }})() === {drawn}")).await;
    browser.quit().await;
}

/// Whoever breaks a technique is told that its applications are not meant, and they are not.
#[tokio::test]
async fn an_effect_on_one_of_the_five_does_not_reach_the_gallery_which_says_so() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("gallery-effects").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/gallery", workshop.process.address)).await;
    let text = "document.querySelector('.notice.effects .what')?.textContent";
    let here = "The applications here have another server, and go on.";
    let stall = |technique: Option<&str>, on: bool| {
        let set = json!({"effect": "stall", "technique": technique, "on": on});
        json!({ "set": set })
    };
    presenter.command(&stall(Some("sse"), true));
    let told =
        format!("The presenter stalls Server-sent events, without an error. {here}");
    browser.until(&format!("{text}?.trim() === {told:?}")).await;
    presenter.command(&stall(Some("websocket"), true));
    browser.until(&format!("{text}.includes('here, but for the chat, have')")).await;
    presenter.command(&stall(None, true));
    presenter.command(&stall(Some("sse"), false));
    presenter.command(&stall(Some("websocket"), false));
    browser
        .until(&format!("{text}.includes('all five') && !{text}.includes('here')"))
        .await;
    presenter.command(&stall(None, false));
    effect(&mut presenter, "stall", true);
    browser.until(&format!("{text}.includes('stalls the gallery, without')")).await;
    presenter.command(&stall(Some("sse"), true));
    let both = "stalls Server-sent events, the gallery, without";
    browser.until(&format!("{text}.includes({both:?})")).await;
    browser.quit().await;
}

/// Adds an effect on the gallery, or removes it.
fn effect(presenter: &mut Live, effect: &str, on: bool) {
    let set = json!({ "technique": "gallery", "effect": effect, "on": on });
    presenter.command(&json!({ "set": set }));
}
