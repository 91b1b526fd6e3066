//! The servers and clients that nobody here wrote: curl, `eventsource` and `ws` of npm,
//! and Python's `websockets` and `aioquic`; in `node`, servers on Express and what the notes
//! show with Node. `scripts/test` installs them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

mod apis;
mod node;

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use browser_tests::{serve, serve_sessions};
use serde_json::{Value, json};
use testkit::{Proxy, Server, WAIT_TIMEOUT, sample};

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

/// A client of somebody else's, running. It is killed when it is dropped.
struct Client {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Client {
    fn run(program: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(program)
            .args(arguments)
            .current_dir(INTEROP)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; see scripts/test"));
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line); // It fails when the test is over.
            }
        });
        Self { input: process.stdin.take(), process, lines }
    }

    /// The next line that it prints.
    fn line(&self) -> String {
        self.lines.recv_timeout(WAIT_TIMEOUT).expect("the client prints a line")
    }

    /// The next line that it prints, as JSON.
    fn json(&self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input.as_ref().unwrap(), "{line}").unwrap();
    }

    /// Waits for its end. Its exit code.
    fn end(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It fails when it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The text of a chapter.
fn chapter(name: &str) -> String {
    let path = format!("{INTEROP}/../../../workshop-notes/{name}.md");
    fs::read_to_string(path).unwrap()
}

fn publish(server: &Server, count: usize) {
    for _ in 0..count {
        let next = server.feed.since(None).cursor().unwrap().seq + 1;
        server.feed.publish(&next.to_string());
    }
}

fn curl(arguments: &[&str]) -> Client {
    Client::run("curl", &[&["--silent", "--no-buffer"], arguments].concat())
}

#[test]
fn curl_polls() {
    for technique in [short_poll::TECHNIQUE, long_poll::TECHNIQUE] {
        let server = serve(technique, 10);
        let url = format!("http://{}{}", server.address, technique.endpoints[0]);
        let run = server.feed.since(None).cursor().unwrap().run;
        publish(&server, 2);
        let written = "%{http_code} %{num_connects} %{content_type}";
        let next = format!("{url}?after={run}-3");
        let mut client = curl(&[&format!("{url}?after={run}-1"), "-w", written]);
        let line = client.line();
        let (samples, rest) = line.split_at(line.rfind(']').unwrap() + 1);
        assert_eq!(rest, "200 1 application/json");
        let expected = [(2, "2".to_owned()), (3, "3".to_owned())];
        assert_eq!(testkit::samples(samples), expected);
        assert_eq!(client.end(), Some(0));
        // Two polls without news, on one connection.
        let mut client =
            curl(&[&next, &next, "-w", "%{http_code} %{num_connects}\n"]);
        assert_eq!([client.line(), client.line()], ["204 1", "204 0"]);
        assert_eq!(client.end(), Some(0));
        server.shut_down();
    }
}

#[test]
fn curl_tells_a_stream_that_ended_from_one_that_was_cut() {
    let server = serve(http_stream::TECHNIQUE, 10);
    let proxy = Proxy::before(server.address);
    let url = format!("http://{}/stream", proxy.address);
    let mut ended = curl(&[&url]);
    assert_eq!(sample(&ended.line()).0, 1);
    publish(&server, 1);
    assert_eq!(sample(&ended.line()).0, 2);
    assert_eq!(ended.end(), Some(0), "after its lifetime");
    let mut cut = curl(&[&url]);
    assert_eq!(sample(&cut.line()).0, 2);
    proxy.cut();
    assert_eq!(cut.end(), Some(18), "CURLE_PARTIAL_FILE");
    server.shut_down();
}

#[test]
fn eventsource_resumes_by_itself() {
    let server = serve(sse::TECHNIQUE, 100);
    let proxy = Proxy::before(server.address);
    let url = format!("http://{}/api/v1/live-data", proxy.address);
    let client = Client::run("node", &["eventsource.mjs", &url]);
    let next_sample = || loop {
        let event = client.json();
        let data = event["data"].as_str().unwrap();
        match event["type"].as_str().unwrap() {
            "message" => {
                let (seq, _) = sample(data);
                assert!(event["id"].as_str().unwrap().ends_with(&format!("-{seq}")));
                return seq;
            }
            "weather" => {
                let cities: Vec<_> = data
                    .lines()
                    .map(|line| line.split_once(' ').unwrap().0)
                    .collect();
                assert_eq!(cities, ["BERLIN", "LONDON", "PARIS"]);
            }
            other => panic!("{other}: {data}"),
        }
    };
    assert_eq!(next_sample(), 1);
    for round in 0..3 {
        publish(&server, 2);
        proxy.cut();
        publish(&server, 2);
        for expected in 4 * round + 2..=4 * round + 5 {
            assert_eq!(next_sample(), expected);
        }
    }
    while client.json()["type"] != "weather" {}
    drop(client);
    server.shut_down();
}

#[test]
fn ws_converses_and_is_told_of_the_shutdown() {
    let server = serve(websocket::TECHNIQUE, 10);
    let chat = format!("ws://{}/chat", server.address);
    let next = |client: &Client| {
        let heartbeat = json!({ "text": r#"{"heartbeat":true}"# });
        std::iter::repeat_with(|| client.json())
            .find(|said| *said != heartbeat)
            .unwrap()
    };
    let text = |client: &Client| {
        let message = next(client);
        message["text"].as_str().unwrap_or_else(|| panic!("{message}")).to_owned()
    };
    let mut client = Client::run("node", &["ws.mjs", &chat, "other", "chat"]);
    assert_eq!(client.json(), json!({ "open": "chat" }));
    assert_eq!(text(&client), r#"{"welcome":{"name":"guest 1"}}"#);
    assert_eq!(sample(&text(&client)).0, 1);
    client.say(r#"{"say":"grüß"}"#);
    let said = r#"{"said":{"number":1,"name":"guest 1","text":"grüß"}}"#;
    assert_eq!(text(&client), said);

    let echo = format!("ws://{}/echo", server.address);
    let mut other = Client::run("node", &["ws.mjs", &echo]);
    assert_eq!(other.json(), json!({ "open": "" }));
    other.say("hello");
    assert_eq!(text(&other), "hello");
    other.say("binary");
    assert_eq!(other.json(), json!({ "bytes": 1 << 20, "same": true }));
    other.say("close");
    assert_eq!(other.json(), json!({ "close": 1000, "reason": "enough" }));
    assert_eq!(other.end(), Some(0));

    server.shut_down();
    let bye = json!({ "close": 1001, "reason": "the server is shutting down" });
    assert_eq!(next(&client), bye);
}

#[test]
fn ws_is_told_that_a_message_is_too_big_while_it_sends() {
    let server = serve(websocket::TECHNIQUE, 10);
    let url = format!("ws://{}/echo", server.address);
    for _ in 0..10 {
        let mut client = Client::run("node", &["ws.mjs", &url]);
        assert_eq!(client.json(), json!({ "open": "" }));
        client.say("huge");
        assert_eq!(client.json()["close"], 1009);
    }
    server.shut_down();
}

/// A script in Python, which is told where the server is.
fn python(script: &str, server: &Server) -> Client {
    let python = env::var("INTEROP_PYTHON").unwrap_or_else(|_| "python3".into());
    Client::run(&python, &[script, &server.address.to_string()])
}

#[test]
fn aioquic_opens_the_three_sessions_of_webtransport() {
    let server = serve_sessions(10);
    let mut client = python("webtransport.py", &server);
    for _ in 0..3 {
        assert_eq!(client.line(), "publish");
        publish(&server, 5);
    }
    assert_eq!(client.line(), "end");
    server.feed.close();
    assert_eq!(client.line(), "all is well");
    assert_eq!(client.end(), Some(0));
    server.shut_down();
}

#[test]
fn python_converses() {
    let server = serve(websocket::TECHNIQUE, 10);
    let mut client = python("client.py", &server);
    assert_eq!(client.line(), "all is well");
    assert_eq!(client.end(), Some(0));
    server.shut_down();
}
