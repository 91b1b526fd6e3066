//! The presenter's desk in a real Chromium: what it says of each technique, and how its
//! buttons are read.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use browser_tests::{Browser, TECHNIQUES, workshop};
use serde_json::json;
use testkit::Workshop;

/// Opens the desk with the key behind `#`, and waits until it takes commands.
async fn open_desk(name: &str, workshop: &Workshop) -> Browser {
    let desk = Browser::start(name).await;
    desk.look(1280, 720, "light").await;
    desk.open(&format!("http://{}/presenter#{}", workshop.presenter, workshop.key))
        .await;
    desk.until("document.querySelector('#desk:enabled')").await;
    desk
}

/// What the desk says of a technique's delivery, as an expression.
fn delivery(technique: &str) -> String {
    format!(
        "document.querySelector('th:has(a[href$=\"/{technique}\"]) .delivery').textContent"
    )
}

fn is_delivered(technique: &str) -> String {
    format!("/^[\\d.]+\\/s delivered, \\d+ missed$/.test({})", delivery(technique))
}

#[tokio::test]
async fn the_desk_says_what_each_technique_delivers_and_which_one_waits() {
    let workshop = workshop(&["--every", "300ms", "--keep", "50"]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-delivery", &workshop).await;
    for technique in TECHNIQUES {
        let nobody =
            format!("{} === 'no client connected'", delivery(technique.name));
        desk.until(&nobody).await;
    }
    let room = Browser::start("desk-room").await;
    room.open(&format!("http://{}/compare", workshop.process.address)).await;
    for technique in TECHNIQUES {
        desk.until(&is_delivered(technique.name)).await;
    }
    let stall = json!({"technique": "sse", "effect": "stall", "on": true});
    presenter.command(&json!({ "set": stall }));
    // It waits, for longer and longer.
    let sse = delivery("sse");
    let seconds = format!("Number({sse}.match(/^waiting (\\d+) s/)?.[1])");
    desk.until(&format!("{seconds} >= 2")).await;
    let waited = desk.run(&format!("return {seconds}")).await;
    desk.until(&format!("{seconds} > {waited}")).await;
    for technique in TECHNIQUES.iter().filter(|technique| technique.name != "sse") {
        desk.until(&is_delivered(technique.name)).await;
    }
    // A screen reader is told of it once.
    let told = "document.querySelector('#waiting').textContent";
    desk.until(&format!("{told} === 'Waiting for samples: Server-sent events.'"))
        .await;
    presenter.command(&json!({"off": true}));
    desk.until(&is_delivered("sse")).await;
    desk.until(&format!("{told} === 'No technique waits for samples now.'")).await;
    // What the log has no longer when they are back is missed; until then nothing is.
    assert_eq!(
        desk.run(&format!("return {sse}.endsWith(', 0 missed')")).await,
        true
    );
    let refuse = json!({"technique": "sse", "effect": "refuse", "on": true});
    presenter.command(&json!({ "set": refuse }));
    desk.until(&format!("{sse} === 'no client connected'")).await;
    presenter.command(&json!({"feed": {"publish": 200}}));
    presenter.command(&json!({"off": true}));
    let missed = format!("{sse}.match(/s delivered, (\\d+) missed$/)?.[1]");
    desk.until(&format!("Number({missed}) >= 150")).await;
    // Counting anew is no delivery, and a feed that is paused is not waited for.
    presenter.command(&json!({"feed": {"paused": true}}));
    presenter.command(&json!({"reset": true}));
    for technique in TECHNIQUES {
        let paused =
            format!("{}.startsWith('feed paused')", delivery(technique.name));
        desk.until(&paused).await;
    }
    desk.quit().await;
    room.quit().await;
}

/// What everyone sees opens beside the presenter's pages, and what a button is read as
/// says its state once.
#[tokio::test]
async fn the_desk_stays_where_it_is_and_says_each_state_once() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-stays", &workshop).await;
    for link in ["/", "/slides", "/chapter/sse", "/compare"] {
        desk.click(&format!("header a[href='{link}']")).await;
        desk.run("return document.title").await; // the desk is not on its way elsewhere
        desk.until("location.pathname === '/presenter'").await;
    }
    assert_eq!(
        desk.windows().await.len(),
        3,
        "the slides have a window of their own"
    );
    presenter.command(&json!({"set": {"effect": "stall", "on": true}}));
    let named = |state: &str| {
        format!(
            "document.querySelector('#effects [aria-label=\"stall: all five, {state}\"]')"
        )
    };
    desk.until(&named("● on")).await;
    let doubled =
        "return document.querySelectorAll('#effects [aria-pressed]').length";
    assert_eq!(desk.run(doubled).await, 0);
    presenter.command(&json!({"off": true}));
    desk.until(&named("○ off")).await;
    // This one has the same words in both states.
    let allowed = |pressed: bool| {
        format!(
            "document.querySelector('#allow[aria-pressed={pressed}]')?.textContent
               === 'Attendees may break their own connections'"
        )
    };
    desk.until(&allowed(true)).await;
    desk.click("#allow").await;
    desk.until(&allowed(false)).await;
    // Between a name and its words there is room.
    desk.run("document.querySelector('#effects tbody button').focus()").await;
    let gaps = "return [...document.querySelectorAll('#expect li')].map((item) => {
        const words = document.createRange();
        words.selectNode(item.lastChild);
        return words.getBoundingClientRect().left
          - item.firstChild.getBoundingClientRect().right;
      })";
    let gaps = desk.run(gaps).await;
    let gaps = gaps.as_array().unwrap();
    assert_eq!(gaps.len(), 5);
    assert!(gaps.iter().all(|gap| gap.as_f64().unwrap() >= 8.0), "{gaps:?}");
    desk.quit().await;
}

/// On a phone the way to join stands in the line of the navigation.
#[tokio::test]
async fn on_a_phone_the_header_is_one_line() {
    let workshop = workshop(&[]);
    let phone = Browser::start("desk-phone").await;
    phone.open(&format!("http://{}/", workshop.process.address)).await;
    phone.look(360, 740, "light").await;
    let apart = "const [nav, join] = ['nav', '.actions'].map((part) =>
          document.querySelector(`header ${part}`).getBoundingClientRect());
        return [join.top < nav.bottom && nav.top < join.bottom, nav.right <= join.left,
          document.scrollingElement.scrollWidth]";
    phone.until("document.querySelector('header nav')").await;
    assert_eq!(phone.run(apart).await, json!([true, true, 360]));
    phone.quit().await;
}
