//! What a server really sends: `short-poll GET /short-polling?after=NEWEST every=1h`.
//! The words behind the target are told in `workshop-notes/README.md`.

use std::{thread, time::Duration};

use clap::{Args, Command};
use feed::{Feed, Random};
use stage::Technique;
use testkit::{Client, Server, header, wait_until};
use tokio::runtime::Builder;

use crate::{mqtt_block::mqtt_packets, pushed};

const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const CLOSE: u8 = 0x88;

/// At most this many lines fit on a slide.
const LINES: usize = 14;

/// How many characters of a packet, in one line of a slide.
const PACKET_WIDTH: usize = 70;

/// A comment, taken apart.
pub(crate) struct Spec<'a> {
    technique: &'a str,
    method: &'a str,
    pub(crate) target: &'a str,
    /// More fields of the request.
    fields: Vec<(&'a str, &'a str)>,
    /// The demo's flags, as words.
    flags: Vec<String>,
    every: Option<Duration>,
    /// Which part is shown.
    pub(crate) part: &'a str,
    lines: usize,
}

impl<'a> Spec<'a> {
    pub(crate) fn read(spec: &'a str) -> Self {
        let mut words = spec.split(' ');
        let mut next =
            || words.next().unwrap_or_else(|| panic!("{spec}: too short"));
        let (technique, method, target) = (next(), next(), next());
        let mut read = Self {
            technique,
            method,
            target,
            fields: vec![],
            flags: vec![],
            every: None,
            part: "whole",
            lines: LINES,
        };
        while let Some(word) = words.next() {
            if let Some(name) = word.strip_suffix(':') {
                read.fields.push((name, words.next().unwrap()));
                continue;
            }
            match word.split_once('=') {
                Some(("lines", count)) => read.lines = count.parse().unwrap(),
                Some(("every", time)) => read.every = stage::duration(time).ok(),
                Some((flag, value)) => {
                    read.flags.extend([format!("--{flag}"), value.to_owned()]);
                }
                None => read.part = word,
            }
        }
        read
    }

    /// The demo's own flags, read as the demo reads them.
    fn timings<T: Args>(&self) -> T {
        let command = T::augment_args(Command::new("demo").no_binary_name(true));
        T::from_arg_matches(&command.get_matches_from(&self.flags)).unwrap()
    }

    fn demo(&self) -> Technique {
        match self.technique {
            "short-poll" => short_poll::TECHNIQUE,
            "long-poll" => long_poll::TECHNIQUE,
            "http-stream" => http_stream::TECHNIQUE,
            "sse" => sse::TECHNIQUE,
            "websocket" => websocket::TECHNIQUE,
            "fallback" => fallback::TECHNIQUE,
            "mqtt" => mqtt::TECHNIQUE,
            "push" => push::TECHNIQUE,
            other => panic!("there is no demo {other}"),
        }
    }

    /// The port that it usually has.
    pub(crate) fn port(&self) -> u16 {
        self.demo().port
    }

    pub(crate) fn serve(&self) -> (Server, u16) {
        let keep = 1000;
        let technique = self.demo();
        let server = match self.technique {
            "short-poll" => {
                let timings = self.timings();
                Server::start(technique, keep, |f| short_poll::routes(f, timings))
            }
            "long-poll" => {
                let timings = self.timings();
                Server::start(technique, keep, |f| long_poll::routes(f, timings))
            }
            "http-stream" => {
                let timings = self.timings();
                Server::start(technique, keep, |f| http_stream::routes(f, timings))
            }
            "sse" => {
                let timings = self.timings();
                Server::start(technique, keep, |f| sse::routes(f, timings))
            }
            "fallback" => {
                let timings = self.timings();
                Server::start(technique, keep, |f| fallback::routes(f, timings))
            }
            "mqtt" => {
                let timings = self.timings();
                Server::start(technique, keep, |f| mqtt::routes(f, timings))
            }
            _ => {
                let timings = self.timings();
                Server::start(technique, keep, |f| websocket::routes(f, timings))
            }
        };
        let polls = self.technique.ends_with("poll");
        let every = Duration::from_millis(if polls { 3_600_000 } else { 700 });
        publish(&server.feed, self.every.unwrap_or(every));
        (server, technique.port)
    }

