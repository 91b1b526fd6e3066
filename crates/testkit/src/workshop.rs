//! The workshop's own binary, with its presenter and several devices.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;

use crate::{client::Client, live::Live, process::Process};

/// The workshop's own binary, running.
pub struct Workshop {
    /// The process; its address is the hub's.
    pub process: Process,
    /// The presenter's own port, which is of this machine alone.
    pub presenter: SocketAddr,
    /// The key that the terminal prints.
    pub key: String,
    /// The lenses before the five servers.
    pub techniques: Vec<SocketAddr>,
    cookie: OnceLock<String>,
}

impl Workshop {
    /// Runs it until its banner says where it is; `command` has `--base-port`.
    pub fn run(command: &mut Command) -> Self {
        let (process, mut banner) = Process::start(command);
        let mut line = |name: &str| {
            let line = banner.find(|line| line.contains(name)).unwrap();
            line.split_whitespace().next_back().unwrap().to_owned()
        };
        let url = line("presenter");
        let port = url.split(['/', ':']).find_map(|part| part.parse().ok()).unwrap();
        let key = line("key");
        let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut client = process.connect();
        client.get("/setup");
        let setup: Value = serde_json::from_str(&client.response().1).unwrap();
        let techniques = setup["techniques"].as_array().unwrap();
        let techniques = techniques
            .iter()
            .map(|technique| at(technique["port"].as_u64().unwrap() as u16))
            .collect();
        let cookie = OnceLock::new();
        Self { process, presenter: at(port), key, techniques, cookie }
    }

    /// What the presenter's browser sends along, once it has entered the key.
    pub fn cookie(&self) -> String {
        let cookie = self.cookie.get_or_init(|| {
            let body = format!("key={}", self.key);
            let mut client = Client::connect(self.presenter);
            client.send(format!(
                "POST /presenter/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
                body.len()
            ));
            let (head, _) = client.response();
            let set = head.field("set-cookie").unwrap();
            set.split(';').next().unwrap().to_owned()
        });
        format!("Cookie: other=1; {cookie}\r\n")
    }

    /// The WebSocket of the presenter's page.
    pub fn presenter(&self) -> Live {
        let client = Client::connect(self.presenter);
        Live::open(client, "/presenter/live", &self.cookie())
    }

    /// The WebSocket of a page on a device.
    pub fn attendee(&self, device: Ipv4Addr) -> Live {
        Live::open(Client::connect_from(device, self.process.address), "/live", "")
    }
}
