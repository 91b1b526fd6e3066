//! For tests of the pages: a real Chromium or Firefox, and the five demos to look at with it.
//!
//! Needs the programs `chromium` and `chromedriver`, for Firefox `firefox` and
//! `geckodriver`; `scripts/test` installs them.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod axe;
mod cluster;
mod driver;
mod firefox;
mod outside;
mod push;
pub mod talk;
mod wait;

use std::{
    env, fs,
    net::Ipv4Addr,
    path::PathBuf,
    process::{Child, Command},
    time::Duration,
};

pub use cluster::Cluster;
pub use driver::Engine;
use serde_json::{Value, json};
use stage::{Hosts, Technique, UdpPlace};
use testkit::{Server, WAIT_TIMEOUT, Workshop};
use thirtyfour::WebDriver;
pub use thirtyfour::WindowHandle;
pub use wait::wait_for;

/// The five, in the order of the workshop.
pub const TECHNIQUES: [Technique; 5] = [
    short_poll::TECHNIQUE,
    long_poll::TECHNIQUE,
    http_stream::TECHNIQUE,
    sse::TECHNIQUE,
    websocket::TECHNIQUE,
];

/// Starts a demo's server with a log of `keep` samples. Its timings are short, so
/// that a test sees empty responses, ends and heartbeats.
pub fn serve(technique: Technique, keep: usize) -> Server {
    let second = Duration::from_secs(1);
    match technique.name {
        "short-poll" => Server::start(technique, keep, |feed| {
            short_poll::routes(feed, short_poll::Timings {})
        }),
        "long-poll" => Server::start(technique, keep, move |feed| {
            long_poll::routes(feed, long_poll::Timings { hold: 2 * second })
        }),
        "http-stream" => Server::start(technique, keep, move |feed| {
            let timings =
                http_stream::Timings { lifetime: 4 * second, heartbeat: second };
            http_stream::routes(feed, timings)
        }),
        "sse" => Server::start(technique, keep, move |feed| {
            sse::routes(feed, sse::Timings { heartbeat: second, weather: second })
        }),
        "websocket" => Server::start(technique, keep, move |feed| {
            websocket::routes(feed, websocket::Timings { heartbeat: second })
        }),
        other => panic!("no technique is called {other}"),
    }
}

/// Starts the server of WebTransport with a log of `keep` samples, for pages of this machine.
pub fn serve_sessions(keep: usize) -> Server {
    Server::start(webtransport::TECHNIQUE, keep, |feed| {
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let place = UdpPlace { address, hosts: Hosts::default() };
        let timings = webtransport::Timings { renew: Duration::from_secs(60) };
        let (routes, sessions) = webtransport::listen(feed, timings, place).unwrap();
        actix_web::rt::spawn(sessions);
        routes
    })
}

