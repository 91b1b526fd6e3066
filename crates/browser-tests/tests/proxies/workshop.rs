//! The whole workshop behind each proxy that is set right.

use std::{net::Ipv4Addr, process::Command, thread};

use browser_tests::{Browser, program};
use serde_json::{Value, json};
use testkit::{Client, Workshop, free_ports};

use crate::{END_TIMEOUT, PROXIES, behind::Behind};

/// A workshop behind a proxy, with lenses on both sides of it, and a browser.
pub(crate) struct Stage {
    pub(crate) workshop: Workshop,
    pub(crate) browser: Browser,
    behind: Behind,
    /// The first of the workshop's ports.
    base: u16,
    /// How pages are opened: by the proxy's scheme, from its first port on.
    scheme: &'static str,
    pub(crate) port: u16,
}

impl Stage {
    pub(crate) async fn set(
        name: &str,
        proxy: &str,
        setting: &str,
        scheme: &'static str,
    ) -> Self {
        let base = free_ports(13, 1000);
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
        let behind = before_all(base, port, scheme, &[proxy, setting]);
        let browser = Browser::start_trusting(&format!("{name}-{proxy}")).await;
        Self { workshop, browser, behind, base, scheme, port }
    }

    /// Puts another proxy before the same workshop, instead of this one.
    async fn replace(&mut self, proxy: &str, scheme: &'static str) {
        // The page behind the one that ends would ask for it again and again.
        self.browser.open("about:blank").await;
        self.browser.requests().await;
        let port = free_ports(13, 0);
        self.behind = before_all(self.base, port, scheme, &[proxy, "right"]);
        (self.scheme, self.port) = (scheme, port);
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

    /// Opens a page, and waits until there is what it shows.
    async fn open_until(&self, path: &str, selector: &str) {
        self.open(path).await;
        self.browser.until(&format!("document.querySelector('{selector}')")).await;
    }

    pub(crate) async fn end(mut self) {
        self.browser.quit().await;
        assert!(self.behind.end("INT") < END_TIMEOUT);
    }
}

/// Puts a proxy before each port of a workshop.
fn before_all(base: u16, port: u16, scheme: &str, words: &[&str]) -> Behind {
    // The gallery's is twelve above the first one.
    let ports = (0..7).chain([12]).flat_map(|offset| {
        ["--port".to_owned(), format!("{}:{}", base + offset, port + offset)]
    });
    let ports: Vec<_> = ports.collect();
    let tls: &[&str] = if scheme == "https" { &["--tls"] } else { &[] };
    let ports: Vec<_> = ports.iter().map(String::as_str).collect();
    Behind::start(port, &[words, tls, &ports].concat())
}

/// The five beside each other, behind a proxy that loads its configuration anew meanwhile:
/// from the pages' point of view, nothing is lost and nothing comes twice.
async fn all_five_across_a_reload(stage: &mut Stage) {
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
}

/// The pages of the hub that only show something.
const SHOWN: [(&str, &str); 7] = [
    ("/presenter/wire/sse", "#stream .unit"),
    ("/presenter/quiz", "#side:enabled #close:enabled"),
    ("/presenter/speaker", "#run"),
    ("/slides", ".slide:not([hidden])"),
    ("/gallery", ".miniature iframe"),
    ("/quiz/wall", ".answer"),
    ("/chapter/sse", ".card h3"),
];

/// Pages of the hub have what they show from the proxy, and nothing past it.
async fn pages_work(stage: &Stage, shown: &[(&str, &str)]) {
    let Stage { browser, workshop, scheme, port, .. } = stage;
    let mut presenter = workshop.presenter();
    presenter.command(&json!({"quiz": {"open": "one-way"}}));
    browser.requests().await;
    stage.open_until(&format!("/presenter#{}", workshop.key), "#desk:enabled").await;
    // What a page sends comes, too: a command of the presenter's, and a vote.
    browser.click("#paused").await;
    presenter.until("room", |room| room["paused"] == true);
    presenter.command(&json!({"feed": {"paused": false}}));
    for (path, there) in shown {
        stage.open_until(path, there).await;
    }
    stage.open_until("/wire/websocket", "#stream .unit").await;
    stage.open_until("/quiz/live", "button.answer:enabled").await;
    browser.click("#answers li:nth-child(2) button").await;
    browser
        .until("document.querySelector('#say').textContent.includes('answer is in')")
        .await;
    // Also from the presenter's own port, the room is invited to the proxy's first one.
    stage.open_at(6, "/").await;
    browser.until("document.querySelector('#invitation').children.length").await;
    let requests = browser.requests().await;
    let invited = format!("/join?scheme={scheme}&port={port}");
    assert!(requests.iter().any(|url| url.ends_with(&invited)), "{requests:?}");
    let ports = *port..=port + 12;
    let past: Vec<_> = requests
        .iter()
        .filter_map(|url| url.split_once("://"))
        .filter(|(scheme, rest)| {
            let port = rest.split([':', '/']).nth(1).and_then(|it| it.parse().ok());
            scheme.starts_with(['h', 'w'])
                && !port.is_some_and(|port| ports.contains(&port))
        })
        .collect();
    assert!(past.is_empty(), "{past:?}");
}

/// Every page with TLS; without, those that send something, and the reload.
async fn all_works(proxy: &str) {
    let mut stage = Stage::set("works", proxy, "right", "https").await;
    pages_work(&stage, &SHOWN).await;
    stage.replace(proxy, "http").await;
    pages_work(&stage, &[]).await;
    all_five_across_a_reload(&mut stage).await;
    stage.end().await;
}

#[tokio::test]
async fn pages_work_behind_nginx_and_a_reload_loses_and_doubles_nothing() {
    all_works("nginx").await;
}

#[tokio::test]
async fn pages_work_behind_haproxy_and_a_reload_loses_and_doubles_nothing() {
    all_works("haproxy").await;
}

#[tokio::test]
async fn pages_work_behind_caddy_and_a_reload_loses_and_doubles_nothing() {
    all_works("caddy").await;
}

/// Devices behind a proxy that the workshop trusts are told apart, whatever they say of
/// themselves: what is done to one is not done to the other.
fn devices_are_told_apart(workshop: &Workshop, proxy: &str, devices: [Ipv4Addr; 2]) {
    let base = workshop.process.address.port();
    let port = free_ports(13, 0);
    let behind = before_all(base, port, "http", &[proxy, "right"]);
    let address = (Ipv4Addr::LOCALHOST, port + 4).into();
    let mut streams = devices.map(|device| {
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
        presenter.until("room", |room| open_streams(room, devices) == [ada, bob]);
    };
    until_open(1, 1);
    let ada = devices[0].to_string();
    let cut =
        json!({"technique": "sse", "client": ada, "effect": "cut", "on": true});
    workshop.presenter().command(&json!({ "set": cut }));
    until_open(0, 1);
    let newest = workshop.presenter().room()["newest"].as_u64().unwrap();
    streams[1].until(&format!(r#""seq":{}"#, newest + 5));
    drop(behind);
}

/// How many streams the two have open.
fn open_streams(room: &Value, devices: [Ipv4Addr; 2]) -> [u64; 2] {
    let clients = room["clients"].as_array().unwrap();
    devices.map(|device| {
        let mut all = clients.iter();
        let client = all.find(|it| it["client"] == device.to_string());
        client.map_or(0, |it| it["open"]["sse"].as_u64().unwrap())
    })
}

#[test]
fn devices_behind_each_proxy_are_told_apart() {
    let base_port = free_ports(13, 0).to_string();
    let mut workshop = Command::new(program("workshop"));
    workshop.args(["--base-port", &base_port, "--behind", "127.0.0.1"]);
    let workshop = Workshop::run(workshop.args(["--every", "50ms"]));
    thread::scope(|scope| {
        for (proxy, number) in PROXIES.into_iter().zip(1..) {
            // All of 127.0.0.0/8 is this machine.
            let devices = [1, 2].map(|last| Ipv4Addr::new(127, 0, number, last));
            let workshop = &workshop;
            scope.spawn(move || devices_are_told_apart(workshop, proxy, devices));
        }
    });
}
