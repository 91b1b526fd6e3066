//! The blog's page in a real Chromium: what a reader sees of a restart of *likes*, in both
//! shapes.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use browser_tests::{Browser, FAINT, program};
use serde_json::json;
use testkit::{Process, free_ports};

/// The blog on free ports, whose crowd writes often.
fn run(shape: &str, restart_delay: &str) -> Process {
    let port = free_ports(4, 0).to_string();
    let mut command = Command::new(program("blog"));
    command.args([shape, "--port", &port, "--restart-delay", restart_delay]);
    Process::start(command.args(["--every", "200ms", "--seed", "4"])).0
}

/// Opens the page, and waits until all is there.
async fn open(browser: &Browser, blog: &Process) {
    browser.open(&format!("http://{}/", blog.address)).await;
    browser.until_shows("#summary", "Live: every part answers.").await;
    browser.until("document.querySelectorAll('#posts li').length >= 3").await;
}

/// Kills the program that *likes* is in: it is started again.
async fn kill_likes(browser: &Browser) {
    let process = "fetch('/likes/process').then((answer) => answer.json())
        .then(({ process }) => arguments[0](process))";
    let process = browser.answer(process).await.to_string();
    let kill = Command::new("kill").args(["-KILL", &process]).status();
    assert!(kill.unwrap().success());
}

#[tokio::test]
async fn a_reader_of_the_monolith_is_cut_off_and_back() {
    let blog = run("monolith", "2s");
    let browser = Browser::start("blog-monolith").await;
    browser.look(1280, 720, "light").await;
    open(&browser, &blog).await;
    browser.until_shows("#shape", "as one program").await;
    let before = browser.run("return document.querySelectorAll('#posts li').length");
    let before = before.await;
    kill_likes(&browser).await;
    browser.until_shows("#summary", "Cut off: no part answers.").await;
    browser.screenshot("blog-monolith-cut").await;
    browser.until_shows("#summary", "Live: every part answers.").await;
    browser.until_shows("#cuts", "Cut once.").await;
    browser
        .until("document.querySelector('#log').textContent.includes('back after')")
        .await;
    // What was written before is still there, and what is written now comes.
    let more = format!("document.querySelectorAll('#posts li').length > {before}");
    browser.until(&more).await;
    browser.quit().await;
}

#[tokio::test]
async fn a_reader_of_the_services_sees_likes_go_and_come_back_on_one_stream() {
    let blog = run("services", "2s");
    let browser = Browser::start("blog-services").await;
    browser.look(1280, 720, "dark").await;
    open(&browser, &blog).await;
    browser.until_shows("#shape", "as services").await;
    kill_likes(&browser).await;
    browser.until_shows("#summary", "Live: likes does not answer.").await;
    browser.click("#posts button").await;
    let said =
        "document.querySelector('#form output').textContent.startsWith('503: ')";
    browser.until(said).await;
    browser.screenshot("blog-services-away").await;
    browser.until_shows("#summary", "Live: every part answers.").await;
    browser.until_shows("#cuts", "Never cut.").await;
    browser.click("#posts button").await;
    browser.until_shows("#form output", "").await;
    browser.quit().await;
}

#[tokio::test]
async fn what_a_reader_writes_is_seen_by_all_and_is_text() {
    let blog = run("services", "1h");
    let [writer, reader] =
        [Browser::start("blog-writer"), Browser::start("blog-reader")];
    let (writer, reader) = (writer.await, reader.await);
    open(&writer, &blog).await;
    open(&reader, &blog).await;
    writer.type_into("[name=text]", "<b>bold</b>\u{e007}").await;
    let text = "[...document.querySelectorAll('#posts bdi')]
        .some((text) => text.textContent === '<b>bold</b>')";
    writer.until(text).await;
    reader.until(text).await;
    assert_eq!(
        reader.run("return document.querySelectorAll('#posts b').length").await,
        0
    );
    // A page that is loaded later has it, too.
    reader.reload().await;
    reader.until(text).await;
    writer.quit().await;
    reader.quit().await;
}

#[tokio::test]
async fn the_page_fits_a_projector_and_a_phone_and_can_be_read() {
    let blog = run("services", "1h");
    let browser = Browser::start("blog-look").await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            open(&browser, &blog).await;
            let wide = "return document.documentElement.scrollWidth - innerWidth";
            assert_eq!(browser.run(wide).await, 0, "{width}, {colors}");
            assert_eq!(browser.run(FAINT).await, json!([]), "{width}, {colors}");
            if width > height {
                let high =
                    "return document.documentElement.scrollHeight - innerHeight";
                assert_eq!(browser.run(high).await, 0, "{colors}");
            }
            browser.screenshot(&format!("blog-{width}-{colors}")).await;
        }
    }
    assert_eq!(browser.violations().await, [""; 0]);
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}
