//! What a lens adds to the way: `cargo run --release -p lens --example cost`.
//!
//! A client and a server on loopback, without and with a lens between them, in turns.
//! A *poll* is a request and its answer. An *event* is what a stream sends for a
//! sample; the client has it, and then the server is told to send the next one.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "whoever runs it reads it"
)]

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use lens::Control;
use testkit::{meanwhile, through_lens};

const ROUNDS: usize = 5;
const TIMES: usize = 20_000;

const QUESTION: &[u8] =
    b"GET /short-polling?after=k3f9-16 HTTP/1.1\r\nHost: localhost:3001\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 77\r\n\
    content-type: application/json\r\ncache-control: no-store\r\n\
    date: Fri, 20 Nov 2026 20:38:16 GMT\r\n\r\n\
    [{\"id\":\"k3f9-17\",\"seq\":17,\"at\":1795207096301,\"data\":\"ud8adpbt5tel0\"}]      \r\n";
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\
    content-type: text/event-stream\r\n\r\n";
const EVENT: &[u8] = b"57\r\nid: k3f9-17\n\
    data: {\"id\":\"k3f9-17\",\"seq\":17,\"at\":1795207096301,\"data\":\"ud8adpbt5tel0\"}\n\n\r\n";

fn main() {
    println!("{TIMES} of each, {ROUNDS} times in turns; medians of the rounds");
    println!("{:<22} {:>10} {:>10} {:>14}", "", "p50 µs", "p99 µs", "CPU µs each");
    for (what, server, ask) in [
        ("poll", answer as fn(TcpStream), poll as fn(SocketAddr) -> Vec<Duration>),
        ("event", stream, events),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let direct = listener.local_addr().unwrap();
        let _server = meanwhile(move || {
            for client in listener.incoming() {
                let _one = meanwhile(move || server(client.unwrap()));
            }
        });
        let through = through_lens(direct, &Control::default(), ());
        let mut rounds = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (round, address) in rounds.iter_mut().zip([direct, through]) {
                let before = cpu();
                let mut times = ask(address);
                let cpu = (cpu() - before).as_secs_f64() * 1e6 / TIMES as f64;
                times.sort();
                let at = |part: usize| times[TIMES * part / 100].as_secs_f64() * 1e6;
                round.push([at(50), at(99), cpu]);
            }
        }
        let [direct, through] =
            rounds.map(|rounds| [0, 1, 2].map(|n| median(&rounds, n)));
        let line = |name: &str, [p50, p99, cpu]: [f64; 3]| {
            println!("{what:<6} {name:<15} {p50:>10.1} {p99:>10.1} {cpu:>14.1}");
        };
        line("direct", direct);
        line("through a lens", through);
        line("it adds", [0, 1, 2].map(|n| through[n] - direct[n]));
    }
}

fn median(rounds: &[[f64; 3]], column: usize) -> f64 {
    let mut values: Vec<_> = rounds.iter().map(|round| round[column]).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What this process has used so far: client, server and lens. Linux counts it in ticks
/// of 10 ms.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split(' ').skip(12).take(2);
    Duration::from_millis(
        10 * ticks.map(|tick| tick.parse::<u64>().unwrap()).sum::<u64>(),
    )
}

fn answer(mut client: TcpStream) {
    client.set_nodelay(true).unwrap();
    while client.read_exact(&mut [0; QUESTION.len()]).is_ok() {
        client.write_all(ANSWER).unwrap();
    }
}

fn poll(address: SocketAddr) -> Vec<Duration> {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_nodelay(true).unwrap();
    (0..TIMES)
        .map(|_| {
            let start = Instant::now();
            client.write_all(QUESTION).unwrap();
            client.read_exact(&mut [0; ANSWER.len()]).unwrap();
            start.elapsed()
        })
        .collect()
}

/// Sends an event for each byte that it is told over a connection of its own.
fn stream(mut client: TcpStream) {
    client.set_nodelay(true).unwrap();
    client.read_exact(&mut [0; QUESTION.len()]).unwrap();
    client.write_all(HEAD).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    client.write_all(format!("5\r\n{port:05}\r\n").as_bytes()).unwrap();
    let (mut teller, _) = listener.accept().unwrap();
    while teller.read_exact(&mut [0]).is_ok() {
        client.write_all(EVENT).unwrap();
    }
}

fn events(address: SocketAddr) -> Vec<Duration> {
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(QUESTION).unwrap();
    client.read_exact(&mut [0; HEAD.len()]).unwrap();
    let mut port = [0; 10];
    client.read_exact(&mut port).unwrap();
    let port = std::str::from_utf8(&port[3..8]).unwrap().parse().unwrap();
    let mut teller = TcpStream::connect(("127.0.0.1", port)).unwrap();
    teller.set_nodelay(true).unwrap();
    (0..TIMES)
        .map(|_| {
            let start = Instant::now();
            teller.write_all(b".").unwrap();
            client.read_exact(&mut [0; EVENT.len()]).unwrap();
            start.elapsed()
        })
        .collect()
}
