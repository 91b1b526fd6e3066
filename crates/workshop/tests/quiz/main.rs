//! The quiz with a room of raw clients: votes up by WebSocket, results down as events.
#![cfg(target_os = "linux")] // all of 127.0.0.0/8 is loopback
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod asked;
mod revealing;
mod saved;
mod votes;

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use serde_json::{Value, json};
use testkit::{Client, Live, WAIT_TIMEOUT, Workshop};

/// The first of those that are asked at first. Four answers; the right one is number 1.
const FIRST: &str = "pulled-cable";

const SECOND: &str = "poll-bytes";

/// How many questions there are.
fn questions() -> usize {
    include_str!("../../../../workshop-notes/quiz.toml")
        .matches("[[question]]")
        .count()
}

/// A workshop that keeps its quiz in a folder of its own.
struct Quiz {
    workshop: Workshop,
    folder: PathBuf,
}

impl Quiz {
    fn open(name: &str) -> Self {
        let name = format!("workshop-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder); // of another process of that number
        Self { workshop: run(&folder), folder }
    }

    /// Kills it without a word, and starts another in its place.
    fn crash(self) -> Self {
        let Self { workshop, folder } = self;
        drop(workshop);
        Self { workshop: run(&folder), folder }
    }

    fn end(self) {
        drop(self.workshop);
        let _ = fs::remove_dir_all(self.folder); // not there, if nothing was saved yet
    }

    fn get(&self, target: &str, fields: &str) -> (u16, String) {
        let mut client = Client::connect(self.workshop.process.address);
        client.send(format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
        ));
        let (head, body) = client.response();
        (head.code(), body)
    }

    /// Does what the presenter says; it is done when the hub answered what came after.
    fn obey(&self, commands: &[Value]) {
        let mut presenter = self.workshop.presenter();
        for command in commands {
            presenter.command(&json!({ "quiz": command }));
        }
        presenter.command(&json!({"quiz": {"open": "no such question"}}));
        let error = presenter.refusal();
        assert!(error.as_str().unwrap().contains("no such question"), "{error}");
    }

    fn voter(&self, number: u32) -> Voter {
        let device = Ipv4Addr::new(127, 0, 1, (number % 50) as u8 + 1);
        let client = Client::connect_from(device, self.workshop.process.address);
        Voter(Live::open(client, "/quiz/vote", ""), number)
    }

    fn results(&self, last: Option<&str>) -> Results {
        let mut client = Client::connect(self.workshop.process.address);
        let last = last.map(|last| format!("Last-Event-ID: {last}\r\n"));
        let last = last.unwrap_or_default();
        client.send(format!(
            "GET /quiz/results HTTP/1.1\r\nHost: localhost\r\n{last}\r\n"
        ));
        assert_eq!(client.head().code(), 200);
        Results { client, id: String::new() }
    }

    fn newest(&self) -> Value {
        self.results(None).next()
    }
}

fn run(folder: &Path) -> Workshop {
    Workshop::run(
        Command::new(env!("CARGO_BIN_EXE_workshop"))
            .args(["--base-port", "0", "--every", "1h", "--state-dir"])
            .arg(folder),
    )
}

/// Somebody with a seat.
struct Voter(Live, u32);

impl Voter {
    fn send(&mut self, question: &str, answer: usize) {
        let seat = format!("{:032x}", self.1);
        self.0.send(&json!({
            "vote": {"question": question, "answer": answer, "seat": seat}
        }));
    }

    fn vote(&mut self, question: &str, answer: usize) -> Value {
        self.send(question, answer);
        self.0.receive()
    }
}

/// The event stream of a page.
struct Results {
    client: Client,
    id: String,
}

impl Results {
    fn next(&mut self) -> Value {
        loop {
            let chunk = self.client.chunk();
            assert!(!chunk.is_empty(), "the stream has ended");
            let mut lines = chunk.lines();
            if let Some(id) = lines.find_map(|line| line.strip_prefix("id: ")) {
                self.id = id.to_owned();
                let data = lines.next().and_then(|it| it.strip_prefix("data: "));
                return serde_json::from_str(data.unwrap()).unwrap();
            }
        }
    }

    fn until(&mut self, mut is: impl FnMut(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        while Instant::now() < deadline {
            let results = self.next();
            if is(&results) {
                return results;
            }
        }
        panic!("no results like that");
    }
}

fn total(results: &Value) -> u64 {
    let counts = results["question"]["counts"].as_array();
    counts.map_or(0, |counts| counts.iter().filter_map(Value::as_u64).sum())
}