/// Texts of too little contrast (WCAG 2.2 §1.4.3): what, and how much. A mark without a
/// letter or a digit is no text.
pub const FAINT: &str = r#"
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) => {
      const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (element) => {
      for (; element; element = element.parentElement) {
        const color = rgba(getComputedStyle(element).backgroundColor);
        if (color[3] === 255) return color;
      }
      return rgba(getComputedStyle(document.documentElement).getPropertyValue('--paper') || 'white');
    };
    return [...document.querySelectorAll('body *')].filter((element) =>
      element.checkVisibility() && !element.closest(':disabled')
      && [...element.childNodes].some((n) => n.nodeType === 3 && /[\p{L}\p{N}]/u.test(n.data)))
      .map((element) => {
        const [light, dark] = [rgba(getComputedStyle(element).color), behind(element)]
          .map(luminance).sort((a, b) => b - a);
        return [`${element.tagName}.${element.className} ${element.textContent.slice(0, 20)}`,
          (light + 0.05) / (dark + 0.05)];
      })
      .filter(([, contrast]) => contrast < 4.5)"#;

/// The same of all elements as they look when they are pointed at, pressed, and in focus: as
/// a function body. Meanwhile the style sheets' conditions for that are replaced by one of
/// the same weight that always holds.
#[must_use]
pub fn faint_in_use() -> String {
    format!(
        r#"
    const used = /:(hover|active|focus-visible|focus)(?![\w-])/g;
    const rules = (list) => [...list].flatMap((rule) =>
      rule.selectorText !== undefined ? [rule] : rule.cssRules ? rules(rule.cssRules) : []);
    const found = [...document.styleSheets].flatMap((sheet) => rules(sheet.cssRules))
      .filter((rule) => rule.selectorText.match(used))
      .map((rule) => [rule, rule.selectorText]);
    if (found.length === 0) throw new Error('nothing here looks otherwise in use');
    for (const [rule, text] of found) rule.selectorText = text.replace(used, ':not(.unused)');
    try {{
      return (() => {{ {FAINT} }})();
    }} finally {{
      for (const [rule, text] of found) rule.selectorText = text;
    }}"#
    )
}

/// Runs the workshop on free ports, from where cargo put it.
pub fn workshop(flags: &[&str]) -> Workshop {
    let mut command = Command::new(program("workshop"));
    Workshop::run(command.args(["--base-port", "0"]).args(flags))
}

/// A program of this workspace, built beside the one that runs: `cargo test --workspace`
/// and `cargo build` build it.
pub fn program(name: &str) -> PathBuf {
    let this = env::current_exe().expect("this program is a file");
    let program = this.ancestors().nth(2).expect("in target/debug/deps").join(name);
    assert!(program.exists(), "build it first: cargo build -p {name}");
    program
}

/// A browser with a fresh profile; it ends when this is dropped.
pub struct Browser {
    driver: WebDriver,
    program: Child,
    profile: PathBuf,
}

impl Browser {
    /// Starts a Chromium; `name` tells its profile from those of other tests.
    pub async fn start(name: &str) -> Self {
        Self::start_engine(Engine::Chromium, name).await
    }

    /// Starts a Chromium that takes a certificate which nobody signed, as a person does who
    /// clicks through the warning.
    pub async fn start_trusting(name: &str) -> Self {
        let trusting = ["--ignore-certificate-errors"];
        Self::start_with(Engine::Chromium, name, &trusting, &[]).await
    }

    /// Starts one of Chromium and Firefox.
    pub async fn start_engine(engine: Engine, name: &str) -> Self {
        Self::start_with(engine, name, &[], &[]).await
    }

    async fn start_with(
        engine: Engine,
        name: &str,
        more: &[&str],
        preferences: &[(&str, Value)],
    ) -> Self {
        let profile =
            env::temp_dir().join(format!("workshop-{}-{name}", std::process::id()));
        let (driver, program) = engine.start(&profile, more, preferences).await;
        driver.set_script_timeout(WAIT_TIMEOUT).await.unwrap();
        Self { driver, program, profile }
    }

    /// Opens a page.
    pub async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// Goes back to the page before.
    pub async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    /// Looks into the page's first frame; what is run and clicked is inside of it.
    pub async fn enter_frame(&self) {
        self.driver.enter_frame(0).await.unwrap();
    }

    /// Looks into the frame that a selector finds.
    pub async fn enter_frame_of(&self, selector: &str) {
        let frame = self.driver.find(thirtyfour::By::Css(selector)).await.unwrap();
        frame.enter_frame().await.unwrap();
    }

    /// Looks at the whole page again.
    pub async fn leave_frames(&self) {
        self.driver.enter_default_frame().await.unwrap();
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// Opens a page in a window of its own, which is the one that is used from now on.
    pub async fn open_window(&self, url: &str) -> WindowHandle {
        let window = self.driver.new_window().await.unwrap();
        self.switch_to(&window).await;
        self.open(url).await;
        window
    }

    /// All windows.
    pub async fn windows(&self) -> Vec<WindowHandle> {
        self.driver.windows().await.unwrap()
    }

    /// Uses another window from now on.
    pub async fn switch_to(&self, window: &WindowHandle) {
        self.driver.switch_to_window(window.clone()).await.unwrap();
    }

    /// Closes the window. Another one must be chosen then.
    pub async fn close_window(&self) {
        self.driver.close_window().await.unwrap();
    }

    /// Ends the page's process, so that the page has no time to say anything, and closes
    /// its window.
    pub async fn crash(&self) {
        let crashed = self.driver.goto("chrome://crash").await;
        assert!(crashed.is_err(), "a page that crashed answers nothing");
        self.close_window().await;
    }

    /// What a function body returns, run in the page.
    pub async fn run(&self, script: &str) -> Value {
        let result = self.driver.execute(script, vec![]).await;
        result.unwrap_or_else(|error| panic!("{error}: {script}")).json().clone()
    }

    /// What a function body calls its only argument with, run in the page.
    pub async fn answer(&self, script: &str) -> Value {
        let result = self.driver.execute_async(script, vec![]).await;
        result.unwrap_or_else(|error| panic!("{error}: {script}")).json().clone()
    }

    /// Waits until an expression holds in the page.
    pub async fn until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const look = () => ({expression}) ? done() : setTimeout(look, 20);
             look();"
        );
        if let Err(error) = self.driver.execute_async(script, vec![]).await {
            let page = self.run("return document.body.innerText").await;
            panic!("{expression}: {error}\n{}", page.as_str().unwrap_or_default());
        }
    }

    /// Waits until an element shows a text.
    pub async fn until_shows(&self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        let found = format!("document.querySelector({selector})?.textContent");
        self.until(&format!("{found} === {text}")).await;
    }

    /// Waits for an element and clicks, as a person does: it must be in view and not covered.
    pub async fn click(&self, selector: &str) {
        self.until(&format!("document.querySelector({})", json!(selector))).await;
        let element = self.driver.find(thirtyfour::By::Css(selector)).await.unwrap();
        element.click().await.unwrap();
    }

    /// Waits for an element and types into it.
    pub async fn type_into(&self, selector: &str, text: &str) {
        self.until(&format!("document.querySelector({})", json!(selector))).await;
        let element = self.driver.find(thirtyfour::By::Css(selector)).await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// Makes the window so large, in CSS pixels, with `light` or `dark` colours.
    pub async fn look(&self, width: u32, height: u32, colors: &str) {
        let tools = self.driver.cdp();
        let metrics = json!({
            "width": width, "height": height,
            "deviceScaleFactor": if width < 600 { 2 } else { 1 },
            "mobile": width < 600,
        });
        let media = json!({
            "features": [{ "name": "prefers-color-scheme", "value": colors }]
        });
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setEmulatedMedia", media),
        ] {
            tools.send_raw(command, parameters).await.unwrap();
        }
        self.until(&format!("innerWidth === {width} && innerHeight === {height}"))
            .await;
    }

    /// From the next page on, storage is refused, as some browsers are told to do.
    pub async fn refuse_storage(&self) {
        let source = "for (const area of ['localStorage', 'sessionStorage'])
            Object.defineProperty(window, area, {
              get() { throw new DOMException('refused', 'SecurityError'); } });";
        self.run_before_pages(source).await;
    }

    /// From the next page on, runs this before the page's own scripts.
    pub async fn run_before_pages(&self, source: &str) {
        let parameters = json!({ "source": source });
        let command = "Page.addScriptToEvaluateOnNewDocument";
        self.driver.cdp().send_raw(command, parameters).await.unwrap();
    }

    /// Saves what is in view as `NAME.png` in the folder that `SCREENSHOTS` names.
    pub async fn screenshot(&self, name: &str) {
        if let Some(folder) = env::var_os("SCREENSHOTS") {
            let folder = PathBuf::from(folder);
            fs::create_dir_all(&folder).unwrap();
            self.driver
                .screenshot(&folder.join(format!("{name}.png")))
                .await
                .unwrap();
        }
    }

    /// What the page and the browser have complained of since the last call.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver.get_log("browser").await.unwrap();
        log.into_iter()
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect()
    }

    /// The URLs of all requests since the last call.
    pub async fn requests(&self) -> Vec<String> {
        let log = self.driver.get_log("performance").await.unwrap();
        let messages = log.iter().map(|entry| {
            let event: Value = serde_json::from_str(&entry.message).unwrap();
            let event = &event["message"];
            let url = match event["method"].as_str() {
                Some("Network.requestWillBeSent") => {
                    &event["params"]["request"]["url"]
                }
                Some("Network.webSocketCreated") => &event["params"]["url"],
                _ => &Value::Null,
            };
            url.as_str().map(str::to_owned)
        });
        messages.flatten().collect()
    }

    /// Ends it properly.
    pub async fn quit(self) {
        self.driver.clone().quit().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After a test that failed, the browser outlives its driver: it is known by its
        // profile. What is gone already can't be ended, nor quit politely.
        let _ = self.driver.clone().leak();
        let _ = self.program.kill();
        let _ = self.program.wait();
        let profile = format!("{}(/| |$)", self.profile.display());
        let _ = Command::new("pkill").args(["-f", &profile]).status();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
