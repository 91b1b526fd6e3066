//! Clients that come back whatever happens, and a book of what they were told. What
//! has to hold, of the rules of delivery:
//!
//! 1. Ids are +1 within a run, unless a gap was announced first.
//! 2. A change of run is announced.
//! 3. What came and what was announced as missed are together what was published.
//! 4. All five agree on the data of an id.
//!
//! The fifth, that memory does not grow with what is published, shows when much is:
//! the burst of samples is where it is judged.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    rc::Rc,
    time::Duration,
};

use machine::Stopwatch;
use rand::RngExt;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::client::{Connection, Event, Id, Kind, Sample};

/// How long a client waits until it takes a silent connection for dead.
pub(crate) const SILENCE: Duration = Duration::from_millis(1500);

/// What all clients have seen, and what was wrong with it.
#[derive(Default)]
pub(crate) struct Book {
    data: RefCell<HashMap<Id, [u8; 13]>>,
    /// By rule and technique: how often, and what it was at first.
    violations: RefCell<BTreeMap<String, (u64, String)>>,
    clients: RefCell<HashMap<(Kind, usize), Progress>>,
    /// How far the server's clock was from ours, in ms, at most.
    clock: Cell<u64>,
    /// Clients read slowly, now and then.
    pub(crate) slow: Cell<bool>,
}

/// How far a client is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    last: Option<Id>,
    pub(crate) received: u64,
    /// How many were announced as missed.
    pub(crate) announced: u64,
    pub(crate) restarts: u64,
    /// How often it has tried to connect.
    pub(crate) attempts: u64,
    /// Its answer, stream or WebSocket has come to its end.
    ended: bool,
}

impl Book {
    pub(crate) fn violation(&self, rule: &str, kind: Kind, text: String) {
        let mut violations = self.violations.borrow_mut();
        let key = format!("{rule}: {kind}");
        violations.entry(key).or_insert((0, text)).0 += 1;
    }

    /// What was wrong, a line for each rule and technique.
    pub(crate) fn violations(&self) -> Vec<String> {
        let violations = self.violations.borrow();
        let line = |(key, (count, first)): (&String, &(u64, String))| {
            format!("{key}: {count} times, at first {first}")
        };
        violations.iter().map(line).collect()
    }

    /// How far the server's clock was from ours, at most.
    pub(crate) fn clock(&self) -> Duration {
        Duration::from_millis(self.clock.get())
    }

    /// Looks a client up, or changes it.
    fn client<R>(
        &self,
        kind: Kind,
        number: usize,
        with: impl FnOnce(&mut Progress) -> R,
    ) -> R {
        with(self.clients.borrow_mut().entry((kind, number)).or_default())
    }

    /// All clients, as they are now.
    pub(crate) fn clients(&self) -> Vec<(Kind, usize, Progress)> {
        let clients = self.clients.borrow();
        clients.iter().map(|(&(kind, number), &c)| (kind, number, c)).collect()
    }

    /// The sum over the clients of a technique.
    pub(crate) fn sum(&self, kind: Kind, read: impl Fn(&Progress) -> u64) -> u64 {
        let clients = self.clients.borrow();
        clients.iter().filter(|((k, _), _)| *k == kind).map(|(_, c)| read(c)).sum()
    }

    /// Checks what a client was told.
    fn note(&self, kind: Kind, number: usize, event: &Event) {
        self.client(kind, number, |client| self.check(kind, number, client, event));
    }

    fn check(
        &self,
        kind: Kind,
        number: usize,
        client: &mut Progress,
        event: &Event,
    ) {
        let last = client.last;
        match *event {
            Event::Head(status) => {
                let right = match kind {
                    Kind::ShortPoll => matches!(status, 200 | 204),
                    // 503: it was held when the server ended.
                    Kind::LongPoll => matches!(status, 200 | 204 | 503),
                    Kind::Websocket => status == 101,
                    _ => status == 200,
                };
                if !right {
                    let text = format!("{number}: {status}");
                    self.violation("status", kind, text);
                }
            }
            Event::Sample(Sample { id, data, at }) => {
                client.received += 1;
                if let Some(last) = last
                    && (last.run != id.run || last.seq + 1 != id.seq)
                {
                    let run = last.run != id.run;
                    let rule = if run { "rule 2" } else { "rule 1" };
                    let text = format!("{number}: {last}, then {id}");
                    self.violation(rule, kind, text);
                }
                let known = *self.data.borrow_mut().entry(id).or_insert(data);
                if known != data {
                    self.violation(
                        "rule 4",
                        kind,
                        format!("{number}: {id} differs"),
                    );
                }
                let off = at.abs_diff(feed::unix_millis());
                self.clock.set(self.clock.get().max(off));
                client.last = Some(id);
            }
            Event::Gap { missed, restarted, id } => {
                let expected = match last {
                    Some(last) if !restarted => {
                        last.run == id.run && last.seq + missed == id.seq
                    }
                    Some(last) => last.run != id.run && id.seq == missed,
                    None => true,
                };
                if !expected || (missed == 0 && !restarted) {
                    let text = format!("{number}: at {last:?}, was told {event:?}");
                    self.violation("rule 3", kind, text);
                }
                client.announced += missed;
                client.restarts += u64::from(restarted);
                client.last = Some(id);
            }
            Event::End => client.ended = true,
            Event::Other => {}
        }
    }

    /// The clients that are not told all up to a sample.
    fn behind(&self, newest: Id) -> Vec<(Kind, usize, Progress)> {
        let mut clients = self.clients();
        clients.retain(|(_, _, client)| {
            client.last.is_none_or(|id| id.run != newest.run || id.seq < newest.seq)
        });
        clients
    }

