//! Resuming under chaos: clients of all five techniques on one feed, behind a lens that
//! misbehaves, on a server that is killed. Whatever happens, rules 1 to 4 of
//! [`delivery`](crate::delivery) hold; and when it is over, all is as if nothing had been.

use std::{
    future::pending,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use bench::{Stop, client::Protocol, progress, progress_done};
use lens::{
    ConnectionLimit, Control, Effect, Lens, Markers, Owner, Scope, TrustedProxies,
    effects::{Delay, Throttle},
};
use machine::{Program, ServerProcess, Signal, Stopwatch};
use rand::RngExt;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    clock::{Clock, FAR},
    delivery::DeliveryChecker,
    error::Error,
    five::five,
    follower::{SILENCE_TIMEOUT, address, between, follow, newest, settle},
    outcome::{Outcome, judge, not_tried},
};

/// Clients of each technique.
const CLIENTS_EACH: usize = 4;

/// All clients.
const CLIENTS: usize = CLIENTS_EACH * Protocol::ALL.len();

/// How long it is calm in the end: longer than a client waits on a dead connection.
const CALM: Duration = SILENCE_TIMEOUT.saturating_mul(2);

/// From when on a run has to meet all that it looks for.
const LONG: Duration = Duration::from_secs(10);

/// How a server dies, in turn.
#[derive(Debug, Clone, Copy)]
enum Death {
    Kill,
    /// Told to end while it serves, it may take two seconds.
    Term,
    /// Not at all: it stops for a moment.
    Stop,
}

/// What was done, for so long.
struct Faults {
    effects: u64,
    deaths: u64,
    /// How long it went on, when it was stopped before its time.
    early: Option<Duration>,
}

/// The chaos, for so long.
pub(crate) async fn resuming(
    bug: Option<&str>,
    time: Duration,
    stop: Stop,
) -> Result<Outcome, Error> {
    let clock = Clock::find()?;
    let mut flags = vec!["--every", "10ms", "--keep", "50"];
    if let Some(bug) = bug {
        flags.extend(["--plant", bug]);
    }
    let program = five(&flags)?;
    let mut servers = Servers::start(&clock, &program)?;
    let mut tasks = JoinSet::new();
    let control = Control::default();
    let through = start_lens(&mut tasks, &servers, &control)?;
    let checker = Rc::<DeliveryChecker>::default();
    checker.slow.set(true);
    for (at, protocol) in Protocol::ALL.into_iter().enumerate() {
        for number in at * CLIENTS_EACH..(at + 1) * CLIENTS_EACH {
            tasks.spawn_local(follow(checker.clone(), protocol, number, through));
        }
    }
    let faults = misbehave(&mut servers, &control, &checker, time, stop).await?;
    control.remove(|_| true);
    checker.slow.set(false);
    settle(&checker, servers.current.address).await?;
    let too_slow = servers.not_ended().await?;
    calm(&checker, servers.current.address).await?;
    progress_done();
    tasks.abort_all();
    verdict(&checker, &clock, &faults, too_slow, time)
}

/// A lens before whichever server is the current one. Returns where it listens.
fn start_lens(
    tasks: &mut JoinSet<()>,
    servers: &Servers<'_>,
    control: &Control,
) -> Result<SocketAddr, Error> {
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let lens = Lens {
        name: "chaos".into(),
        server: servers.address.subscribe(),
        control: control.clone(),
        limit: ConnectionLimit::new(1000),
        markers: Markers::default(),
        proxies: TrustedProxies::default(),
        watcher: (),
    };
    tasks.spawn_local(lens.run(TcpListener::from_std(listener)?, pending()));
    Ok(address)
}

/// The server that clients are led to, and those before it that have not ended yet.
struct Servers<'a> {
    clock: &'a Clock,
    program: &'a Program,
    current: ServerProcess,
    /// Where the current one is, for the lens.
    address: watch::Sender<SocketAddr>,
    /// Whether each of those before it has ended by itself.
    old: JoinSet<Result<bool, Error>>,
}

impl<'a> Servers<'a> {
    fn start(clock: &'a Clock, program: &'a Program) -> Result<Self, Error> {
        let current = clock.start(program)?;
        let address = watch::Sender::new(current.address);
        Ok(Self { clock, program, current, address, old: JoinSet::new() })
    }

    /// Lets the current one die, and leads clients to the next.
    async fn suffer(&mut self, death: Death) -> Result<(), Error> {
        match death {
            Death::Kill => {
                self.current.signal(Signal::Kill)?;
                self.current = self.clock.start(self.program)?;
            }
            Death::Term => {
                self.current.signal(Signal::Terminate)?;
                sleep(between(0..300)).await;
                let next = self.clock.start(self.program)?;
                let dying = std::mem::replace(&mut self.current, next);
                self.old.spawn_local(ends(dying));
            }
            Death::Stop => {
                self.current.signal(Signal::Stop)?;
                sleep(between(50..500)).await;
                self.current.signal(Signal::Continue)?;
            }
        }
        self.address.send_replace(self.current.address);
        Ok(())
    }

    /// How many of those that were told to end did not.
    async fn not_ended(&mut self) -> Result<usize, Error> {
        let mut count = 0;
        while let Some(ended) = self.old.join_next().await {
            count += usize::from(!ended??);
        }
        Ok(count)
    }
}

