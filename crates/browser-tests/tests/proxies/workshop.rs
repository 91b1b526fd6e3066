//! The whole workshop behind each proxy that is set right.

use std::{net::Ipv4Addr, process::Command, thread};

use browser_tests::{Browser, program};
use serde_json::{Value, json};
use testkit::{Client, Workshop, free_ports};

use crate::{END_TIMEOUT, PROXIES, behind::Behind};

/// Two devices: all of 127.0.0.0/8 is this machine.
const ADA: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
const BOB: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 12);

/// A workshop behind a proxy, with lenses on both sides of it, and a browser.
pub(crate) struct Stage {
    pub(crate) workshop: Workshop,
    behind: Behind,
    pub(crate) browser: Browser,
    scheme: &'static str,
    /// The proxy's first port.
    pub(crate) port: u16,
}

impl Stage {
    pub(crate) async fn set(
        name: &str,
        proxy: &str,
        setting: &str,
        scheme: &'static str,
    ) -> Self {
        let base = free_ports(7, 1000);
        let port = base + 1000;
        let base_port = base.to_string();
        let mut workshop = Command::new(program("workshop"));
        workshop.args(["--base-port", &base_port, "--every", "100ms"]).args([
            "--behind",
            "127.0.0.1",
            "--before-proxy",
            &port.to_string(),
        ]);
        let workshop = Workshop::run(&mut workshop);
        let mut flags = vec![proxy, setting, "--base-port", &base_port];
        if scheme == "https" {
            flags.push("--tls");
        }
        let behind = Behind::start(port, &flags);
        let browser = Browser::start_trusting(&format!("{name}-{proxy}")).await;
        Self { workshop, behind, browser, scheme, port }
    }

    /// Opens a page of the hub, at its first or its presenter's port.
    async fn open(&self, path: &str) {
        let offset = if path.starts_with("/presenter") { 6 } else { 0 };
        self.open_at(offset, path).await;
    }

    /// Opens it at the port so many above the proxy's first one.
    async fn open_at(&self, offset: u16, path: &str) {
        let port = self.port + offset;
        let url = format!("{}://localhost:{port}{path}", self.scheme);
        self.browser.open(&url).await;
    }

    pub(crate) async fn end(mut self) {
        self.browser.quit().await;
        assert!(self.behind.end("INT") < END_TIMEOUT);
    }
}

