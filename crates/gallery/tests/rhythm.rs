//! No application costs the others their rhythm: while one is used as hard as its limits
//! allow, what the others publish goes on being delivered, and none of it is missed.
//!
//! What was delivered is compared with what was published in the same time. So a slow machine
//! makes both fewer. For longer: `GALLERY_SECONDS=60 cargo test -p gallery --test rhythm`.
#![cfg(target_os = "linux")] // each device has an address of loopback
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::print_stdout, reason = "what a longer run has seen")]

use std::{
    env,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};
use testkit::{Client, Process, handshake, masked, wait_until};

const KEY: &str = "the-key";
/// Of what was published while one application was used hard, so much may be on its way when
/// that time is over: this test wants the same two cores as the server.
const LATE_LIMIT: f64 = 0.5;

/// A stream of events with consecutive ids, which a thread of its own reads.
#[derive(Clone)]
struct Reader {
    /// The number of the event that came last. Written by the thread.
    newest: Arc<AtomicU64>,
    /// How many comments came: heartbeats. Written by the thread.
    heartbeats: Arc<AtomicU64>,
    /// Why the thread ended. Written by it.
    wrong: Arc<Mutex<Option<String>>>,
}

/// Reads a stream until the server ends.
fn read(server: SocketAddr, target: &'static str) -> Reader {
    let reader = Reader {
        newest: Arc::default(),
        heartbeats: Arc::default(),
        wrong: Arc::default(),
    };
    let own = reader.clone();
    thread::spawn(move || {
        let ended = events(server, target, |text| own.count(text));
        own.wrong.lock().unwrap().replace(ended);
    });
    wait_until("the first event", || reader.newest() > 0);
    reader
}

impl Reader {
    fn newest(&self) -> u64 {
        self.newest.load(Ordering::Relaxed)
    }

    fn heartbeats(&self) -> u64 {
        self.heartbeats.load(Ordering::Relaxed)
    }

    /// Counts an event by its id. What was missed would be announced by a gap, and would
    /// leave a hole.
    fn count(&self, event: &str) -> Result<(), String> {
        if event.starts_with(':') {
            self.heartbeats.fetch_add(1, Ordering::Relaxed);
        }
        let Some(seq) = number(event) else { return Ok(()) };
        let before = self.newest.swap(seq, Ordering::Relaxed);
        match before == 0 || seq == before + 1 && !event.contains("event: gap") {
            true => Ok(()),
            false => Err(format!("{event} after {before}")),
        }
    }
}

/// The number of an event, such as 17 in `id: k3f9-17`.
fn number(event: &str) -> Option<u64> {
    let id = event.lines().find_map(|line| line.strip_prefix("id: "))?;
    id.split_once('-').unwrap().1.parse().ok()
}

/// Hands the events of a stream on, until one is wrong or the stream has ended.
fn events(
    server: SocketAddr,
    target: &str,
    mut take: impl FnMut(&str) -> Result<(), String>,
) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    // HTTP/1.0: without chunks.
    write!(stream, "GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let (mut unread, mut bytes) = (String::new(), [0; 16 << 10]);
    loop {
        let count = stream.read(&mut bytes).unwrap_or_default();
        if count == 0 {
            return "the stream ended".into();
        }
        unread += str::from_utf8(&bytes[..count]).unwrap();
        while let Some((event, rest)) = unread.split_once("\n\n") {
            if let Err(wrong) = take(event) {
                return wrong;
            }
            unread = rest.to_owned();
        }
    }
}

/// The number of what was published last: that of the snapshot of a page that comes now.
fn published(server: SocketAddr) -> u64 {
    let mut client = Client::connect(server);
    client.send("GET /stock/events HTTP/1.0\r\nHost: localhost\r\n\r\n");
    let snapshot = client.until("\nid: ");
    let id = client.until("\n");
    number(&format!("id: {id}")).unwrap_or_else(|| panic!("{snapshot}{id}"))
}