    /// The lines of the request.
    pub(crate) fn request(&self, port: u16, newest: &str) -> Vec<String> {
        let host = format!("localhost:{port}");
        let target = self.target.replace("NEWEST", newest);
        let mut lines = vec![
            format!("{} {target} HTTP/1.1", self.method),
            format!("Host: {host}"),
        ];
        let mut field =
            |name: &str, value: &str| lines.push(format!("{name}: {value}"));
        let subprotocol = match self.technique {
            "websocket" => Some("chat"),
            "mqtt" => Some("mqtt"),
            _ => None,
        };
        if let Some(subprotocol) = subprotocol {
            field("Upgrade", "websocket");
            field("Connection", "Upgrade");
            field("Sec-WebSocket-Version", "13");
            field("Sec-WebSocket-Key", "x3JJHMbDL1EzLkh9GBhXDw==");
            field("Sec-WebSocket-Protocol", subprotocol);
            if !self.fields.iter().any(|(name, _)| *name == "Origin") {
                field("Origin", &format!("http://{host}"));
            }
        }
        if self.technique == "sse" {
            field("Accept", "text/event-stream");
        }
        for (name, value) in &self.fields {
            field(name, &value.replace("NEWEST", newest));
        }
        lines
    }
}

/// Publishes as the demos do, from now on.
fn publish(feed: &Feed, every: Duration) {
    let mut random = Random::new(None);
    feed.publish(&random.data());
    let feed = feed.clone();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(feed.publish_at_random(every, random));
    });
}

/// A demo as it is without flags, and the port that it usually has.
pub(crate) fn serve(technique: &str) -> (Server, u16) {
    Spec::read(&format!("{technique} GET /")).serve()
}

/// The lines of the block that belongs to a comment.
pub(crate) fn answer(spec: &str) -> Vec<String> {
    let spec = Spec::read(spec);
    if spec.part == "pushed" {
        return pushed::block();
    }
    let (server, port) = spec.serve();
    let newest = server.feed.since(None).cursor().unwrap();
    if spec.fields.iter().any(|(_, value)| value.contains("NEWEST")) {
        // Whoever comes back has missed something.
        wait_until("two more", || {
            server.feed.since(None).cursor().unwrap().seq >= newest.seq + 2
        });
    }
    let request = spec.request(port, &newest.to_string());
    let mut client = server.connect();
    client.send(request.join("\r\n") + "\r\n\r\n");
    let head = client.head();
    let chunked = head.field("transfer-encoding") == Some("chunked");
    let length = head.field("content-length").map_or(0, |n| n.parse().unwrap());
    let mut response = vec![head.status];
    response.extend(head.fields);
    let both = [request.clone(), vec![String::new()], response.clone()].concat();
    let block = match spec.part {
        "request" => request,
        "response" => response,
        "head" => both,
        "plain" => plain(&mut client, spec.lines),
        "tail" => {
            let all = raw(&mut client, usize::MAX);
            all[all.len() - spec.lines..].to_vec()
        }
        "frames" => frames(&mut client),
        "packets" => mqtt_packets(&mut client),
        "polls" => polls(&mut client, spec.target, length),
        "whole" => {
            let mut whole = both;
            if chunked {
                whole.push(String::new());
                whole.extend(raw(
                    &mut client,
                    spec.lines.saturating_sub(whole.len()),
                ));
            } else if length > 0 {
                whole.push(String::new());
                let body = String::from_utf8(client.take(length)).unwrap();
                whole.extend(body.lines().map(str::to_owned));
            }
            whole
        }
        other => panic!("{other} is no part"),
    };
    drop(client);
    server.shut_down();
    block
}

