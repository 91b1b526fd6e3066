//! Web Push where it is at home: a real Firefox with its tab closed and our push service; a
//! real Chromium, whose developer tools push; and a message that npm's `http_ece` decrypts.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use browser_tests::{Browser, faint_in_use, program, wait_for};
use serde_json::{Value, json};
use testkit::{Client, Process, Signal, WAIT_TIMEOUT, Workshop, free_ports};

/// How often to look at a browser.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How often to push, until one has come.
const PUSH_INTERVAL: Duration = Duration::from_millis(200);

/// How often to push what shows nothing: Firefox counts what it had the time to handle.
const SILENT_PUSH_INTERVAL: Duration = Duration::from_millis(500);

/// How long Chromium may take to show a push, before another one is sent.
const SHOWN_TIMEOUT: Duration = Duration::from_secs(2);

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

/// The program, with a folder for its keys. It is removed with it.
struct Demo {
    process: Option<Process>,
    port: u16,
    folder: PathBuf,
    flags: Vec<String>,
}

impl Demo {
    /// On a port of its own. `service` is where its push service is reached.
    fn start(name: &str, flags: &[&str], service: Option<u16>) -> Self {
        Self::start_with(name, flags, free_ports(1, 20_000), service)
    }

    fn start_at(name: &str, port: u16) -> Self {
        Self::start_with(name, &[], port, None)
    }

    fn start_with(
        name: &str,
        flags: &[&str],
        port: u16,
        service: Option<u16>,
    ) -> Self {
        let name = format!("push-pages-{}-{name}", std::process::id());
        let folder = env::temp_dir().join(name);
        let mut flags: Vec<_> = flags.iter().map(|&flag| flag.to_owned()).collect();
        flags.extend(["--state-dir".into(), folder.to_str().unwrap().into()]);
        let service = format!("http://127.0.0.1:{}", service.unwrap_or(port));
        flags.extend(["--push-service".into(), service]);
        let mut demo = Self { process: None, port, folder, flags };
        demo.run();
        demo
    }

    fn run(&mut self) {
        let mut command = Command::new(program("push"));
        command.args(["--port", &self.port.to_string()]).args(&self.flags);
        self.process = Some(Process::start(&mut command).0);
    }

    fn kill(&mut self) {
        self.process = None;
    }