/// The five beside each other, behind a proxy that loads its configuration anew meanwhile:
/// from the pages' point of view, nothing is lost and nothing comes twice.
async fn all_five_across_a_reload(proxy: &str) {
    let mut stage = Stage::set("reload", proxy, "right", "http").await;
    stage.open("/compare").await;
    let browser = &stage.browser;
    let cells = |column: &str| {
        format!(
            "[...document.querySelectorAll('#table tbody tr')].map((row) => {{
               const heads = [...document.querySelectorAll('#table thead th')];
               const column = heads.findIndex((head) => head.textContent === '{column}');
               return row.querySelectorAll('td')[column].textContent.replace(/\\D/g, '');
             }})"
        )
    };
    let all_have = |count: u64| {
        let cells = cells("samples");
        format!("{cells}.filter((samples) => samples >= {count}).length === 5")
    };
    browser.until(&all_have(5)).await;
    stage.behind.reload();
    // The proxy cuts the old connections: what goes on does so on new ones.
    let streams = format!("{}.slice(2)", cells("connections"));
    browser
        .until(&format!("{streams}.filter((count) => count >= 2).length === 3"))
        .await;
    let samples =
        browser.run(&format!("return Math.max(...{})", cells("samples"))).await;
    browser.until(&all_have(samples.as_u64().unwrap() + 5)).await;
    for column in ["missed", "duplicated"] {
        let counted = browser.run(&format!("return {}", cells(column))).await;
        assert_eq!(counted, json!(vec!["0"; 5]), "{column}");
    }
    stage.end().await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_behind_nginx_across_a_reload() {
    all_five_across_a_reload("nginx").await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_behind_haproxy_across_a_reload() {
    all_five_across_a_reload("haproxy").await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_behind_caddy_across_a_reload() {
    all_five_across_a_reload("caddy").await;
}

/// Every page of the hub has what it shows from the proxy, and nothing past it.
async fn every_page(proxy: &str, scheme: &'static str) {
    let stage = Stage::set("pages", proxy, "right", scheme).await;
    let Stage { browser, workshop, .. } = &stage;
    let mut presenter = workshop.presenter();
    presenter.command(&json!({"quiz": {"open": "one-way"}}));
    stage.open(&format!("/presenter#{}", workshop.key)).await;
    browser.until("document.querySelector('#desk:enabled')").await;
    for (path, there) in [
        ("/presenter/wire/sse", "#stream .unit"),
        ("/presenter/quiz", "#side:enabled #close:enabled"),
        ("/presenter/speaker", "#run"),
        ("/slides", ".slide:not([hidden])"),
        ("/quiz/wall", ".answer"),
        ("/wire/websocket", "#stream .unit"),
        ("/chapter/sse", ".card h3"),
        ("/quiz/live", "button.answer:enabled"),
    ] {
        stage.open(path).await;
        browser.until(&format!("document.querySelector('{there}')")).await;
    }
    // What a page sends comes, too: a vote, and a command of the presenter's.
    browser.click("#answers li:nth-child(2) button").await;
    browser
        .until("document.querySelector('#say').textContent.includes('answer is in')")
        .await;
    stage.open("/presenter").await;
    browser.until("document.querySelector('#desk:enabled')").await;
    browser.click("#paused").await;
    presenter.until("room", |room| room["paused"] == true);
    // Also from the presenter's own port, the room is invited to the proxy's first one.
    stage.open_at(6, "/").await;
    browser.until("document.querySelector('#invitation').children.length").await;
    let requests = browser.requests().await;
    let invited = format!("/join?scheme={scheme}&port={}", stage.port);
    assert!(requests.iter().any(|url| url.ends_with(&invited)), "{requests:?}");
    let past: Vec<_> = requests
        .iter()
        .filter_map(|url| url.split_once("://"))
        .filter(|(scheme, rest)| {
            let port =
                rest.split([':', '/']).nth(1).and_then(|port| port.parse().ok());
            let ours = port.is_some_and(|port: u16| {
                (stage.port..stage.port + 7).contains(&port)
            });
            scheme.starts_with(['h', 'w']) && !ours
        })
        .collect();
    assert!(past.is_empty(), "{past:?}");
    stage.end().await;
}

#[tokio::test]
async fn every_page_works_behind_nginx() {
    every_page("nginx", "http").await;
}

#[tokio::test]
async fn every_page_works_behind_haproxy_and_tls() {
    every_page("haproxy", "https").await;
}

#[tokio::test]
async fn every_page_works_behind_caddy_and_tls() {
    every_page("caddy", "https").await;
}

/// Devices behind a proxy that the workshop trusts are told apart, whatever they say of
/// themselves: what is done to one is not done to the other.
fn devices_are_told_apart(proxy: &str) {
    let base = free_ports(7, 1000);
    let base_port = base.to_string();
    let mut workshop = Command::new(program("workshop"));
    workshop.args(["--base-port", &base_port, "--behind", "127.0.0.1"]);
    let workshop = Workshop::run(workshop.args(["--every", "50ms"]));
    let flags = [proxy, "right", "--base-port", &base_port];
    let behind = Behind::start(base + 1000, &flags);
    let address = (Ipv4Addr::LOCALHOST, base + 1004).into();
    let mut streams = [ADA, BOB].map(|device| {
        let mut client = Client::connect_from(device, address);
        client.send(format!(
            "GET {} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n",
            sse::TECHNIQUE.endpoints[0]
        ));
        assert_eq!(client.head().code(), 200, "{proxy}");
        client
    });
    let mut presenter = workshop.presenter();
    let mut until_open = |ada: u64, bob: u64| {
        presenter.until("room", |room| open_streams(room) == [ada, bob]);
    };
    until_open(1, 1);
    let ada = ADA.to_string();
    let cut =
        json!({"technique": "sse", "client": ada, "effect": "cut", "on": true});
    workshop.presenter().command(&json!({ "set": cut }));
    until_open(0, 1);
    let newest = workshop.presenter().room()["newest"].as_u64().unwrap();
    streams[1].until(&format!(r#""seq":{}"#, newest + 5));
    drop((behind, workshop));
}

/// How many streams the two have open.
fn open_streams(room: &Value) -> [u64; 2] {
    let clients = room["clients"].as_array().unwrap();
    [ADA, BOB].map(|device| {
        let mut all = clients.iter();
        let client = all.find(|it| it["client"] == device.to_string());
        client.map_or(0, |it| it["open"]["sse"].as_u64().unwrap())
    })
}

#[test]
fn devices_behind_each_proxy_are_told_apart() {
    thread::scope(|scope| {
        for proxy in PROXIES {
            scope.spawn(move || devices_are_told_apart(proxy));
        }
    });
}