/// The lines of a body with its chunk sizes, up to the last chunk or so many.
fn raw(client: &mut Client, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.len() < most && !lines.ends_with(&["0".to_owned(), String::new()]) {
        lines.push(client.until("\n").trim_end().to_owned());
    }
    lines
}

/// So many lines of a body without its chunk sizes.
fn plain(client: &mut Client, count: usize) -> Vec<String> {
    let mut text = String::new();
    while text.lines().count() < count {
        text += &client.chunk();
    }
    text.lines().take(count).map(str::to_owned).collect()
}

/// A session of long polling, behind the head of its first answer: each request, and the
/// packets that came.
fn polls(client: &mut Client, path: &str, length: usize) -> Vec<String> {
    let opened = String::from_utf8(client.take(length)).unwrap();
    let sid = opened.split('"').nth(3).unwrap();
    let mut lines = vec![format!("► GET {path}")];
    lines.extend(packets(&opened));
    for said in ["40", "", "", r#"420["say","hello"]"#, ""] {
        let method = if said.is_empty() { "GET" } else { "POST" };
        client.send(format!(
            "{method} {path}&sid={sid} HTTP/1.1\r\nHost: localhost\r\n\
             Content-Length: {}\r\n\r\n{said}",
            said.len()
        ));
        let length = client.head().field("content-length").unwrap().parse();
        let body = String::from_utf8(client.take(length.unwrap())).unwrap();
        lines.push(format!("► {method} …&sid=…  {said}").trim_end().to_owned());
        lines.extend(packets(&body));
    }
    lines
}

/// A packet begins a line, and is broken behind a comma.
fn packets(body: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, packet) in body.split('\x1e').enumerate() {
        let mut line = if number == 0 { "◄ " } else { "  " }.to_owned();
        for part in packet.split_inclusive(',') {
            if line.chars().count() + part.len() > PACKET_WIDTH {
                lines.push(std::mem::replace(&mut line, "    ".to_owned()));
            }
            line += part;
        }
        lines.push(line);
    }
    lines
}

/// A short talk: what came, something said, what came then, and a Close.
fn frames(client: &mut Client) -> Vec<String> {
    let mut talk = Talk { client, lines: Vec::new() };
    talk.receive(2); // the welcome and the newest sample
    // A client draws a mask for each frame. These were drawn once.
    talk.send(TEXT, [0x37, 0xfa, 0x21, 0x3d], br#"{"say":"hello"}"#);
    talk.receive(3); // what was said, and a heartbeat: a ping, a message
    talk.send(PONG, [0xee, 0x1c, 0x2e, 0x8b], b"");
    talk.send(CLOSE, [0x1d, 0xa0, 0x61, 0x95], &1000_u16.to_be_bytes());
    talk.receive(1);
    talk.lines
}

struct Talk<'a> {
    client: &'a mut Client,
    lines: Vec<String>,
}

impl Talk<'_> {
    fn receive(&mut self, count: usize) {
        for _ in 0..count {
            let (first, payload) = self.client.frame();
            let length = u8::try_from(payload.len()).unwrap();
            self.lines.push(line('◄', &[first, length], first, &payload));
        }
    }

    fn send(&mut self, first: u8, mask: [u8; 4], payload: &[u8]) {
        let head = [header(first, payload.len() as u64), mask.to_vec()].concat();
        self.lines.push(line('►', &head, first, payload));
        let bytes = payload.iter().zip(mask.iter().cycle());
        let masked = bytes.map(|(byte, mask)| byte ^ mask).collect();
        self.client.send([head, masked].concat());
    }
}

fn line(arrow: char, header: &[u8], first: u8, payload: &[u8]) -> String {
    let hex: Vec<_> = header.iter().map(|byte| format!("{byte:02x}")).collect();
    let what = match first {
        PING => "ping".into(),
        PONG => "pong".into(),
        CLOSE => format!("close {}", u16::from_be_bytes([payload[0], payload[1]])),
        _ => String::from_utf8_lossy(payload).into_owned(),
    };
    format!("{arrow} {:<18} {what}", hex.join(" "))
}
