//! For tests: a technique's server on port 0, a client that speaks raw bytes, and
//! the demo's own binary as a process. Whoever waits here waits for a condition, at
//! most [`PATIENCE`] long, and fails with what it saw instead.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "for tests"
)]

#[cfg(target_os = "linux")]
mod crowd;
mod demo;
mod look;
mod proxy;
mod stopwatch;
#[cfg(target_os = "linux")]
mod vanish;
mod workshop;

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
    num::NonZeroUsize,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use actix_web::rt::System;
use feed::Feed;
use socket2::{Domain, Socket, Type};
use stage::{Pages, Routes, Technique};
use tokio::sync::oneshot;

#[cfg(target_os = "linux")]
pub use crate::{crowd::crowd, vanish::vanish};
pub use crate::{
    demo::Demo,
    look::{Nobody, look},
    proxy::Proxy,
    stopwatch::Stopwatch,
    workshop::{Live, Workshop},
};

/// How long a test waits for what must come; a machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Ends a connection with a reset (RFC 9293 §3.10.4), also when nothing is unread.
pub fn reset(stream: TcpStream) {
    let no_time = Some(Duration::ZERO);
    socket2::SockRef::from(&stream).set_linger(no_time).unwrap();
    drop(stream);
}

/// A technique's server on a free port of loopback, with a feed that nobody but the
/// test publishes to. Its first sample has the data `first`.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it serves.
    pub feed: Feed,
    shutdown: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Starts it; `keep` is the capacity of the log.
    pub fn start<R: Routes>(
        technique: Technique,
        keep: usize,
        routes: impl FnOnce(Feed) -> R + Send + 'static,
    ) -> Self {
        let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0).unwrap();
        let address = listener.local_addr().unwrap();
        let pages = Pages::find(None, technique).unwrap();
        let feed = Feed::new(NonZeroUsize::new(keep).unwrap(), "first");
        let (shutdown, stopped) = oneshot::channel();
        let served = feed.clone();
        let thread = thread::spawn(move || {
            System::new().block_on(async {
                let routes = routes(served.clone());
                let stopped = async { drop(stopped.await) };
                let server = stage::serve(listener, pages, served, routes, stopped);
                server.unwrap().await.unwrap();
            });
        });
        // The suites of the techniques pass through a lens, too: it changes nothing.
        let address = match std::env::var_os("THROUGH_LENS") {
            Some(_) => look(address, &lens::Control::default(), Nobody),
            None => address,
        };
        Self { address, feed, shutdown, thread }
    }

    /// A new connection to it.
    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// A new connection, on which `GET target` was asked for.
    pub fn get(&self, target: &str) -> Client {
        let mut client = self.connect();
        client.get(target);
        client
    }

    /// Shuts it down as SIGTERM does. Returns how long that took.
    pub fn shut_down(self) -> Duration {
        let start = Instant::now();
        self.shutdown.send(()).unwrap();
        self.thread.join().unwrap();
        start.elapsed()
    }
}

/// One TCP connection, and what came on it that no call has taken yet.
pub struct Client {
    stream: TcpStream,
    rest: Vec<u8>,
    /// Bytes that were sent on it.
    pub sent: u64,
    /// Bytes that came on it.
    pub received: u64,
}

/// The head of a response: its status line, and its fields in lower case, sorted.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Such as `HTTP/1.1 200 OK`.
    pub status: String,
    /// Such as `content-type: text/plain`.
    pub fields: Vec<String>,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        Self::connect_from(Ipv4Addr::LOCALHOST, address)
    }

    /// Connects from another address of loopback, as another device would.
    pub fn connect_from(device: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((device, 0)).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, rest: Vec::new(), sent: 0, received: 0 }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self.sent += bytes.as_ref().len() as u64;
    }

    /// Asks for `target`, with no more than HTTP/1.1 demands.
    pub fn get(&mut self, target: &str) {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    /// Says that nothing more will be sent, and goes on reading.
    pub fn half_close(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Takes the next `count` bytes.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        while self.rest.len() < count {
            if !self.fill() {
                panic!("ended after {:?}, expected {count} bytes", self.text());
            }
        }
        self.rest.drain(..count).collect()
    }

    /// Takes all up to and with `end`.
    pub fn until(&mut self, end: &str) -> String {
        loop {
            let window = self.rest.windows(end.len());
            if let Some(at) = window.into_iter().position(|w| w == end.as_bytes()) {
                return String::from_utf8(self.take(at + end.len())).unwrap();
            }
            if !self.fill() {
                panic!("ended after {:?}, expected {end:?}", self.text());
            }
        }
    }

    /// Takes the head of a response.
    pub fn head(&mut self) -> Head {
        Head::parse(&self.until("\r\n\r\n"))
    }

    /// Asks for `target` of a server that may have refused the connection.
    pub fn ask(&mut self, target: &str) {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let _ = self.stream.write_all(request.as_bytes());
    }

    /// Asks for `target` of a server that may not be there. The head of its response,
    /// if it is.
    pub fn try_get(&mut self, target: &str) -> Option<Head> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.write_all(request.as_bytes()).ok()?;
        while !self.rest.windows(4).any(|window| window == b"\r\n\r\n") {
            if !self.fill() {
                return None;
            }
        }
        Some(self.head())
    }

    /// Takes a response whose length the head tells, or that has no content.
    pub fn response(&mut self) -> (Head, String) {
        let head = self.head();
        let length = head.field("content-length").map_or(0, |n| n.parse().unwrap());
        let body = String::from_utf8(self.take(length)).unwrap();
        (head, body)
    }

    /// Takes one chunk of a body (RFC 9112 §7.1), checked to the byte; the last one
    /// is empty.
    pub fn chunk(&mut self) -> String {
        let size = self.until("\r\n");
        let hex = size.trim_end();
        let length = usize::from_str_radix(hex, 16).unwrap();
        assert_eq!(hex, format!("{length:X}"), "a size without padding");
        let data = String::from_utf8(self.take(length)).unwrap();
        assert_eq!(self.until("\r\n"), "\r\n", "after the data of a chunk");
        data
    }

    /// Takes a frame of a WebSocket server (RFC 6455 §5.2), which is never masked: its
    /// first byte, and its payload.
    pub fn frame(&mut self) -> (u8, Vec<u8>) {
        let head = self.take(2);
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.take(2).try_into().unwrap())),
            127 => u64::from_be_bytes(self.take(8).try_into().unwrap()),
            length => u64::from(length),
        };
        assert!(length <= 1 << 20, "{head:?} declares {length} bytes, or is masked");
        (head[0], self.take(length as usize))
    }

    /// Waits for the end of the connection. What came before it.
    pub fn end(&mut self) -> String {
        while self.fill() {}
        let rest = std::mem::take(&mut self.rest);
        String::from_utf8_lossy(&rest).into_owned()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.rest).into_owned()
    }

    /// Reads more, if the peer did not end.
    fn fill(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.rest.extend_from_slice(&bytes[..count]);
                self.received += count as u64;
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error} after {:?}", self.text()),
        }
    }
}

