//! Resuming under chaos: clients of all five techniques on one feed, behind a proxy that
//! misbehaves, on a server that is killed. Whatever happens, these hold:
//!
//! 1. Ids are +1 within a run, unless a gap was announced first.
//! 2. A change of run is announced.
//! 3. What came and what was announced as missed are together what was published.
//! 4. All five agree on the data of an id.
//! 5. The server's memory does not grow with what it publishes.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    future::pending,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    rc::Rc,
    time::{Duration, SystemTime},
};

use lens::{
    Control, Effect, Lens, Places, Scope,
    effects::{Delay, Throttle},
};
use rand::RngExt;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use wire::Nobody;

use crate::{
    client::{Connection, Event, Id, Kind, Sample},
    hostile::{Held, broken, held},
    report,
    server::{Program, Server},
};

/// How long a client waits until it takes a silent connection for dead.
const SILENCE: Duration = Duration::from_millis(1500);

/// What all clients have seen, and what was wrong with it.
#[derive(Default)]
pub(crate) struct Book {
    data: RefCell<HashMap<Id, [u8; 13]>>,
    pub(crate) violations: RefCell<Vec<String>>,
    pub(crate) clients: RefCell<HashMap<(Kind, usize), Progress>>,
}

/// How far a client is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    pub(crate) last: Option<Id>,
    pub(crate) received: u64,
    announced: u64,
    restarts: u64,
    connections: u64,
    ended: bool,
}

impl Book {
    fn violation(&self, rule: u8, text: String) {
        let mut violations = self.violations.borrow_mut();
        if violations.len() < 1000 {
            violations.push(format!("rule {rule}: {text}"));
        }
    }

    /// Checks what a client was told.
    fn note(&self, kind: Kind, number: usize, event: &Event) {
        let mut clients = self.clients.borrow_mut();
        let client = clients.entry((kind, number)).or_default();
        let last = client.last;
        match *event {
            Event::Sample(Sample { id, data, .. }) => {
                client.received += 1;
                match last {
                    Some(last) if last.run != id.run => {
                        let text = format!("{kind} {number}: {last}, then {id}");
                        self.violation(2, text);
                    }
                    Some(last) if last.seq + 1 != id.seq => {
                        let text = format!("{kind} {number}: {last}, then {id}");
                        self.violation(1, text);
                    }
                    _ => {}
                }
                let known = *self.data.borrow_mut().entry(id).or_insert(data);
                if known != data {
                    self.violation(4, format!("{kind} {number}: {id} differs"));
                }
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
                    let text =
                        format!("{kind} {number}: at {last:?}, was told {event:?}");
                    self.violation(3, text);
                }
                client.announced += missed;
                client.restarts += u64::from(restarted);
                client.last = Some(id);
            }
            Event::End => client.ended = true,
            Event::Head(_) | Event::Other => {}
        }
    }

    /// The sum over the clients of a technique.
    pub(crate) fn sum(&self, kind: Kind, read: impl Fn(&Progress) -> u64) -> u64 {
        let clients = self.clients.borrow();
        clients.iter().filter(|((k, _), _)| *k == kind).map(|(_, c)| read(c)).sum()
    }

    /// The clients that are not told all up to a sample.
    pub(crate) fn behind(&self, newest: Id) -> Vec<String> {
        let clients = self.clients.borrow();
        let behind = clients.iter().filter(|(_, client)| {
            client.last.is_none_or(|id| id.run != newest.run || id.seq < newest.seq)
        });
        behind
            .map(|((kind, number), c)| {
                format!("rule 3: {kind} {number} is at {:?}, not {newest}", c.last)
            })
            .collect()
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
            self.violations.borrow_mut().extend(self.behind(newest));
        }
        Ok(())
    }
}

/// The newest sample of a server.
pub(crate) async fn newest(server: SocketAddr) -> io::Result<Id> {
    let mut newest = None;
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
    newest.ok_or_else(|| io::Error::other("the server does not answer"))
}

/// The address of a client; each has its own, so that an effect is for it alone.
fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, 1 + number as u8)
}