/// Whether a server that was told to end does so by itself, and says that all was well.
async fn ends(mut server: ServerProcess) -> Result<bool, Error> {
    let mut watch = Stopwatch::start(Duration::from_millis(50));
    while watch.elapsed() < Duration::from_millis(2500) {
        if let Some(status) = server.exit_status()? {
            return Ok(status.success());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(false)
}

/// Puts effects on clients and lets servers die, for so long or until it is stopped.
async fn misbehave(
    servers: &mut Servers<'_>,
    control: &Control,
    checker: &DeliveryChecker,
    time: Duration,
    stop: Stop,
) -> Result<Faults, Error> {
    let begin = Instant::now();
    // Also a short run has one of each.
    let pause = || between(1500..4000).min(time / 4);
    let mut next_death = begin + pause();
    let mut kinds = [Death::Kill, Death::Term, Death::Stop].into_iter().cycle();
    let (mut effects, mut deaths) = (0, 0);
    while begin.elapsed() < time && !*stop.borrow() {
        sleep(between(5..50)).await;
        effects += 1;
        disturb(control, address(rand::rng().random_range(0..CLIENTS)))?;
        if rand::rng().random_ratio(1, 10) {
            servers.clock.jump()?;
        }
        if Instant::now() >= next_death {
            deaths += 1;
            servers.suffer(kinds.next().unwrap_or(Death::Kill)).await?;
            next_death = Instant::now() + pause();
        }
        progress(&format!(
            "chaos: {} samples, {} kinds of violations",
            Protocol::ALL
                .map(|protocol| checker.sum(protocol, |client| client.received))
                .iter()
                .sum::<u64>(),
            checker.violations().len()
        ));
    }
    let early = (begin.elapsed() < time).then(|| begin.elapsed());
    Ok(Faults { effects, deaths, early })
}

/// Puts an effect on a client's connections.
fn disturb(control: &Control, client: Ipv4Addr) -> Result<(), Error> {
    let mut random = rand::rng();
    let effect = match random.random_range(0..18) {
        0 | 1 => Effect::Stall,
        2 => Effect::Delay(Delay { ms: 200, jitter: 100 }),
        3 => Effect::Throttle(Throttle { bytes_per_second: 2000 }),
        4 => Effect::Slice,
        5 => Effect::Buffer,
        6..17 => Effect::Cut,
        _ => Effect::Refuse,
    };
    let scope = Scope { client: Some(client.into()), ..Scope::default() };
    let added =
        control.add(Owner::Presenter, scope, effect, Some(between(100..2000)));
    Ok(added?)
}

/// No fault any more: all clients keep their connections, and have what is published.
async fn calm(checker: &DeliveryChecker, server: SocketAddr) -> Result<(), Error> {
    let (before, first) = (checker.clients(), newest(server).await?.seq);
    sleep(CALM).await;
    let published = newest(server).await?.seq - first;
    if published == 0 {
        return Err(Error::NothingPublished);
    }
    let after = checker.clients();
    for (protocol, number, then) in before {
        let mut same = after.iter().filter(|c| (c.0, c.1) == (protocol, number));
        let Some((_, _, now)) = same.next() else { continue };
        let (again, received) =
            (now.attempts - then.attempts, now.received - then.received);
        if again > 0 || received * 10 < published * 8 {
            let text = format!(
                "{number} came back {again} times, and had {received} of {published}"
            );
            checker.violation("calm", protocol, text);
        }
    }
    Ok(())
}

/// What was done, what was seen, and whether it held.
fn verdict(
    checker: &DeliveryChecker,
    clock: &Clock,
    faults: &Faults,
    too_slow: usize,
    time: Duration,
) -> Result<Outcome, Error> {
    let Faults { effects, deaths, early } = *faults;
    let mut text = format!(
        "{:.0} s of {effects} effects on connections (cuts, stalls, delays …) and of slow \
         readers, {deaths} times SIGKILL, SIGTERM or SIGSTOP",
        early.unwrap_or(time).as_secs_f64(),
    );
    if clock.jumps() {
        let hours = checker.clock().as_secs_f64() / 3600.0;
        text += &format!(", a clock up to {hours:.1} h off");
    }
    let mut wrong = checker.violations();
    if too_slow > 0 {
        wrong.push(format!("{too_slow} servers did not end by themselves"));
    }
    // What was not met was not tried: at least once each, where there was time for it.
    for protocol in Protocol::ALL {
        let [received, announced, restarts, attempts] = [
            checker.sum(protocol, |client| client.received),
            checker.sum(protocol, |client| client.announced),
            checker.sum(protocol, |client| client.restarts),
            checker.sum(protocol, |client| client.attempts),
        ];
        text += &format!(
            "\n    {protocol:<11}  {received} samples and {announced} announced as \
             missed, {restarts} restarts, over {attempts} connections",
        );
        let met = received > 0 && restarts > 0 && (announced > 0 || time < LONG);
        if !met && early.is_none() {
            wrong.push(format!("{protocol} met too little of it"));
        }
    }
    if clock.jumps() && checker.clock() < FAR && early.is_none() {
        wrong.push("the clock did not jump".into());
    }
    text.extend(wrong.iter().map(|line| format!("\n    {line}")));
    match early {
        Some(_) if wrong.is_empty() => not_tried(format!(
            "not all of {:.0} s, interrupted: {text}\n    0 violations",
            time.as_secs_f64()
        )),
        _ if wrong.is_empty() => judge(true, format!("{text}\n    0 violations")),
        _ => judge(false, text),
    }
}
