//! Takes the pictures of the README: each demo for 20 s, in a projector's size. Run it
//! by `scripts/screenshots`, which says where to put them.

#![allow(clippy::expect_used, reason = "whoever runs it reads it")]

use std::{env, path::PathBuf};

use browser_tests::{Browser, TECHNIQUES};
use wire::Demo;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // Where cargo puts the demos: two folders above its examples.
    let examples = env::current_exe().expect("this program is a file");
    let programs: PathBuf = examples.ancestors().skip(2).take(1).collect();
    for technique in TECHNIQUES {
        let program = programs.join(technique.name);
        let demo = Demo::run(&program.to_string_lossy(), &["--seed", "4"]);
        let browser = Browser::start("screenshots").await;
        browser.look(1280, 720, "light").await;
        browser.open(&format!("http://{}/", demo.address)).await;
        browser.run("window.opened = performance.now()").await;
        let shown =
            |seconds| format!("performance.now() - opened > {seconds} * 1000");
        browser.until(&shown(10)).await;
        browser.until(&shown(20)).await;
        browser.screenshot(technique.name).await;
        browser.quit().await;
    }
}
