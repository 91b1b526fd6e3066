use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    sync::OnceLock,
    time::Instant,
};

use serde_json::{Value, json};

use crate::{Client, Demo, PATIENCE, masked};

/// The first byte of a text frame.
const TEXT: u8 = 0x81;

/// The workshop's own binary, running.
pub struct Workshop {
    /// The process; its address is the hub's.
    pub demo: Demo,
    /// The presenter's own way in.
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
        let (demo, mut banner) = Demo::start(command);
        let mut line = |name: &str| {
            let line = banner.find(|line| line.contains(name)).unwrap();
            line.split_whitespace().next_back().unwrap().to_owned()
        };
        let url = line("presenter");
        let port = url.split(['/', ':']).find_map(|part| part.parse().ok()).unwrap();
        let key = line("key");
        let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut client = demo.connect();
        client.get("/setup");
        let setup: Value = serde_json::from_str(&client.response().1).unwrap();
        let techniques = setup["techniques"].as_array().unwrap();
        let techniques = techniques
            .iter()
            .map(|technique| at(technique["port"].as_u64().unwrap() as u16))
            .collect();
        let cookie = OnceLock::new();
        Self { demo, presenter: at(port), key, techniques, cookie }
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
        Live::open(Client::connect_from(device, self.demo.address), "/live", "")
    }
}

/// The WebSocket of a page of the workshop.
pub struct Live(pub Client);

impl Live {
    /// Becomes one.
    pub fn open(mut client: Client, target: &str, fields: &str) -> Self {
        client.send(format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{fields}\r\n"
        ));
        assert_eq!(client.head().code(), 101);
        Self(client)
    }

    /// Says a message.
    pub fn say(&mut self, message: &Value) {
        self.0.send(masked(TEXT, message.to_string()));
    }

    /// Gives a command, as the presenter's pages do.
    pub fn command(&mut self, ask: &Value) {
        let command = json!({"id": 0, "until": u64::MAX, "ask": ask});
        self.say(&json!({ "command": command }));
    }

    /// Why the next command that is refused was not done.
    pub fn refusal(&mut self) -> Value {
        self.until("refused", |_| true)["why"].take()
    }

    /// Takes the next message.
    pub fn hear(&mut self) -> Value {
        let (first, payload) = self.0.frame();
        assert_eq!(first, TEXT, "{payload:?}");
        serde_json::from_slice(&payload).unwrap()
    }

    /// The room as it is now, whatever was said before.
    pub fn room(&mut self) -> Value {
        self.say(&json!({"nothing": "like that"}));
        self.until("error", |error| error.as_str().unwrap().contains("nothing"));
        self.until("room", |_| true)
    }

    /// Listens until a message of that name satisfies a condition.
    pub fn until(
        &mut self,
        name: &str,
        mut is: impl FnMut(&Value) -> bool,
    ) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut last = Value::Null;
        while Instant::now() < deadline {
            let mut message = self.hear();
            if let Some(said) = message.get_mut(name) {
                last = said.take();
                if is(&last) {
                    return last;
                }
            }
        }
        panic!("no {name} like that, the last was {last}");
    }
}