/// A client that comes back whatever happens, with its cursor.
pub(crate) async fn follow(
    book: Rc<Book>,
    kind: Kind,
    number: usize,
    server: SocketAddr,
    sometimes_slow: bool,
) {
    book.clients.borrow_mut().entry((kind, number)).or_default();
    loop {
        let visit = visit(&book, kind, number, server, sometimes_slow).await;
        if let Err(error) = visit
            && error.kind() == io::ErrorKind::InvalidData
        {
            book.violation(1, format!("{kind} {number}: {error}"));
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
    sometimes_slow: bool,
) -> io::Result<()> {
    let open = Connection::open(kind, server, address(number));
    let mut connection = timeout(SILENCE, open).await??;
    let last = || {
        let mut clients = book.clients.borrow_mut();
        let client = clients.entry((kind, number)).or_default();
        client.ended = false;
        client.last
    };
    connection.ask(last()).await?;
    if let Some(client) = book.clients.borrow_mut().get_mut(&(kind, number)) {
        client.connections += 1;
    }
    loop {
        let read = connection.read(|event| book.note(kind, number, &event));
        if !timeout(SILENCE, read).await?? {
            return Ok(());
        }
        if sometimes_slow && rand::rng().random_ratio(1, 50) {
            sleep(between(100..400)).await;
        }
        let ended =
            book.clients.borrow().get(&(kind, number)).is_some_and(|c| c.ended);
        if ended && kind.polls() {
            sleep(between(1..20)).await;
            connection.ask(last()).await?;
        } else if ended {
            return Ok(());
        }
    }
}

fn between(millis: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rand::rng().random_range(millis))
}

/// Clients of each technique, in the chaos.
const EACH: usize = 4;

/// The chaos, for so long.
pub(crate) async fn chaos(bug: Option<&str>, time: Duration) -> io::Result<Held> {
    let clock = Clock::find();
    let mut flags = vec!["--serve", "all", "--every", "10ms", "--keep", "50"];
    if let Some(bug) = bug {
        flags.extend(["--plant", bug]);
    }
    let program = Program::own(&flags)?;
    let start = || Server::spawn(clock.command(&program));
    let mut server = start()?;
    let (to, server_address) = watch::channel(server.address);
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0)
        .map_err(|error| io::Error::other(error.to_string()))?;
    listener.set_nonblocking(true)?;
    let through = listener.local_addr()?;
    let control = Control::default();
    let lens = Lens {
        name: "chaos".into(),
        server: server_address,
        control: control.clone(),
        places: Places::new(1000),
        watcher: Nobody,
    };
    let mut tasks = JoinSet::new();
    tasks.spawn_local(lens.run(TcpListener::from_std(listener)?, pending()));
    let book = Rc::<Book>::default();
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        for number in at * EACH..(at + 1) * EACH {
            tasks.spawn_local(follow(book.clone(), kind, number, through, true));
        }
    }
    let everyone = EACH * Kind::ALL.len();
    let end = Instant::now() + time;
    let (mut deeds, mut deaths, mut most) = (0u64, 0u64, 0);
    let mut next_death = Instant::now() + between(1500..3000);
    while Instant::now() < end {
        sleep(between(10..100)).await;
        deeds += 1;
        let who = address(rand::rng().random_range(0..everyone));
        misbehave(&control, who).map_err(io::Error::other)?;
        clock.jump()?;
        most = most.max(server.memory().unwrap_or(0));
        if Instant::now() >= next_death {
            deaths += 1;
            match deaths % 3 {
                0 => {
                    server.signal("STOP")?;
                    sleep(between(50..500)).await;
                    server.signal("CONT")?;
                }
                1 => {
                    server.signal("KILL")?;
                    server = start()?;
                }
                _ => {
                    // Told to end while it serves: it may take two seconds.
                    server.signal("TERM")?;
                    sleep(between(0..300)).await;
                    server = start()?;
                }
            }
            to.send_replace(server.address);
            next_death = Instant::now() + between(1500..4000);
        }
        report::progress(&format!(
            "chaos: {} samples, {} violations",
            Kind::ALL.map(|kind| book.sum(kind, |c| c.received)).iter().sum::<u64>(),
            book.violations.borrow().len()
        ));
    }
    control.take_off(|_| true);
    book.settle(server.address).await?;
    report::progress_done();
    tasks.abort_all();
    let mut text = format!(
        "{:.0} s of {deeds} cuts, stalls, delays and slow reads, {deaths} kills, \
         terms and stops, {}",
        time.as_secs_f64(),
        clock.what()
    );
    for kind in Kind::ALL {
        text += &format!(
            "\n    {kind:<11}  {} samples and {} announced as missed, {} restarts, \
             over {} connections",
            book.sum(kind, |c| c.received),
            book.sum(kind, |c| c.announced),
            book.sum(kind, |c| c.restarts),
            book.sum(kind, |c| c.connections),
        );
    }
    text += &format!("\n    at most {} MB of memory", most / 1_000_000);
    let violations = book.violations.borrow();
    if most > 100_000_000 {
        return broken(format!("{text}\n    rule 5: that is too much"));
    }
    if violations.is_empty() {
        return held(format!("{text}\n    0 violations"));
    }
    text += &format!("\n    {} violations", violations.len());
    text.extend(violations.iter().take(5).map(|line| format!("\n    {line}")));
    broken(text)
}

/// Does something to a client.
fn misbehave(control: &Control, client: Ipv4Addr) -> Result<(), String> {
    let mut random = rand::rng();
    let effect = match random.random_range(0..12) {
        0..5 => Effect::Cut,
        5 | 6 => Effect::Stall,
        7 => Effect::Delay(Delay { ms: 200, jitter: 100 }),
        8 => Effect::Throttle(Throttle { bytes_per_second: 2000 }),
        9 => Effect::Slice,
        10 => Effect::Buffer,
        _ => Effect::Refuse,
    };
    let scope = Scope { client: Some(client.into()), ..Scope::default() };
    control.put_on(scope, effect, Some(between(100..2000)))
}

