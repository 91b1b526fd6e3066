//! Takes the pictures of the README: each demo for 20 s, and the pages of the workshop,
//! in a projector's size. Run it by `scripts/screenshots`, which says where to put them.

#![allow(clippy::expect_used, reason = "whoever runs it reads it")]

use std::{net::SocketAddr, process::Command};

use browser_tests::{Browser, TECHNIQUES, program, workshop};
use serde_json::json;
use testkit::Process;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for technique in TECHNIQUES {
        let program = program(technique.name);
        let demo = Process::run(&program.to_string_lossy(), &["--seed", "4"]);
        let browser = Browser::start("screenshots").await;
        browser.look(1280, 720, "light").await;
        browser.open(&format!("http://{}/", demo.address)).await;
        watch(&browser, 20).await;
        browser.screenshot(technique.name).await;
        browser.quit().await;
    }
    let workshop = workshop(&["--seed", "4", "--every", "1s"]);
    let browser = Browser::start("screenshots").await;
    browser.look(1280, 720, "light").await;
    for (name, path) in [
        ("agenda", "/"),
        ("chapter", "/chapter/sse"),
        ("compare", "/compare"),
        ("wire", "/wire/sse"),
        ("source", "/source"),
        ("slides", "/slides#sse/3"),
    ] {
        browser.open(&format!("http://{}{path}", workshop.process.address)).await;
        watch(&browser, if name == "compare" { 30 } else { 12 }).await;
        browser.screenshot(name).await;
    }
    webrtc(&browser, workshop.process.address).await;
    let room = Browser::start("room").await;
    room.open(&format!("http://{}/compare", workshop.process.address)).await;
    let mut presenter = workshop.presenter();
    let stall = json!({"technique": "sse", "effect": "stall", "on": true});
    presenter.command(&json!({ "set": stall }));
    browser.open(&format!("http://{}/presenter", workshop.presenter)).await;
    browser.type_into("input", &format!("{}\u{e007}", workshop.key)).await;
    browser.until("document.querySelector('#effects [aria-label$=\"● on\"]')").await;
    watch(&browser, 5).await;
    browser.screenshot("presenter").await;
    room.quit().await;
    browser.quit().await;
}

/// Two pages of WebRTC and a relay between them that loses some: alone, and in the chapter.
async fn webrtc(browser: &Browser, hub: SocketAddr) {
    let port = hub.port() + 7; // where the chapter looks for it
    let mut command = Command::new(program("webrtc"));
    let _demo = Process::start(command.args(["--port", &port.to_string()])).0;
    let other = Browser::start("other").await;
    for (name, page) in [
        ("webrtc", format!("http://localhost:{port}/")),
        (
            "chapter-webrtc",
            format!("http://localhost:{}/chapter/webrtc", hub.port()),
        ),
    ] {
        browser.open(&page).await;
        let in_frame = name != "webrtc";
        if in_frame {
            browser.until("document.querySelector('.live iframe')").await;
            browser.enter_frame().await;
        }
        browser.until("location.search.length === 10").await;
        let room = browser.run("return location.href").await;
        other.open(room.as_str().expect("it is a URL")).await;
        for (id, value) in [("way", "relay"), ("loss", "10")] {
            watch(browser, 2).await;
            let script = format!(
                "const control = document.getElementById('{id}');
                 control.value = '{value}';
                 control.dispatchEvent(new Event('change'));"
            );
            browser.run(&script).await;
        }
        watch(browser, 20).await;
        if in_frame {
            browser.leave_frames().await;
        }
        browser.screenshot(name).await;
    }
    other.quit().await;
}

/// Lets a page run for some seconds, as a person would.
async fn watch(browser: &Browser, seconds: u32) {
    browser.run("window.opened = performance.now()").await;
    // A script may take less time than that.
    for second in 1..=seconds {
        browser
            .until(&format!("performance.now() - opened > {second} * 1000"))
            .await;
    }
}
