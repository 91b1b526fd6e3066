//! The clients of a run: a task and a connection each, all on one thread.

use std::{
    cell::RefCell,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};

use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval_at, sleep},
};

use crate::{
    client::{Connection, Protocol},
    error::Error,
    interrupt::Stop,
    progress::progress,
    subject::{Plan, Subject},
    tally::{Came, Progress, Tally},
};

/// How long all clients may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// How often the terminal is told how many are connected.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// How many clients may be connecting at once: a listener's queue is not endless.
const CONNECTING_LIMIT: usize = 256;

/// The clients of a run.
pub(crate) struct Crowd {
    pub(crate) tally: RefCell<Tally>,
    permits: Semaphore,
}

impl Crowd {
    pub(crate) fn new(clients: usize) -> Result<Rc<Self>, Error> {
        let tally = RefCell::new(Tally::new(clients)?);
        Ok(Rc::new(Self { tally, permits: Semaphore::new(CONNECTING_LIMIT) }))
    }

    /// Starts all clients, at the servers in turn, and waits until each has a sample. Returns how long that took;
    /// nothing, when it was stopped before.
    pub(crate) async fn enter(
        self: &Rc<Self>,
        clients: &mut JoinSet<()>,
        subject: &Subject,
        servers: &[SocketAddr],
        plan: &Plan,
        stop: &mut Stop,
    ) -> Result<Option<Duration>, Error> {
        let start = Instant::now();
        let protocol = subject.protocol;
        let servers = servers.iter().copied().cycle();
        for (number, address) in (0..plan.clients).zip(servers) {
            let (crowd, plan) = (self.clone(), plan.clone());
            clients.spawn_local(async move {
                let followed = crowd.follow(protocol, address, number, &plan).await;
                if let Err(error) = followed {
                    crowd.tally.borrow_mut().failed.get_or_insert(error);
                }
            });
        }
        let mut shown = start;
        loop {
            let connected = self.tally.borrow().connected;
            if connected == plan.clients {
                return Ok(Some(start.elapsed()));
            }
            if *stop.borrow() {
                return Ok(None);
            }
            self.check()?;
            if start.elapsed() > CONNECT_TIMEOUT {
                let clients = plan.clients;
                return Err(Error::NotServed { connected, clients });
            }
            if shown.elapsed() > PROGRESS_INTERVAL {
                shown = Instant::now();
                progress(&format!(
                    "{} {protocol}: {connected} of {} clients connected",
                    subject.name, plan.clients
                ));
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// The first error of a client, if there was one.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.tally.borrow_mut().failed.take().map_or(Ok(()), Err)
    }

    /// A client, from its connection to the end of the run.
    async fn follow(
        &self,
        protocol: Protocol,
        server: SocketAddr,
        number: usize,
        plan: &Plan,
    ) -> Result<(), Error> {
        let permit = self.permits.acquire().await;
        let mut permit = Some(permit.map_err(std::io::Error::other)?);
        let mut connection =
            Connection::open(protocol, server, address(number)).await?;
        connection.ask(None).await?;
        let mut poll = poll_interval(number, plan);
        let mut progress = Progress::new(protocol);
        let (mut up, mut down, mut payload) = (0, 0, 0);
        loop {
            let mut came = Came::default();
            let mut tally = None;
            let open = connection
                .read(|event| {
                    let tally = tally.get_or_insert_with(|| self.tally.borrow_mut());
                    tally.count(
                        number,
                        &event,
                        unix_micros(),
                        &mut progress,
                        &mut came,
                    );
                })
                .await?;
            drop(tally);
            if let Some(status) = came.refused {
                return Err(Error::Refused(status));
            }
            if !open {
                return Err(Error::Closed);
            }
            {
                let mut tally = self.tally.borrow_mut();
                if progress.last.is_some() && permit.take().is_some() {
                    tally.connected += 1;
                }
                tally.sums.responses += u64::from(came.ended);
                tally.sums.up += connection.up - up;
                tally.sums.down += connection.down - down;
                tally.sums.payload += connection.payload() - payload;
            }
            (up, down, payload) =
                (connection.up, connection.down, connection.payload());
            if came.ended {
                if !protocol.polls() {
                    return Err(Error::StreamEnded);
                }
                if protocol == Protocol::ShortPoll {
                    poll.tick().await;
                }
                connection.ask(progress.last).await?;
            }
        }
    }
}

/// When a client of short polling asks: each at a moment of its own.
fn poll_interval(number: usize, plan: &Plan) -> Interval {
    let share = number as f64 / plan.clients as f64;
    let first = tokio::time::Instant::now() + plan.poll.mul_f64(share);
    let mut poll = interval_at(first, plan.poll);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll
}

/// Where the client of a number comes from. With one address for all, its ports would
/// run out: `net.ipv4.ip_local_port_range` has 28 232 of them.
pub(crate) fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, 1 + (number / 20_000) as u8)
}

/// Now, in Unix microseconds. A sample's `at` is cut to milliseconds: what it is late by
/// this clock is up to 1 ms too much, of every server alike.
fn unix_micros() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_micros() as u64)
}