/// A frame as a WebSocket client sends it: masked.
pub fn masked(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut frame = header(first, payload.len() as u64);
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    frame.extend(mask);
    frame.extend(
        payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask),
    );
    frame
}

/// The first bytes of a masked frame, up to its length.
pub fn header(first: u8, length: u64) -> Vec<u8> {
    let mut frame = vec![first];
    match length {
        0..=125 => frame.push(0x80 | length as u8),
        126..=65535 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend(length.to_be_bytes());
        }
    }
    frame
}

impl Head {
    fn parse(head: &str) -> Self {
        let (status, fields) = head.trim_end().split_once("\r\n").unwrap();
        let mut fields: Vec<_> = fields
            .split("\r\n")
            .map(|field| {
                let (name, value) = field.split_once(": ").unwrap();
                format!("{}: {value}", name.to_lowercase())
            })
            .collect();
        fields.sort();
        Self { status: status.into(), fields }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.fields.iter().find_map(|field| field.strip_prefix(&prefix))
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.status.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The head without the values that differ each time, as in [`documented`].
    pub fn normal(mut self) -> Self {
        for field in &mut self.fields {
            if field.starts_with("date: ") || field.starts_with("content-length: ") {
                field.truncate(field.find(' ').unwrap());
            }
        }
        self
    }
}

/// The head that the `//!` of a technique's source shows for a status, without the
/// values that differ each time.
pub fn documented(technique: Technique, status: &str) -> Head {
    let head = technique
        .source
        .lines()
        .map(|line| line.trim_start_matches("//! ").trim_start_matches("//!"))
        .skip_while(|line| *line != status)
        .take_while(|line| !line.is_empty() && *line != "```")
        .collect::<Vec<_>>();
    assert!(!head.is_empty(), "{} does not show {status}", technique.name);
    Head::parse(&format!("{}\r\n\r\n", head.join("\r\n"))).normal()
}

/// The number and the data (as JSON has it) of each sample in `[sample,…]`.
pub fn samples(array: &str) -> Vec<(u64, String)> {
    let array = array.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let each = array.split_inclusive('}').map(|s| s.trim_start_matches(','));
    each.map(sample).collect()
}

/// The number and the data (as JSON has it) of a sample, checked to the byte.
pub fn sample(json: &str) -> (u64, String) {
    let (id, rest) = between(json, r#"{"id":""#, r#"","seq":"#);
    let (seq, rest) = between(rest, "", r#","at":"#);
    let (at, rest) = between(rest, "", r#","data":""#);
    let (data, rest) = between(rest, "", r#""}"#);
    assert_eq!((id.split_once('-').unwrap().1, rest), (seq, ""));
    assert!(at.parse::<u64>().unwrap() > 1_700_000_000_000, "Unix milliseconds");
    (seq.parse().unwrap(), data.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> (&'a str, &'a str) {
    let text = text.strip_prefix(before).unwrap_or_else(|| panic!("{text}"));
    text.split_once(after).unwrap_or_else(|| panic!("{text}"))
}

/// Two clients follow the server, and one never reads. Publishes until that one is gone,
/// within ten seconds, while `read` gives the numbers that the other one is sent: each
/// sample once, as it comes.
pub fn outlive_a_stuck_reader(server: &Server, mut read: impl FnMut() -> Vec<u64>) {
    wait_until("both follow", || server.feed.followers() == 2);
    let data = "x".repeat(10_000);
    let mut expected = 2;
    let mut watch = Stopwatch::start(Duration::from_millis(50));
    wait_until("the stuck one is gone", || {
        watch.look();
        server.feed.publish(&data);
        assert_eq!(read(), [expected]);
        expected += 1;
        server.feed.followers() == 1
    });
    assert!(watch.look() < Duration::from_secs(10), "{:?}", watch.look());
}

/// Waits until `condition` holds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?}, but not {what}");
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// What `read` returns, in a thread of its own, so that a test can do something
/// else until then.
pub fn meanwhile<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(read()));
    receiver
}