    fn url(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    fn ask(&self, method: &str, target: &str) -> String {
        let mut client = Client::connect(([127, 0, 0, 1], self.port).into());
        client.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        ));
        client.response().1
    }

    /// The newest sample.
    fn newest(&self) -> Value {
        let samples: Value =
            serde_json::from_str(&self.ask("GET", "/missed")).unwrap();
        samples.as_array().unwrap().last().unwrap().clone()
    }

    /// Pushes the newest sample. It, and how the endpoints have answered.
    fn push(&self) -> (Value, Value) {
        let sample = self.newest();
        let target = format!("/push/{}", sample["id"].as_str().unwrap());
        (sample, serde_json::from_str(&self.ask("POST", &target)).unwrap())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Holds when an element's text has these words.
fn says(id: &str, words: &str) -> String {
    let text = format!("document.querySelector('#{id}')?.textContent");
    format!("{text}.includes({})", json!(words))
}

async fn text(browser: &Browser, selector: &str) -> String {
    let script =
        format!("return document.querySelector({}).textContent", json!(selector));
    browser.run(&script).await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn firefox_shows_a_push_for_a_page_that_is_closed_and_opens_it_with_what_was_missed()
 {
    let mut demo = Demo::start("closed", &["--every", "300ms"], None);
    let browser =
        Browser::start_firefox_with_push_service("push-closed", demo.port, 16).await;
    let page = browser.windows().await.remove(0);
    browser.open(&demo.url()).await;
    browser.until(&says("way", "Not subscribed.")).await;
    browser.click("#subscribe").await;
    browser.until(&says("way", "Subscribed at our own push service")).await;
    let last = browser.run("return localStorage['push cursor']").await;

    // The page is closed; the browser is not.
    let other = browser.open_window("about:blank").await;
    browser.switch_to(&page).await;
    browser.close_window().await;
    browser.switch_to(&other).await;
    let missed = demo.newest()["seq"].as_u64().unwrap() + 5;
    let deadline = Instant::now() + WAIT_TIMEOUT;
    while demo.newest()["seq"].as_u64().unwrap() < missed {
        assert!(Instant::now() < deadline, "samples are published");
    }
    let (sample, reports) = demo.push();
    assert_eq!(reports[0]["outcome"], "accepted", "{reports}");
    assert_eq!(reports[0]["status"], 201, "{reports}");
    let shown = browser.notification().await;
    assert_eq!(shown.title, format!("Sample #{}", sample["seq"]));
    assert_eq!(shown.text, sample["data"].as_str().unwrap());

    // A click opens it at that sample, with all since the one that it had last.
    browser.click_notification().await;
    let opened = new_window(&browser, 2).await;
    browser.switch_to(&opened).await;
    is_at(&browser, &sample["id"]).await;
    let words = format!("Opened at #{} {}", sample["seq"], shown.text);
    browser.until(&says("opened", &words)).await;
    // It may have had some more before it was closed.
    browser.until(&says("opened", " since #")).await;
    let script = "const since = / since #(\\d+), where/;
        return +since.exec(document.querySelector('#opened').textContent)?.[1]";
    let since = browser.run(script).await.as_u64().unwrap();
    let (_, last) = last.as_str().unwrap().split_once('-').unwrap();
    let last: u64 = last.parse().unwrap();
    assert!((last..=missed - 5).contains(&since), "{last} {since} {missed}");
    let score = text(&browser, ".score").await;
    assert!(score.contains("missed 0duplicated 0"), "{score}");

    is_kept(&browser, &mut demo).await;
    subscribes_again(&browser, &demo).await;
    browser.quit().await;
}

/// The server is killed, and the page loaded anew: it comes from the service worker, and
/// says since when it is alone. Then the server is back.
async fn is_kept(browser: &Browser, demo: &mut Demo) {
    browser.until("navigator.serviceWorker.controller").await;
    demo.kill();
    reload(browser).await;
    browser.until(&says("alone", "No response from the server since ")).await;
    browser.until(&says("alone", "The service worker has kept this page")).await;
    let newest =
        browser.run("return JSON.parse(localStorage['push newest']).data").await;
    assert_eq!(text(browser, ".value").await, newest.as_str().unwrap());
    // All of it: style, scripts, and the sources below.
    browser
        .until("document.querySelector('#source')?.textContent.includes('Web Push')")
        .await;
    let hue = "getComputedStyle(document.querySelector('header')).borderTopWidth !== '0px'";
    browser.until(hue).await;
    demo.run();
    browser.until("document.querySelector('#alone')?.textContent === ''").await;
}

/// As a person does it: geckodriver's own way passes the service worker by.
async fn reload(browser: &Browser) {
    browser.run("window.before = true; location.reload()").await;
    let anew = "return !window.before && document.readyState === 'complete'";
    wait_for("the page loaded anew", LOOK_INTERVAL, async || {
        (browser.run(anew).await == true).then_some(())
    })
    .await;
}

/// Our push service has forgotten all: Firefox tells the service worker, which subscribes
/// again; the endpoint from before is told to be gone, and forgotten.
async fn subscribes_again(browser: &Browser, demo: &Demo) {
    wait_for("one push, accepted", PUSH_INTERVAL, async || {
        let (_, reports) = demo.push();
        let outcomes = reports.as_array().unwrap().iter().map(|one| &one["outcome"]);
        (outcomes.collect::<Vec<_>>() == ["accepted"]).then_some(())
    })
    .await;
    browser.notification().await;
}

/// Waits until a window that was just opened has loaded the page, for this sample.
async fn is_at(browser: &Browser, id: &Value) {
    let expected = format!("?at={}", id.as_str().unwrap());
    let script = "return document.readyState === 'complete' && location.search";
    wait_for(&expected, LOOK_INTERVAL, async || {
        (browser.run(script).await == expected).then_some(())
    })
    .await;
}

/// Waits for so many windows. The newest.
async fn new_window(browser: &Browser, count: usize) -> browser_tests::WindowHandle {
    wait_for(&format!("{count} windows"), LOOK_INTERVAL, async || {
        let mut windows = browser.windows().await;
        if windows.len() == count { windows.pop() } else { None }
    })
    .await
}

#[tokio::test]
async fn chromium_is_pushed_to_by_its_developer_tools_and_says_what_it_can_not() {
    let mut demo =
        Demo::start("chromium", &["--allow-host", "insecure.example"], None);
    let browser = Browser::start("push-chromium").await;
    let origin = format!("http://localhost:{}", demo.port);
    browser.allow_notifications(&origin).await;
    browser.open(&demo.url()).await;
    browser
        .until("document.querySelector('.number')?.textContent.match(/#\\d/)")
        .await;
    browser.until("navigator.serviceWorker.controller?.state === 'activated'").await;
    // Its own push service is on the internet, and there is none here.
    browser.click("#subscribe").await;
    browser.until(&says("way", "Not subscribed (")).await;
    browser.until(&says("way", "Show how to push without internet")).await;
    browser.click("#push").await;
    browser.until(&says("result", "Nobody is subscribed.")).await;

    let text = r#"{"id":"k3f9-17","seq":17,"data":"ud8a"}"#;
    shows(&browser, &origin, text, "Sample #17: ud8a").await;

    browser.click("#how").await;
    browser.until("document.querySelector('#offline img').naturalWidth > 0").await;
    browser.until(&says("payload", "\"seq\":")).await;
    is_accessible_and_fits(&browser, "dialog").await;
    browser.click("#offline button").await;
    is_accessible_and_fits(&browser, "page").await;
    // Long after the one before: Chromium loses one that replaces another at once.
    shows(&browser, &origin, "any text", "Sample #?: any text").await;
    let complaints = browser.complaints().await;
    assert_eq!(complaints, [""; 0]);

    demo.kill();
    browser.reload().await;
    browser.until(&says("alone", "No response from the server since ")).await;
    is_accessible_and_fits(&browser, "alone").await;
    demo.run();
    browser.until("document.querySelector('#alone')?.textContent === ''").await;

    // As a phone in the room sees it.
    browser.open(&format!("http://insecure.example:{}/", demo.port)).await;
    browser.until(&says("way", "a browser wants HTTPS")).await;
    browser.until("document.querySelector('#subscribe')?.hidden").await;
    browser.until("document.querySelector('#push')?.hidden").await;
    is_accessible_and_fits(&browser, "insecure").await;
    browser.quit().await;
}

/// One command: a Firefox that is connected to our push service, through a lens that shows
/// it. Ctrl-C ends all, and leaves nothing.
#[test]
fn the_demo_without_internet_connects_firefox_to_our_push_service() {
    let folder = env::temp_dir().join(format!("push-demo-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let port = free_ports(2, 0);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/push-demo");
    let mut command = Command::new(script);
    command.args(["--port", &port.to_string()]);
    command.args(["--lens-port", &(port + 1).to_string()]);
    command.env("TMPDIR", &folder).env("MOZ_HEADLESS", "1");
    let (demo, mut lines) = Process::start(&mut command);
    assert_eq!(demo.address.port(), port);
    let hello = r#"{"messageType":"hello","uaid":""#;
    assert!(lines.any(|line| line.contains(hello)), "Firefox says hello");
    let (status, _) = demo.signal(Signal::Interrupt);
    assert_eq!(status.code(), Some(130));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "it leaves nothing");
    fs::remove_dir(&folder).unwrap();
}

/// As often shown, a push shows nothing: after some, Firefox ends the subscription. Ours has
/// shown each, and is still subscribed.
#[tokio::test]
async fn firefox_ends_a_subscription_whose_pushes_show_nothing() {
    let demo = Demo::start("silent", &[], None);
    let name = "examples/push-as-often-shown";
    let flags = ["--ttl", "60"];
    let shown = Process::run(program(name).to_str().unwrap(), &flags);
    let browser =
        Browser::start_firefox_with_push_service("push-silent", demo.port, 2).await;
    let real = browser.windows().await.remove(0);
    browser.open(&demo.url()).await;
    browser.click("#subscribe").await;
    browser.until(&says("way", "Subscribed at our own push service")).await;
    let port = shown.address.port();
    let shown_page = browser.open_window(&format!("http://localhost:{port}/")).await;
    browser.click("#subscribe").await;
    let list = "document.querySelector('ol').textContent";
    browser.until(&format!("{list}.includes('subscribed')")).await;
    // While a page is open, its pushes may be silent.
    let other = browser.open_window("about:blank").await;
    for page in [real, shown_page] {
        browser.switch_to(&page).await;
        browser.close_window().await;
    }
    browser.switch_to(&other).await;
    let mut pushes = 0;
    wait_for("the end of the subscription", SILENT_PUSH_INTERVAL, async || {
        let mut client = shown.connect();
        client.send(
            "POST /push HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        );
        let (_, said) = client.response();
        if said == "HTTP/1.1 404 Not Found" {
            return Some(());
        }
        assert_eq!(said, "HTTP/1.1 201 Created");
        pushes += 1;
        let (_, reports) = demo.push();
        assert_eq!(reports[0]["outcome"], "accepted", "{reports}");
        None
    })
    .await;
    assert!(pushes > 1, "{pushes}");
    let (_, reports) = demo.push();
    assert_eq!(reports[0]["outcome"], "accepted", "{reports}");
    browser.quit().await;
}

/// The chapter shows the demo in a frame; its cards tick when they have seen a push for a
/// page of which no tab is open, and the page that outlives its server.
#[tokio::test]
async fn the_cards_of_the_chapter_tick_themselves() {
    let base = free_ports(30, 1000);
    let flags = ["--base-port", &base.to_string(), "--every", "500ms"];
    let workshop = Workshop::run(Command::new(program("workshop")).args(flags));
    let mut demo = Demo::start_at("cards", base + 9);
    let browser =
        Browser::start_firefox_with_push_service("push-cards", demo.port, 16).await;
    let tab = browser.windows().await.remove(0);
    browser.open(&demo.url()).await;
    browser.click("#subscribe").await;
    browser.until(&says("way", "Subscribed at our own push service")).await;
    let chapter = format!("http://localhost:{base}/chapter/push");
    let window = browser.open_window(&chapter).await;
    browser.until("document.querySelector('.live iframe')?.checkVisibility()").await;
    // While a tab of the page is open, the first card does not tick.
    push_in_frame(&browser).await;
    browser.until(&card("Push", "close that one, and push again")).await;
    browser.switch_to(&tab).await;
    browser.close_window().await;
    browser.switch_to(&window).await;
    push_in_frame(&browser).await;
    browser.until(&card("Push", "and no tab of the page was open.")).await;
    browser.until("document.querySelectorAll('.card.seen').length === 1").await;
    demo.kill();
    browser.reload().await;
    browser.until(&card("Kill the server", "came from the service worker")).await;
    browser.until("document.querySelectorAll('.card.seen').length === 2").await;
    browser.quit().await;
    drop(workshop);
}

async fn push_in_frame(browser: &Browser) {
    browser.enter_frame().await;
    browser
        .until("document.querySelector('.number')?.textContent.match(/#\\d/)")
        .await;
    browser.until("navigator.serviceWorker.ready.then").await;
    browser.run("document.querySelector('#push').click()").await;
    browser.until(&says("result", "201, accepted")).await;
    browser.leave_frames().await;
}

/// Holds when a card's result has these words.
fn card(title: &str, words: &str) -> String {
    format!(
        "[...document.querySelectorAll('.card')]
           .find((card) => card.querySelector('h3').lastChild.data.startsWith('{title}'))
           ?.querySelector('.result').textContent.includes('{words}')"
    )
}

/// Pushes until Chromium shows this notification, and no other. (DevTools are not told
/// whether a push came; under load, one in three did not.)
async fn shows(browser: &Browser, origin: &str, push: &str, shown: &str) {
    let script = "const done = arguments[arguments.length - 1];
        navigator.serviceWorker.ready.then((worker) => worker.getNotifications())
          .then((all) => done(all.map(({ title, body }) => `${title}: ${body}`).join()));";
    let mut again = Instant::now();
    wait_for(shown, LOOK_INTERVAL, async || {
        if Instant::now() >= again {
            browser.push_by_devtools(origin, push).await;
            again = Instant::now() + SHOWN_TIMEOUT;
        }
        (browser.answer(script).await == shown).then_some(())
    })
    .await;
}

async fn is_accessible_and_fits(browser: &Browser, name: &str) {
    assert_eq!(browser.violations().await, [""; 0], "{name}");
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let at = format!("{name}, {width}, {colors}");
            assert_eq!(browser.run(&faint_in_use()).await, json!([]), "{at}");
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(browser.run(&format!("return {fits}")).await, true, "{at}");
            browser.screenshot(&format!("push-{at}")).await;
        }
    }
}

#[test]
fn http_ece_of_npm_decrypts_what_is_pushed_and_node_verifies_who_sent_it() {
    let port = free_ports(1, 20_000);
    let demo = Demo::start("interop", &[], Some(port));
    let output = Command::new("node")
        .args(["push.mjs", demo.url().trim_end_matches('/'), &port.to_string()])
        .current_dir(INTEROP)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [came, answered] = &lines[..] else { panic!("{said}") };
    let sample: Value =
        serde_json::from_str(came["text"].as_str().unwrap()).unwrap();
    assert_eq!(sample["data"].as_str().unwrap().len(), 13, "{sample}");
    let key: Value = serde_json::from_str(&demo.ask("GET", "/key")).unwrap();
    assert_eq!(came["k"], key["key"]);
    assert_eq!((&came["signed"], &came["forUs"]), (&json!(true), &json!(true)));
    assert!(came["sub"].as_str().unwrap().starts_with("mailto:"));
    let hours = came["hours"].as_f64().unwrap();
    assert!(hours > 0.9 && hours <= 1.0, "{hours}");
    assert_eq!((&came["ttl"], &came["topic"]), (&json!("3600"), &json!("sample")));
    assert_eq!(came["urgency"], "high");
    assert_eq!(answered["subscribed"], 201);
    assert_eq!(answered["pushed"][0]["outcome"], "accepted");
}
