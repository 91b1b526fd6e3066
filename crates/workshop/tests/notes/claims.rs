//! What the notes claim, held against where it is from: a server that runs, a source,
//! or arithmetic.

use std::{
    fs, thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::http::header::HttpDate;
use feed::Random;
use testkit::handshake;

use crate::{commands, notes, nothing, read, root, wire_blocks};

const CLOSE: u8 = 0x88;

/// A file of the project.
fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A chapter, such as `07-sse`, with its line breaks.
fn chapter(name: &str) -> String {
    file(&format!("workshop-notes/{name}.md"))
}

/// The number between two texts.
fn number<T: std::str::FromStr>(text: &str, before: &str, after: &str) -> T {
    let found = text.match_indices(before).find_map(|(at, _)| {
        text[at + before.len()..].split_once(after)?.0.parse().ok()
    });
    found.unwrap_or_else(|| panic!("no number between {before:?} and {after:?}"))
}

#[test]
fn a_poll_in_vain_costs_what_the_notes_say() {
    let text = chapter("04-short-poll");
    let up: i64 = number(&text, "empty poll is some ", " bytes up");
    let down: i64 = number(&text, "bytes up and ", " down");
    let command = "curl -so /dev/null -w '%{size_request}";
    let at = text.find(command).unwrap();
    let (command, _) = text[at..].split_once('`').unwrap();
    let (server, usual) = wire_blocks::serve("short-poll");
    let ports = [(usual, server.address.port())];
    let output = commands::shell(command, &ports);
    let printed = String::from_utf8(output.stdout).unwrap();
    let is_up: i64 = number(&printed, "", " up");
    let is_down: i64 = number(&printed, " up, ", " down");
    // Curl's version and the digits of port and cursor are in the question.
    assert!((is_up - up).abs() < 5, "{printed} is not {up} up");
    assert_eq!(is_down, down, "{printed}");
    server.shut_down();
}

#[test]
fn a_connection_is_listed_once() {
    let text = chapter("03-connection");
    let command = text.lines().find(|line| line.starts_with("`ss ")).unwrap();
    let (server, usual) = wire_blocks::serve("sse");
    let _client = server.get("/api/v1/live-data");
    let ports = [(usual, server.address.port())];
    let output = commands::shell(command.trim_matches('`'), &ports);
    let printed = String::from_utf8(output.stdout).unwrap();
    let listed = printed.lines().filter(|line| !line.starts_with("State "));
    assert_eq!(listed.count(), 1, "{printed}");
}

#[test]
fn the_server_closes_as_the_notes_quote_it() {
    let (server, _) = wire_blocks::serve("websocket");
    let mut client = server.connect();
    client.send(handshake("/chat", ""));
    assert_eq!(client.head().code(), 101);
    let ending = thread::spawn(|| server.shut_down());
    let payload = loop {
        let (first, payload) = client.frame();
        if first == CLOSE {
            break payload;
        }
    };
    drop(client);
    ending.join().unwrap();
    let code = u16::from_be_bytes([payload[0], payload[1]]);
    let reason = String::from_utf8_lossy(&payload[2..]);
    let quoted = format!("code {code}, \"{reason}\", for everyone");
    assert!(chapter("08-websocket").contains(&quoted), "{quoted}");
}

#[test]
fn a_long_poll_asks_once_for_each_sample() {
    let text = chapter("05-long-poll");
    let rounds = 2000;
    for (mean, time, before, after) in [
        (200, 10, "--every 200ms`: ", " requests in 10 s"),
        (2000, 20, "With `--every 2s`: ", " in 20 s"),
    ] {
        let mut samples = 0;
        for seed in 0..rounds {
            let mut random = Random::new(Some(seed));
            let mut left = Duration::from_secs(time);
            while let Some(rest) =
                left.checked_sub(random.pause(Duration::from_millis(mean)))
            {
                left = rest;
                samples += 1;
            }
        }
        // The first question is answered at once, with the newest.
        let is = 1 + (samples + rounds / 2) / rounds;
        assert_eq!(number::<u64>(&text, before, after), is, "{before}");
    }
}

/// A client that waits so long after each answer, with a way of so many ms: the mean and
/// the worst delay of a sample.
fn short_poll(interval: u32, way: u32) -> (u32, u32) {
    let period = interval + 2 * way;
    // Each ms in which a sample may be published, between two questions at the server.
    let delays = (0..period).map(|published| period - published + way);
    (delays.clone().sum::<u32>() / period, delays.max().unwrap())
}

#[test]
fn the_delays_of_a_short_poll_are_those_of_the_table() {
    let (interval, way) = (1000, 300);
    let (mean, worst) = short_poll(interval, way);
    let text = chapter("09-choosing");
    let words = ["no", "one", "two", "three"];
    let mean = words[((mean - interval / 2) / way) as usize];
    let row = format!("| usual delay | half the interval + {mean} one-way delays |");
    assert!(text.contains(&row), "{row}");
    let worst = words[((worst - interval) / way) as usize];
    let row =
        format!("| worst, without a proxy | interval + {worst} one-way delays |");
    assert!(text.contains(&row), "{row}");
}

#[test]
fn what_was_measured_is_the_same_everywhere() {
    let measurements = file("workshop-notes/measurements.md");
    let idle: f64 = number(&measurements, "10 000 idle clients took ", " KB each");
    let websocket: f64 = number(&measurements, "KB each (WebSocket ", ")");
    let scaling = format!(
        "{:.0} MB for SSE, {:.0} MB for WebSocket",
        idle * 10.,
        websocket * 10.
    );
    assert!(chapter("11-scaling").contains(&scaling), "{scaling}");

    let poll = chapter("04-short-poll");
    let up: u32 = number(&poll, "Chromium sends ", " bytes to ask");
    let down: u32 = number(&poll, "a small server answers with ", " bytes of head");
    let heads = format!("some {} ", (up + down) / 100 * 100);
    assert!(chapter("09-choosing").contains(&format!("{heads}of heads")), "{heads}");
    let desk = file("static/workshop/presenter/expect.js");
    assert!(desk.contains(&format!("{heads}bytes of heads")), "{heads}");
    let whole: u32 = number(&poll, "that is ", " bytes");
    assert_eq!(whole, up + down + 20);

    let all = [
        "short polling",
        "long polling",
        "HTTP streaming",
        "server-sent events",
        "WebSocket",
    ];
    let memory = all.map(|technique| {
        let row = measured(MEMORY, technique);
        format!("{:.0} KB", row[0].0)
    });
    let row = format!("| memory a client, here | {} |", memory.join(" | "));
    assert!(chapter("09-choosing").contains(&row), "{row}");
    let held = format!("[{}](measurements.md", memory[1]);
    assert!(chapter("05-long-poll").contains(&held), "{held}");

    // IPv4 has 20 bytes of head, TCP 20, and 12 with time-stamps; behind them the
    // frame, or the event in its chunk.
    let (frame, event) = (22 + 20 + 20, 34 + 20 + 20);
    let choosing = chapter("09-choosing");
    for text in [&choosing, &chapter("08-websocket")] {
        let said =
            text.lines().find(|line| line.contains(&format!(" {}", frame + 12)));
        let said = said.unwrap();
        assert!(said.contains(&format!(" {}", event + 12)), "{said}");
        assert!(said.contains("IPv4 and TCP"), "its condition: {said}");
    }
    assert!(choosing.contains(&format!("Without time-stamps {frame} and {event}")));

    // RFC 8188 §2.1: a head of 86 bytes with the key; a tag of 16 and a delimiter.
    let push = format!("| size | {} bytes before encryption", 4096 - 86 - 16 - 1);
    assert!(chapter("14-push").contains(&push), "{push}");
}

/// Titles of the measurements' tables.
const CPU: &str = "1000 clients: server CPU a delivered sample";
const MEMORY: &str = "1000 clients: memory of the server a client";

/// A row of the first of the measurements' tables with this title: the number in each cell,
/// and the ratio to the floor in brackets.
fn measured(title: &str, row: &str) -> Vec<(f64, Option<f64>)> {
    let text = file("workshop-notes/measurements.md");
    let (_, table) = text.split_once(&format!("\n| {title}")).unwrap();
    let cells =
        table.lines().find_map(|line| line.strip_prefix(&format!("| {row} |")));
    let cells =
        cells.unwrap().split('|').map(str::trim).filter(|cell| !cell.is_empty());
    let parse = |cell: &str| match cell.split_once(" (") {
        Some((number, ratio)) => {
            (number.parse().unwrap(), ratio.trim_end_matches(')').parse().ok())
        }
        None => (cell.parse().unwrap(), None),
    };
    cells.map(parse).collect()
}

#[test]
fn the_readme_says_what_was_measured() {
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = words(file("README.md"));
    let says = |expected: String| {
        assert!(readme.contains(&expected), "README.md: {expected}");
    };
    let streams = ["HTTP streaming", "server-sent events", "WebSocket"];
    let cpu = streams.map(|stream| measured(CPU, stream));
    let floor = cpu.iter().map(|row| row[0].1.unwrap());
    let [least, most] = [floor.clone().reduce(f64::min), floor.reduce(f64::max)];
    let floor =
        format!("{:.1} to {:.1} times the CPU", least.unwrap(), most.unwrap());
    says(format!("SSE and WebSocket use {floor} of a bare loop"));
    // In the order of the columns: ours, axum's, Node's.
    let [http, sse, websocket] = cpu.map(|row| {
        let times = |other: usize| row[0].0 / row[other].0;
        (times(1), times(2))
    });
    let (axum, node) = ((http.0, sse.0), (http.1, sse.1));
    says(format!("use {:.2} and {:.2} times the CPU of axum", axum.0, axum.1));
    says(format!("and {:.1} and {:.1} times that of Node", node.0, node.1));
    says(format!("WebSocket {:.2} times that of axum", websocket.0));
    says(format!("and {:.2} times that of Node.", websocket.1));
    let memory = streams.map(|stream| measured(MEMORY, stream)[0].0.round());
    let [least, most] =
        [memory.into_iter().reduce(f64::min), memory.into_iter().reduce(f64::max)];
    says(format!("{} to {} KB of memory a client", least.unwrap(), most.unwrap()));
    let measurements = words(file("workshop-notes/measurements.md"));
    let from: f64 = number(&measurements, "A delivered sample costs ", " to ");
    let to: f64 = number(
        &measurements,
        &format!("A delivered sample costs {from} to "),
        " times",
    );
    says(format!("a delivered sample costs {from} to {to} times as much"));
}

#[test]
fn the_card_counts_as_many_as_the_notes_say() {
    let said: u32 =
        number(&chapter("04-short-poll"), "wait until ", " responses were empty");
    let card = file("static/workshop/lib/experiments.js");
    assert_eq!(said, number::<u32>(&card, "Count until ", " responses were empty"));
    let observer = file("static/workshop/lib/observers-cost.js");
    assert_eq!(said, number::<u32>(&observer, "of ", " empty responses"));
    assert_eq!(said, number::<u32>(&observer, "grown('empty') < ", ")"));
}

/// What a line `date: Sat, 21 Nov 2026 11:17:26 GMT` says, in seconds since 1970.
fn seconds(line: &str) -> Option<u64> {
    let date: HttpDate = line.split_once("date: ")?.1.parse().ok()?;
    let since = SystemTime::from(date).duration_since(UNIX_EPOCH);
    Some(since.ok()?.as_secs())
}

#[test]
fn a_sample_and_its_date_are_of_the_same_second() {
    let mut texts: Vec<_> = notes().into_iter().map(|n| (n.name, n.text)).collect();
    for technique in ["short-poll", "long-poll", "http-stream", "sse", "websocket"] {
        let path = format!("crates/{technique}/src/lib.rs");
        texts.push((path.clone(), file(&path)));
    }
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, text) in texts {
        let mut dated = None;
        for line in text.lines() {
            if line.ends_with("```") {
                dated = None;
            }
            dated = seconds(line).or(dated);
            let (Some(date), Some((_, at))) = (dated, line.split_once("\"at\":"))
            else {
                continue;
            };
            let at: u64 = at.split(',').next().unwrap().parse().unwrap();
            seen += 1;
            if at / 1000 != date {
                wrong.push(format!(
                    "{name}: {line} is not of the second of its date"
                ));
            }
            dated = None; // the others are later
        }
    }
    assert!(seen >= 8, "five transcripts and the blocks, not {seen}");
    nothing(&wrong);
}

