//! MQTT with what nobody here wrote: npm's `mqtt` and Python's `paho-mqtt` as clients of our
//! broker, Debian's `mosquitto` as the broker of our page, and the clients with that, too:
//! they can't tell one from the other. `scripts/test` installs them.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    env, fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use browser_tests::{Browser, faint_in_use};
use mqtt::{TECHNIQUE, Timings, routes};
use serde_json::json;
use testkit::{Server, free_ports, wait_until};

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

/// A program, running. It is killed when it is dropped.
struct Running(Child);

impl Running {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(INTEROP);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|e| panic!("{program}: {e}; see scripts/test")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It fails when it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Debian's broker, with WebSocket on a port of its own.
struct Mosquitto {
    port: u16,
    folder: PathBuf,
    _process: Running,
}

impl Mosquitto {
    fn start(name: &str) -> Self {
        let port = free_ports(2, 0);
        let folder = env::temp_dir().join(format!("mosquitto-{name}-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let config = folder.join("mosquitto.conf");
        // Without a listener of plain MQTT, this version does not start.
        let text = format!(
            "listener {port} 127.0.0.1\nprotocol websockets\n\
             listener {} 127.0.0.1\nallow_anonymous true\npersistence false\n",
            port + 1
        );
        fs::write(&config, text).unwrap();
        let config = config.to_str().unwrap();
        let process = Running::start("mosquitto", &["-c", config]);
        wait_until("mosquitto listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self { port, folder, _process: process }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn serve() -> Server {
    Server::start(TECHNIQUE, 1000, |feed| {
        routes(feed, Timings { connect_timeout: Duration::from_secs(10) })
    })
}

/// The same conversation with our broker and with mosquitto.
fn converses(program: &str, arguments: impl Fn(u16) -> Vec<String>) {
    let (server, mosquitto) =
        (serve(), Mosquitto::start(program.rsplit('/').next().unwrap()));
    for port in [mosquitto.port, server.address.port()] {
        let mut command = Command::new(program);
        let output = command.args(arguments(port)).current_dir(INTEROP).output();
        let output =
            output.unwrap_or_else(|e| panic!("{program}: {e}; see scripts/test"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "port {port}: {said:.2000}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "all is well");
    }
    server.shut_down();
}

#[test]
fn mqtt_of_npm_converses_as_with_mosquitto() {
    converses("node", |port| {
        vec!["mqtt.mjs".into(), format!("ws://127.0.0.1:{port}/mqtt")]
    });
}

#[test]
fn paho_of_python_converses_as_with_mosquitto() {
    let python = env::var("INTEROP_PYTHON").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/interop/bin/python")
            .into()
    });
    converses(&python, |port| vec!["mqtt.py".into(), format!("127.0.0.1:{port}")]);
}

/// The cell of the score below this label.
fn score(label: &str) -> String {
    format!(
        "+[...document.querySelectorAll('.score div')]
          .find((cell) => cell.textContent.startsWith('{label}'))
          .querySelector('dd').textContent"
    )
}

/// Whether the list of topics has a line that begins so.
fn shows(line: &str) -> String {
    let line = json!(line);
    format!(
        "[...document.querySelectorAll('#topics li')]
          .some((item) => item.textContent.startsWith({line}))"
    )
}

#[tokio::test]
async fn the_page_shows_topics_and_who_fell_off_with_both_brokers() {
    let server = serve();
    let mosquitto = Mosquitto::start("page");
    let broker = format!("ws://127.0.0.1:{}/mqtt", mosquitto.port);
    let _samples = Running::start("node", &["mqtt-samples.mjs", &broker]);
    let page = format!("http://localhost:{}/", server.address.port());
    let browser = Browser::start("mqtt").await;
    for query in [String::new(), format!("?broker={broker}")] {
        let url = format!("{page}{query}");
        browser.open(&url).await;
        let desk = browser.windows().await.pop().unwrap();
        browser.until(&format!("{} > 0", score("delivered"))).await;
        server.feed.publish("the newest 13");
        browser.until(&format!("{} > 1", score("delivered"))).await;
        browser.until(&shows("room/device-")).await;
        // Another device comes, says something, and loses its connection.
        browser.open_window(&url).await;
        browser.until(&shows("room/device-")).await;
        let own = "return document.forms.publish.elements.topic.value.split('/')[1]";
        let device = browser.run(own).await;
        let device = device.as_str().unwrap();
        browser.click("#publish button").await;
        browser.until_shows("#publish output", "1: acknowledged").await;
        browser.crash().await;
        browser.switch_to(&desk).await;
        browser.until(&shows(&format!("room/{device}/says hello"))).await;
        browser.until(&shows(&format!("room/{device} connection lost"))).await;
        // A third one leaves: nothing of it stays.
        browser.open_window(&url).await;
        browser.until(&shows("room/device-")).await;
        let device = browser.run(own).await;
        let there = shows(&format!("room/{} here", device.as_str().unwrap()));
        browser.until(&there).await;
        browser.click("#start").await;
        browser.close_window().await;
        browser.switch_to(&desk).await;
        browser.until(&format!("!{there}")).await;
        browser.until(&shows("room/device-")).await;
    }
    browser.quit().await;
    server.shut_down();
}

#[tokio::test]
async fn the_page_subscribes_comes_back_and_fits() {
    let server = serve();
    let browser = Browser::start("mqtt-page").await;
    browser.open(&format!("http://localhost:{}/", server.address.port())).await;
    browser.until(&format!("{} === 1", score("delivered"))).await;
    for number in 0..20 {
        server.feed.publish(&format!("sample {number}"));
    }
    browser.until(&format!("{} === 21", score("delivered"))).await;
    // Retained, it is there again after another filter and back.
    browser.type_into("[name='text']", " there").await;
    browser.click("[name='retain']").await;
    browser.click("#publish button").await;
    browser.until_shows("#publish output", "1: acknowledged").await;
    browser.until(&shows("room/device-")).await;
    let filter = |text: &str| {
        format!(
            "const {{ elements }} = document.forms.subscribe;
             elements.filter.value = '{text}'; elements[1].click();"
        )
    };
    browser.run(&filter("none/+")).await;
    browser.until("!document.querySelector('#topics li')").await;
    browser.run(&filter("+/+/says")).await;
    browser.until("document.querySelectorAll('#topics li').length === 1").await;
    let line =
        browser.run("return document.querySelector('#topics li').innerText").await;
    assert!(
        line.as_str().unwrap().ends_with("/says hello there retained"),
        "{line}"
    );
    // What is no filter is not sent: the broker would end the connection.
    browser.run(&filter("room#")).await;
    let refused = "document.forms.subscribe.elements.filter.matches(':invalid')";
    browser.until(refused).await;
    browser.run(&filter("#")).await;
    browser.until(&shows("room/device-")).await;
    is_accessible_and_fits(&browser).await;
    assert_eq!(browser.complaints().await, [""; 0]);
    // Aborted, it is lost, as every page sees, and comes back.
    browser.click("#abort").await;
    browser.until(&format!("{} === 2", score("connections"))).await;
    // What comes while it is away is missed: there is no cursor.
    browser.click("#start").await;
    for _ in 0..3 {
        server.feed.publish("while away 13");
    }
    browser.click("#start").await;
    browser.until(&format!("{} === 22", score("delivered"))).await;
    browser.until(&format!("{} === 2", score("missed"))).await;
    browser.until(&format!("{} === 0", score("duplicated"))).await;
    browser.quit().await;
    server.shut_down();
}

async fn is_accessible_and_fits(browser: &Browser) {
    assert_eq!(browser.violations().await, [""; 0]);
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let at = format!("{width}, {colors}");
            assert_eq!(browser.run(&faint_in_use()).await, json!([]), "{at}");
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(browser.run(&format!("return {fits}")).await, true, "{at}");
            browser.run("scrollTo(0, 0)").await;
            browser.screenshot(&format!("mqtt-{at}")).await;
            browser.run("scrollTo(0, innerHeight * 0.8)").await;
            browser.screenshot(&format!("mqtt-{at}, below")).await;
        }
    }
}