/// A clock that jumps for the server alone, by libfaketime, where that is installed.
struct Clock(Option<(PathBuf, PathBuf)>);

impl Clock {
    fn find() -> Self {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
        let library =
            folders.map(|f| PathBuf::from(f).join("faketime/libfaketime.so.1"));
        let file = format!("bench-clock-{}", std::process::id());
        let file = std::env::temp_dir().join(file);
        Self(
            library.into_iter().find(|l| l.is_file()).map(|library| (library, file)),
        )
    }

    fn command(&self, program: &Program) -> Command {
        let mut command = Command::new(&program.binary);
        command.args(&program.arguments);
        if let Some((library, file)) = &self.0 {
            let _ = std::fs::write(file, "+0");
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", file)
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command
    }

    /// Up to a day, forwards or backwards, now and then.
    fn jump(&self) -> io::Result<()> {
        let mut random = rand::rng();
        match &self.0 {
            Some((_, file)) if random.random_ratio(1, 5) => {
                let seconds: i32 = random.random_range(-86_400..86_400);
                std::fs::write(file, format!("{seconds:+}"))
            }
            _ => Ok(()),
        }
    }

    fn what(&self) -> &'static str {
        match self.0 {
            Some(_) => "a clock that jumps",
            None => "no clock that jumps (libfaketime is not installed)",
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Some((_, file)) = &self.0 {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Whether each request that waits is answered with the very next sample. One that is not
/// woken is answered with the next two, while others had the first alone.
pub(crate) async fn wakes(bug: Option<&str>, time: Duration) -> io::Result<Held> {
    let mut flags = vec!["--serve", "all", "--every", "100ms"];
    if let Some(bug) = bug {
        flags.extend(["--plant", bug]);
    }
    let program = Program::own(&flags)?;
    let server = Server::spawn(Clock(None).command(&program))?;
    let seen = Rc::<RefCell<Waits>>::default();
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        tasks.spawn_local(wait_again_and_again(server.address, seen.clone()));
    }
    tasks.spawn_local(async move {
        sleep(time).await;
        Ok(())
    });
    // The first that ends is the clock, or one that failed.
    if let Some(first) = tasks.join_next().await {
        first.map_err(io::Error::other)??;
    }
    let seen = seen.borrow();
    let late = seen.late.iter().filter(|seq| seen.alone.contains(seq)).count();
    let text = format!(
        "{} requests of long polling held until there was news; {late} of them woken \
         only by the sample after that",
        seen.answers
    );
    // A process that is paused between two of its clients does that, too.
    if late > 3 { broken(text) } else { held(text) }
}

#[derive(Default)]
struct Waits {
    answers: u64,
    /// Samples that came alone.
    alone: HashSet<u64>,
    /// Samples that came with the one after them, long after they were there.
    late: Vec<u64>,
}

impl Waits {
    /// Takes down what came for a request, and when that was sent.
    fn note(&mut self, asked: u64, samples: &[Sample]) {
        self.answers += 1;
        match samples {
            [one] => {
                self.alone.insert(one.id.seq);
            }
            [one, two, ..] if asked < one.at && one.at + 40 < two.at => {
                self.late.push(one.id.seq);
            }
            _ => {}
        }
    }
}

async fn wait_again_and_again(
    server: SocketAddr,
    seen: Rc<RefCell<Waits>>,
) -> io::Result<()> {
    let mut connection =
        Connection::open(Kind::LongPoll, server, Ipv4Addr::LOCALHOST).await?;
    let mut last = None;
    loop {
        let millis = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_millis() as u64)
        };
        let asked = millis(SystemTime::now());
        connection.ask(last).await?;
        let (mut samples, mut ended) = (Vec::new(), false);
        while !ended {
            let read = connection.read(|event| match event {
                Event::Sample(sample) => samples.push(sample),
                Event::End => ended = true,
                _ => {}
            });
            if !read.await? {
                return Err(io::Error::other("the server closed a connection"));
            }
        }
        seen.borrow_mut().note(asked, &samples);
        last = samples.last().map(|sample| sample.id).or(last);
        sleep(between(0..120)).await;
    }
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
            let number = number % 250;
            tasks.spawn_local(follow(book.clone(), kind, number, server, false));
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

    /// What they say so far: nothing, if all was well.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.book.violations.borrow().iter().take(3).cloned().collect()
    }

    /// What they say in the end, when all have caught up.
    pub(crate) async fn leave(mut self) -> io::Result<Vec<String>> {
        self.book.settle(self.server).await?;
        self.tasks.shutdown().await;
        Ok(self.complaints())
    }
}