#[test]
fn nothing_that_the_notes_run_needs_the_ports_of_the_hub() {
    let mut wrong = Vec::new();
    for note in notes() {
        for section in note.sections() {
            let codes: Vec<_> =
                section.blocks.iter().flat_map(|block| &block.code).collect();
            let has = |part: &str| codes.iter().any(|code| code.contains(part));
            let texts = section.blocks.iter().map(|block| &*block.text);
            let mac = texts.clone().any(|text| text.contains("macOS"));
            for code in &codes {
                let demo = code.starts_with("cargo run -p ")
                    && ![
                        "--port",
                        "--example",
                        "-p lens",
                        "-p blog",
                        "-p fallback",
                        "-p mqtt",
                        "-p push",
                        "-p webrtc",
                        "-p webtransport",
                    ]
                    .iter()
                    .any(|p| code.contains(p));
                if demo {
                    wrong.push(format!(
                        "{}: {code}: the hub has its port",
                        note.name
                    ));
                }
                if code.contains("--example") && !code.contains("-p ") {
                    wrong.push(format!(
                        "{}: {code}: cargo builds for tests as well",
                        note.name
                    ));
                }
                let linux = code.starts_with("ss ")
                    || code.contains("/proc/")
                    || code.contains("base64 -w");
                if linux && !mac {
                    wrong.push(format!("{}: {code}: and on macOS?", note.name));
                }
                let measures = ["-p bench", "-p chaos"];
                let measures = measures.iter().any(|part| code.contains(part));
                if measures && !has("cargo build --release") {
                    wrong.push(format!(
                        "{}: {code}: it measures what was built",
                        note.name
                    ));
                }
            }
        }
    }
    let readme = read(&root().join("README.md"));
    for block in readme.sections().iter().flat_map(|section| &section.blocks) {
        for code in block.code.iter().filter(|code| code.contains("--example")) {
            if !code.contains("-p ") {
                wrong.push(format!(
                    "README.md: {code}: cargo builds for tests as well"
                ));
            }
        }
    }
    nothing(&wrong);
}