fn connect(device: u8, server: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let device = Ipv4Addr::new(127, 0, 8, device);
    socket.bind(&SocketAddr::from((device, 0)).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    socket
}

/// A hundred people who draw a message in each frame of their screens.
fn draw(server: SocketAddr, is_over: &AtomicBool) {
    let open = |number: u8| {
        let mut stream = TcpStream::from(connect(number + 1, server));
        let target = format!("/whiteboard/socket?pen=pen-{number}&next=1");
        stream.write_all(handshake(&target, "").as_bytes()).unwrap();
        // It draws when it was welcomed.
        let mut came = Vec::new();
        while !came.ends_with(b"\"acknowledged\":0}}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            came.extend(byte);
        }
        stream.set_nonblocking(true).unwrap();
        stream
    };
    let mut people: Vec<_> = (0..100).map(open).collect();
    let (mut number, mut came) = (0, 0);
    let mut bytes = [0; 64 << 10];
    while !is_over.load(Ordering::Relaxed) {
        number += 1;
        let points = "[[800,500],[803,502],[806,505],[809,507]]";
        let text = format!(r#"{{"number":{number},"stroke":1,"points":{points}}}"#);
        // A pong nobody asked for stands for those to the pings, which are not read.
        let frame = [masked(0x81, text), masked(0x8a, "")].concat();
        people.retain_mut(|person| {
            while let Ok(count @ 1..) = person.read(&mut bytes) {
                came += count;
            }
            person.write_all(&frame).is_ok()
        });
        thread::park_timeout(Duration::from_millis(16));
    }
    // On a busy machine, some may have been too late with their first pong.
    assert!(people.len() > 50, "{} of a hundred draw", people.len());
    assert!(came > 100_000, "nobody drew: {came} bytes");
}

/// Twenty readers of the log that never read, while it is written to.
fn write_log(server: SocketAddr, is_over: &AtomicBool) {
    let open = |number: u8| {
        let mut stream = TcpStream::from(connect(number + 1, server));
        let request = "GET /log/events?level=debug&text=line HTTP/1.1\r\n";
        write!(stream, "{request}Host: localhost\r\n\r\n").unwrap();
        stream
    };
    let _stuck: Vec<_> = (0..20).map(open).collect();
    while !is_over.load(Ordering::Relaxed) {
        let content = "{\"count\":2000}";
        let mut client = Client::connect(server);
        client.send(format!(
            "POST /log/lines HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{content}",
            content.len()
        ));
        assert_eq!(client.head().code(), 204);
    }
}

/// Ten devices that post, write letters and ask as fast as they can: most of it is refused.
fn post(server: SocketAddr, is_over: &AtomicBool) {
    let requests = [
        ("/news/headlines", r#"{"key":"KEY","text":"spam"}"#),
        ("/mail/letters", r#"{"key":"KEY","from":"a","to":"b","text":"spam"}"#),
        ("/answer/questions", r#"{"question":"KEY?"}"#),
    ];
    let mut refused = 0;
    for number in 0_u32.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let (path, content) = requests[number as usize % requests.len()];
        let content = content.replace("KEY", &number.to_string());
        let mut stream = TcpStream::from(connect(number as u8 % 10 + 1, server));
        write!(
            stream,
            "POST {path} HTTP/1.0\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{content}",
            content.len()
        )
        .unwrap();
        let mut status = [0; 12];
        match stream.read_exact(&mut status) {
            Ok(()) => refused += u32::from(status.ends_with(b"429")),
            Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    assert!(refused > 20, "the limits were not reached: {refused}");
}

type Load = fn(SocketAddr, &AtomicBool);

#[test]
fn no_application_costs_the_others_their_rhythm() {
    let seconds =
        env::var("GALLERY_SECONDS").map_or(1, |text| text.parse().unwrap());
    let time = Duration::from_secs(seconds);
    let server = Process::run(
        env!("CARGO_BIN_EXE_gallery"),
        &["--prices", "5ms", "--heartbeat", "400ms", "--presenter-key", KEY],
    );
    let address = server.address;
    let stocks = read(address, "/stock/events");
    let news = read(address, "/news/events");
    let loads: [(&str, Load); 3] = [
        ("a hundred draw", draw),
        ("a log nobody reads", write_log),
        ("spam", post),
    ];
    for (name, load) in loads {
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        let busy = thread::spawn(move || load(address, &over));
        // Not before it has begun.
        thread::park_timeout(Duration::from_millis(200));
        let (start, first) = (Instant::now(), published(address));
        let heartbeats = news.heartbeats();
        wait_until_over(start + time);
        let came = stocks.newest();
        let published = published(address);
        let heartbeats = news.heartbeats() - heartbeats;
        wait_until("all came, while the load goes on", || {
            stocks.newest() >= published || stocks.wrong.lock().unwrap().is_some()
        });
        is_over.store(true, Ordering::Relaxed);
        busy.join().unwrap_or_else(|_| panic!("{name}"));
        let (due, late) = (published - first, published.saturating_sub(came));
        println!("{name}: {due} changes, {late} late, {heartbeats} heartbeats");
        assert!(due > 0, "{name}: nothing was published");
        assert!(
            late as f64 <= LATE_LIMIT * due as f64,
            "{name}: {late} of {due} late"
        );
        assert!(heartbeats > 0, "{name}: no heartbeat");
        for reader in [&stocks, &news] {
            assert_eq!(*reader.wrong.lock().unwrap(), None, "{name}");
        }
    }
}

fn wait_until_over(end: Instant) {
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}
