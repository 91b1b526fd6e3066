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
    format!("/^[\\d.]+\\/s delivered/.test({})", delivery(technique))
}

#[tokio::test]
async fn the_desk_says_what_each_technique_delivers_and_which_one_waits() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-delivery", &workshop).await;
    for technique in TECHNIQUES {
        let nobody = format!("{} === 'nobody connected'", delivery(technique.name));
        desk.until(&nobody).await;
    }
    let room = Browser::start("desk-room").await;
    room.open(&format!("http://{}/compare", workshop.demo.address)).await;
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
