//! A room of phones that use the applications at once, whose connections are cut, and whose
//! server restarts. What an application promises holds: nothing is lost, nothing doubled.
//!
//! For longer than some seconds: `GALLERY_SECONDS=300 cargo test -p gallery --test room`.
#![cfg(target_os = "linux")] // each phone has an address of loopback
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::print_stdout, reason = "what a longer run has seen")]

mod answer;
mod chat;
mod link;
mod log;
mod mail;
mod news;
mod socket;
mod weather;
mod whiteboard;

use std::{
    collections::BTreeMap,
    env,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use testkit::{Process, Server, Signal, free_ports};
use websocket::{TECHNIQUE, Timings, routes};

const PHONES: u8 = 50;
/// What a phone may take after the time is over: the last cut, and a full answer.
const GRACE: Duration = Duration::from_secs(10);

/// One phone of the room.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) number: u8,
    pub(crate) server: SocketAddr,
    /// Of the chat, which is the technique's own.
    pub(crate) chat: SocketAddr,
    /// When it is put away.
    pub(crate) end: Instant,
}

impl Phone {
    /// Its address: devices are told apart.
    pub(crate) fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(127, 0, 9, self.number + 1)
    }

    pub(crate) fn is_on(&self) -> bool {
        Instant::now() < self.end
    }

    /// When its connection is cut next: at another time for each phone.
    pub(crate) fn next_cut(&self) -> Instant {
        let millis = 400 + 37 * u64::from(self.number) % 1100;
        Instant::now() + Duration::from_millis(millis)
    }
}

/// What a phone saw, in the end.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What came, each counted once.
    pub(crate) received: u64,
    /// What it was told to have missed.
    pub(crate) missed: u64,
    /// Connections after the first.
    pub(crate) returns: u64,
    pub(crate) restarts: u64,
}

/// What a phone does until it is put away.
type Use = fn(&Phone) -> Seen;
type Running = (&'static str, u8, JoinHandle<Seen>);

fn serve(port: u16) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gallery"));
    command.args(["--port", &port.to_string(), "--log", "debug"]);
    command.args(["--prices", "10ms", "--words", "5ms", "--hold", "2s"]);
    Process::start(&mut command).0
}

fn serve_chat(port: u16) -> Server {
    let timings = Timings { heartbeat: Duration::from_millis(500) };
    Server::start_on(port, TECHNIQUE, 10, |feed| routes(feed, timings))
}

#[test]
fn a_room_of_phones_loses_nothing_through_cuts_and_a_restart() {
    let seconds =
        env::var("GALLERY_SECONDS").map_or(6, |text| text.parse().unwrap());
    let time = Duration::from_secs(seconds);
    let (port, chat_port) = (free_ports(1, 0), free_ports(1, 0));
    let (server, chat) = (serve(port), serve_chat(chat_port));
    let start = Instant::now();
    let uses: [(&str, Use); 9] = [
        ("stock", |phone| log::follow(phone, "/stock/events")),
        ("log", |phone| log::follow(phone, "/log/events?level=trace")),
        ("monitor", log::newest),
        ("answer", answer::ask),
        ("news", news::post),
        ("mail", mail::write),
        ("weather", weather::look),
        ("whiteboard", whiteboard::draw),
        ("chat", chat::talk),
    ];
    let phones = (0..PHONES).map(|number| {
        let (server, chat) = (server.address, chat.address);
        let phone = Phone { number, server, chat, end: start + time };
        let (name, act) = uses[usize::from(number) % uses.len()];
        (name, number, thread::spawn(move || act(&phone)))
    });
    let phones: Vec<Running> = phones.collect();
    wait_until_time(start + time / 2, || false);
    let (status, _) = server.signal(Signal::Terminate);
    assert!(status.success(), "{status}");
    chat.shut_down();
    let (_server, _chat) = (serve(port), serve_chat(chat_port));
    let deadline = start + time + GRACE;
    wait_until_time(deadline, || {
        phones.iter().all(|(_, _, phone)| phone.is_finished())
    });
    let mut sums = BTreeMap::<_, Seen>::new();
    for (name, number, phone) in phones {
        assert!(
            phone.is_finished(),
            "{name}, phone {number} does not come to its end"
        );
        let seen = phone.join().unwrap_or_else(|_| panic!("{name}, phone {number}"));
        assert!(seen.received > 0, "{name}, phone {number}: {seen:?}");
        assert!(seen.returns > 0, "{name}, phone {number}: {seen:?}");
        // One who asks for a new answer in that moment is not told.
        assert!(
            seen.restarts == 1 || name == "answer",
            "{name}, {number}: {seen:?}"
        );
        // The log goes on while a phone is away, and the chat keeps nothing for it.
        let is_kept = !["log", "chat"].contains(&name);
        assert!(seen.missed == 0 || !is_kept, "{name}, phone {number}: {seen:?}");
        let total = sums.entry(name).or_default();
        total.received += seen.received;
        total.missed += seen.missed;
        total.returns += seen.returns;
    }
    println!("{sums:#?}");
}

/// Waits for a condition, which may take minutes, or for a time.
fn wait_until_time(time: Instant, condition: impl Fn() -> bool) {
    while Instant::now() < time && !condition() {
        thread::park_timeout(Duration::from_millis(5));
    }
}
