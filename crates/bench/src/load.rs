//! N clients on one server, and what they and the system saw.
//!
//! ```text
//! idle server ── N connect ── memory │ server ── N connect ── for so long ── the last
//!                                    │                        └ measured ┘   catch up
//! ```
//!
//! All clients run on one thread, so that they share one tally without locks, and one
//! clock with the server.

use std::{
    cell::RefCell,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{MissedTickBehavior, interval_at, sleep, timeout},
};

use crate::{
    client::{Connection, Event, Id, Kind},
    report,
    server::{Program, Server, socket_buffers},
};

/// What is asked of every server alike.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) clients: usize,
    /// The mean time between samples.
    pub(crate) every: Duration,
    /// How long to measure.
    pub(crate) time: Duration,
    /// How often a client of short polling asks.
    pub(crate) poll: Duration,
}

/// What the demos are called among the servers.
pub(crate) const OURS: &str = "workshop";

/// A server, and how it is started for samples at a rhythm.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Who wrote it: [`OURS`] for the demos.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) program: Program,
}

impl Subject {
    /// A demo's own binary.
    pub(crate) fn demo(kind: Kind) -> io::Result<Self> {
        let flags = &["--port", "0", "--log", "off"];
        let mut program = Program::demo(kind.name())?.with(flags);
        // Samples alone, and without end, as the peers have it.
        program = match kind {
            Kind::HttpStream => program.with(&["--lifetime", "24h"]),
            Kind::Sse => program.with(&["--weather", "24h"]),
            _ => program,
        };
        Ok(Self { name: OURS, kind, program })
    }

    fn start(&self, every: Duration) -> io::Result<Server> {
        let every = format!("{}ms", every.as_millis());
        Server::start(&self.program.clone().with(&["--every", &every]))
    }
}

/// What one run came to. Times are in microseconds, sizes in bytes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    pub(crate) server: &'static str,
    pub(crate) technique: Kind,
    pub(crate) clients: usize,
    /// How long it was measured, in seconds.
    pub(crate) seconds: f64,
    pub(crate) delivered: u64,
    pub(crate) missed: u64,
    pub(crate) duplicated: u64,
    /// How many answers came, of a technique that polls.
    pub(crate) answers: u64,
    pub(crate) latency_p50: u64,
    pub(crate) latency_p90: u64,
    pub(crate) latency_p99: u64,
    pub(crate) latency_max: u64,
    pub(crate) cpu_per_sample: f64,
    pub(crate) cpu_per_answer: Option<f64>,
    /// How much of its core the server used, and the bench of its own.
    pub(crate) server_busy: f64,
    pub(crate) bench_busy: f64,
    pub(crate) memory_idle: f64,
    pub(crate) memory_after: f64,
    /// What sockets hold in the kernel, of both sides, for a connection.
    pub(crate) kernel_after: f64,
    pub(crate) up_per_sample: f64,
    pub(crate) down_per_sample: f64,
    pub(crate) payload_share: f64,
    /// Until all had an answer, in seconds.
    pub(crate) connect_seconds: f64,
    /// From the start of the process to the first byte of an answer.
    pub(crate) first_byte: u64,
}

impl Record {
    /// Whether every sample came once.
    pub(crate) fn is_whole(&self) -> bool {
        self.missed == 0 && self.duplicated == 0
    }
}

/// What all clients of a run saw together.
struct Tally {
    /// Those that had an answer.
    connected: usize,
    failed: Option<io::Error>,
    sums: Sums,
    missed: u64,
    duplicated: u64,
    /// The number of the newest sample that anybody has.
    newest: u64,
    /// What each client has.
    seen: Vec<u64>,
    measuring: bool,
    /// In microseconds.
    latency: Histogram<u64>,
}

/// What grows, and is compared between two moments.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    delivered: u64,
    answers: u64,
    up: u64,
    down: u64,
    payload: u64,
}

/// The clients of a run.
struct Crowd {
    tally: RefCell<Tally>,
    /// How many may be connecting at once: a listener's queue is not endless.
    doors: Semaphore,
}

impl Crowd {
    fn new(clients: usize) -> io::Result<Rc<Self>> {
        let latency = Histogram::new_with_bounds(1, 60_000_000, 3)
            .map_err(io::Error::other)?;
        let tally = Tally {
            connected: 0,
            failed: None,
            sums: Sums::default(),
            missed: 0,
            duplicated: 0,
            newest: 0,
            seen: vec![0; clients],
            measuring: false,
            latency,
        };
        let (tally, doors) = (RefCell::new(tally), Semaphore::new(256));
        Ok(Rc::new(Self { tally, doors }))
    }