    /// Waits until everybody has what there is now; who has not is a violation.
    pub(crate) async fn settle(&self, server: SocketAddr) -> io::Result<()> {
        let newest = newest(server).await?;
        let caught_up = async {
            while !self.behind(newest).is_empty() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        if timeout(Duration::from_secs(15), caught_up).await.is_err() {
            for (kind, number, client) in self.behind(newest) {
                let text = format!("{number} is at {:?}, not {newest}", client.last);
                self.violation("rule 3", kind, text);
            }
        }
        Ok(())
    }
}

/// The newest sample of a server.
pub(crate) async fn newest(server: SocketAddr) -> io::Result<Id> {
    let mut newest = None;
    let ask = async {
        let mut direct =
            Connection::open(Kind::ShortPoll, server, Ipv4Addr::LOCALHOST).await?;
        direct.ask(None).await?;
        while newest.is_none() {
            let open = direct.read(|event| {
                if let Event::Sample(sample) = event {
                    newest = Some(sample.id);
                }
            });
            if !open.await? {
                break;
            }
        }
        io::Result::Ok(())
    };
    timeout(Duration::from_secs(15), ask).await??;
    newest.ok_or_else(|| io::Error::other("the server does not answer"))
}

/// The address of a client; each has its own, so that an effect is for it alone.
pub(crate) fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, 1 + number as u8)
}

/// A client that comes back whatever happens, with its cursor.
pub(crate) async fn follow(
    book: Rc<Book>,
    kind: Kind,
    number: usize,
    server: SocketAddr,
) {
    loop {
        book.client(kind, number, |client| client.attempts += 1);
        let visit = visit(&book, kind, number, server).await;
        if let Err(error) = visit
            && error.kind() == io::ErrorKind::InvalidData
        {
            book.violation("the wire", kind, format!("{number}: {error}"));
        }
        sleep(between(5..50)).await;
    }
}

/// One connection, until it ends or is silent.
async fn visit(
    book: &Book,
    kind: Kind,
    number: usize,
    server: SocketAddr,
) -> io::Result<()> {
    let open = Connection::open(kind, server, address(number));
    let mut connection = unless_silent(open).await?;
    let last = || {
        book.client(kind, number, |client| {
            client.ended = false;
            client.last
        })
    };
    connection.ask(last()).await?;
    loop {
        let read = connection.read(|event| book.note(kind, number, &event));
        if !unless_silent(read).await? {
            return Ok(());
        }
        if book.slow.get() && rand::rng().random_ratio(1, 50) {
            sleep(between(100..400)).await;
        }
        let ended = book.client(kind, number, |client| client.ended);
        if ended && kind.polls() {
            sleep(between(1..20)).await;
            connection.ask(last()).await?;
        } else if ended {
            return Ok(());
        }
    }
}

/// What comes, or an error after [`SILENCE`]: of time in which we could have heard it.
async fn unless_silent<T>(
    come: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let step = Duration::from_millis(50);
    let (mut come, mut watch) = (pin!(come), Stopwatch::start(step));
    loop {
        match timeout(step, &mut come).await {
            Ok(came) => return came,
            Err(elapsed) if watch.look() >= SILENCE => return Err(elapsed.into()),
            Err(_) => {}
        }
    }
}

pub(crate) fn between(millis: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rand::rng().random_range(millis))
}

/// Clients that do nothing wrong, while others do. They must miss nothing.
pub(crate) struct Neighbours {
    pub(crate) book: Rc<Book>,
    tasks: JoinSet<()>,
    server: SocketAddr,
}

impl Neighbours {
    /// So many, with the techniques in turn.
    pub(crate) fn enter(server: SocketAddr, count: usize, kinds: &[Kind]) -> Self {
        let book = Rc::<Book>::default();
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let kind = kinds[number % kinds.len()];
            tasks.spawn_local(follow(book.clone(), kind, number, server));
        }
        Self { book, tasks, server }
    }

    /// How many samples they all have together, from now on for so long.
    pub(crate) async fn count_for(&self, time: Duration) -> u64 {
        let all = || {
            let each = Kind::ALL.map(|kind| self.book.sum(kind, |c| c.received));
            each.iter().sum::<u64>()
        };
        let before = all();
        sleep(time).await;
        all() - before
    }

    /// The same, in a second.
    pub(crate) async fn rate(&self, time: Duration) -> f64 {
        let start = Instant::now();
        self.count_for(time).await as f64 / start.elapsed().as_secs_f64()
    }

    /// What they say so far: nothing, if each had samples, all of them, over the one
    /// connection that it began with. Some are too slow for what is published: they
    /// `may_miss` samples, if they are told.
    pub(crate) fn complaints(&self, may_miss: bool) -> Vec<String> {
        let mut complaints = self.book.violations();
        for (kind, number, client) in self.book.clients() {
            let missed = client.announced > 0 && !may_miss;
            let disturbed = client.attempts != 1 || client.restarts > 0;
            if missed || disturbed || client.received == 0 {
                complaints.push(format!("{kind} {number}: {client:?}"));
            }
        }
        complaints.truncate(5);
        complaints
    }

    /// What they say in the end, when all have caught up.
    pub(crate) async fn leave(mut self) -> io::Result<Vec<String>> {
        self.book.settle(self.server).await?;
        self.tasks.shutdown().await;
        Ok(self.complaints(false))
    }
}
