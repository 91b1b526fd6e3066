//! The workshop's own binary, with its presenter and several devices.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{self, Command},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
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
    /// The lens before the gallery.
    pub gallery: SocketAddr,
    cookie: OnceLock<String>,
    /// Where it keeps the answers, unless the test told it where: dropped behind the process.
    _state: Option<StateFolder>,
}

impl Workshop {
    /// Runs it until its banner says where it is; `command` has `--base-port`. Without a
    /// `--state-dir`, it has a folder of its own, so that no answers are there before.
    pub fn run(command: &mut Command) -> Self {
        let told = command.get_args().any(|argument| argument == "--state-dir");
        let state = (!told).then(StateFolder::new);
        if let Some(StateFolder(folder)) = &state {
            command.arg("--state-dir").arg(folder);
        }
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
        let lens = |served: &Value| at(served["port"].as_u64().unwrap() as u16);
        let techniques = setup["techniques"].as_array().unwrap();
        let techniques = techniques.iter().map(lens).collect();
        let gallery = lens(&setup["beside"][0]);
        let cookie = OnceLock::new();
        Self {
            process,
            presenter: at(port),
            key,
            techniques,
            gallery,
            cookie,
            _state: state,
        }
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

/// A folder that no other test has; it is removed when this is dropped.
struct StateFolder(PathBuf);

impl StateFolder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("workshop-{}-{number}-state", process::id());
        let folder = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder); // of another process of that number
        Self(folder)
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // not there, if nothing was saved
    }
}