    /// Lets all in, and waits until each has had an answer. How long that took; nothing,
    /// when it was stopped before.
    async fn enter(
        self: &Rc<Self>,
        clients: &mut JoinSet<()>,
        subject: &Subject,
        server: &Server,
        plan: &Plan,
        stop: &mut Stop,
    ) -> io::Result<Option<Duration>> {
        let start = Instant::now();
        let (kind, address) = (subject.kind, server.address);
        for number in 0..plan.clients {
            let (crowd, plan) = (self.clone(), plan.clone());
            clients.spawn_local(async move {
                if let Err(error) = crowd.client(kind, address, number, &plan).await
                {
                    crowd.tally.borrow_mut().failed.get_or_insert(error);
                }
            });
        }
        let mut told = start;
        loop {
            let connected = self.tally.borrow().connected;
            if connected == plan.clients {
                return Ok(Some(start.elapsed()));
            }
            if *stop.borrow() {
                return Ok(None);
            }
            self.check()?;
            if start.elapsed() > Duration::from_secs(60) {
                return Err(io::Error::other(format!(
                    "only {connected} of {} clients had an answer after a minute",
                    plan.clients
                )));
            }
            if told.elapsed() > Duration::from_millis(200) {
                told = Instant::now();
                report::progress(&format!(
                    "{} {kind}: {connected} of {} clients connected",
                    subject.name, plan.clients
                ));
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Whether somebody failed.
    fn check(&self) -> io::Result<()> {
        self.tally.borrow_mut().failed.take().map_or(Ok(()), Err)
    }

    async fn client(
        &self,
        kind: Kind,
        server: SocketAddr,
        number: usize,
        plan: &Plan,
    ) -> io::Result<()> {
        let mut door = Some(self.doors.acquire().await.map_err(io::Error::other)?);
        let mut connection = Connection::open(kind, server, address(number)).await?;
        connection.ask(None).await?;
        // Each asks at a moment of its own.
        let share = number as f64 / plan.clients as f64;
        let first = tokio::time::Instant::now() + plan.poll.mul_f64(share);
        let mut poll = interval_at(first, plan.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        let (mut up, mut down, mut payload) = (0, 0, 0);
        loop {
            let (mut answered, mut refused) = (false, None);
            let mut tally = None;
            let open = connection
                .read(|event| {
                    let tally = tally.get_or_insert_with(|| self.tally.borrow_mut());
                    match event {
                        Event::Sample(sample) => {
                            let now = unix_micros();
                            tally.sums.delivered += 1;
                            let seq = sample.id.seq;
                            match last.map(|last: Id| last.seq) {
                                Some(last) if seq <= last => tally.duplicated += 1,
                                Some(last) => tally.missed += seq - last - 1,
                                None => {}
                            }
                            last = Some(sample.id);
                            tally.seen[number] = seq;
                            tally.newest = tally.newest.max(seq);
                            if tally.measuring {
                                let late = now.saturating_sub(sample.at * 1000);
                                tally.latency.saturating_record(late.max(1));
                            }
                        }
                        Event::Gap { missed, id, .. } => {
                            tally.missed += missed;
                            last = Some(id);
                        }
                        Event::End => answered = true,
                        Event::Head(101 | 200 | 204) | Event::Other => {}
                        Event::Head(status) => refused = Some(status),
                    }
                })
                .await?;
            drop(tally);
            if let Some(status) = refused {
                return Err(io::Error::other(format!("the answer was {status}")));
            }
            if !open {
                return Err(io::Error::other("the server closed a connection"));
            }
            {
                let mut tally = self.tally.borrow_mut();
                if last.is_some() && door.take().is_some() {
                    tally.connected += 1;
                }
                tally.sums.answers += u64::from(answered);
                tally.sums.up += connection.up - up;
                tally.sums.down += connection.down - down;
                tally.sums.payload += connection.payload() - payload;
            }
            (up, down, payload) =
                (connection.up, connection.down, connection.payload());
            if answered {
                if !kind.polls() {
                    return Err(io::Error::other("the server ended a stream"));
                }
                if kind == Kind::ShortPoll {
                    poll.tick().await;
                }
                connection.ask(last).await?;
            }
        }
    }
}

/// Ends a run early: Ctrl-C.
pub(crate) type Stop = watch::Receiver<bool>;

/// Runs a plan on a server. Nothing, when it was stopped before there was anything to see.
///
/// # Errors
/// When the server does not start, or not everybody is served.
pub(crate) async fn measure(
    subject: &Subject,
    plan: &Plan,
    stop: &mut Stop,
) -> io::Result<Option<Record>> {
    let kind = subject.kind;
    let per_client = |bytes: u64, before: u64| {
        bytes.saturating_sub(before) as f64 / plan.clients as f64
    };

    let day = Duration::from_secs(24 * 60 * 60);
    let idle = subject.start(day)?;
    let before = idle.memory()?;
    let crowd = Crowd::new(plan.clients)?;
    let silent = Plan { poll: day, ..plan.clone() };
    let mut clients = JoinSet::new();
    let entered = crowd.enter(&mut clients, subject, &idle, &silent, stop).await?;
    let memory_idle = per_client(idle.memory()?, before);
    drop(idle);
    // What follows must not wait for them.
    clients.shutdown().await;
    if entered.is_none() {
        return Ok(None);
    }

    let server = subject.start(plan.every)?;
    let before = server.memory()?;
    let buffers = socket_buffers()?;
    let mut probe = Connection::open(kind, server.address, address(0)).await?;
    probe.ask(None).await?;
    probe.read(|_| {}).await?;
    let first_byte = server.started.elapsed().as_micros() as u64;
    drop(probe);
    let crowd = Crowd::new(plan.clients)?;
    let entered = crowd.enter(&mut clients, subject, &server, plan, stop).await?;
    let Some(connect) = entered else { return Ok(None) };

    let (cpu, own) = (server.cpu()?, own_cpu()?);
    let start = Instant::now();
    let sums = {
        let mut tally = crowd.tally.borrow_mut();
        tally.measuring = true;
        tally.sums
    };
    while start.elapsed() < plan.time && !*stop.borrow() {
        let left = plan.time.saturating_sub(start.elapsed());
        let _ = timeout(left.min(Duration::from_secs(1)), stop.changed()).await;
        crowd.check()?;
        report::progress(&format!(
            "{} {kind}: {} clients, {:.0} of {:.0} s, {} samples",
            subject.name,
            plan.clients,
            start.elapsed().as_secs_f64(),
            plan.time.as_secs_f64(),
            crowd.tally.borrow().sums.delivered - sums.delivered,
        ));
    }
    let seconds = start.elapsed().as_secs_f64();
    let cpu = server.cpu()?.saturating_sub(cpu);
    let own = own_cpu()?.saturating_sub(own);
    let memory_after = per_client(server.memory()?, before);
    let kernel_after = per_client(socket_buffers()?, buffers);
    let (newest, grown) = {
        let mut tally = crowd.tally.borrow_mut();
        tally.measuring = false;
        (tally.newest, tally.sums - sums)
    };
    if grown.delivered == 0 && *stop.borrow() {
        return Ok(None);
    }
    if grown.delivered == 0 {
        return Err(io::Error::other(format!(
            "no sample came in {seconds:.1} s: measure for longer than --every, with --for"
        )));
    }

    // What the first have had by now, the last must have soon.
    let patience = plan.poll * 2 + Duration::from_secs(3);
    let all = async {
        while crowd.tally.borrow().seen.iter().any(|seen| *seen < newest) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = timeout(patience, all).await;
    clients.shutdown().await;
    let tally = crowd.tally.borrow();
    let left = tally.seen.iter().map(|seen| newest.saturating_sub(*seen));
    let micros = cpu.as_nanos() as f64 / 1000.0;
    let samples = grown.delivered as f64;
    Ok(Some(Record {
        server: subject.name,
        technique: kind,
        clients: plan.clients,
        seconds,
        delivered: grown.delivered,
        missed: tally.missed + left.sum::<u64>(),
        duplicated: tally.duplicated,
        answers: grown.answers,
        latency_p50: tally.latency.value_at_quantile(0.5),
        latency_p90: tally.latency.value_at_quantile(0.9),
        latency_p99: tally.latency.value_at_quantile(0.99),
        latency_max: tally.latency.max(),
        cpu_per_sample: micros / samples,
        cpu_per_answer: kind.polls().then(|| micros / grown.answers.max(1) as f64),
        server_busy: cpu.as_secs_f64() / seconds,
        bench_busy: own.as_secs_f64() / seconds,
        memory_idle,
        memory_after,
        kernel_after,
        up_per_sample: grown.up as f64 / samples,
        down_per_sample: grown.down as f64 / samples,
        payload_share: grown.payload as f64 / (grown.up + grown.down).max(1) as f64,
        connect_seconds: connect.as_secs_f64(),
        first_byte,
    }))
}

impl std::ops::Sub for Sums {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            delivered: self.delivered - before.delivered,
            answers: self.answers - before.answers,
            up: self.up - before.up,
            down: self.down - before.down,
            payload: self.payload - before.payload,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where the client of a number comes from. With one address for all, its ports would
/// run out: `net.ipv4.ip_local_port_range` has 28 232 of them.
fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, 1 + (number / 20_000) as u8)
}

/// How long this thread, which is all clients, has run so far.
fn own_cpu() -> io::Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split(' ').next().and_then(|word| word.parse().ok());
    Ok(Duration::from_nanos(nanos.unwrap_or(0)))
}

/// Now, in Unix microseconds. A sample's `at` is cut to milliseconds: what it is late by
/// this clock is up to 1 ms too much, of every server alike.
fn unix_micros() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_micros() as u64)
}
