//! Resuming under chaos: clients of all five techniques on one feed, behind a proxy that
//! misbehaves, on a server that is killed. Whatever happens, rules 1 to 4 of the
//! [`book`](super::book) hold; and when it is over, all is as if nothing had been.

use std::{
    future::pending,
    io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use lens::{
    ConnectionLimit, Control, Effect, Lens, Markers, OutOfRange, Owner, Scope,
    effects::{Delay, Throttle},
};
use machine::Stopwatch;
use rand::RngExt;
use testkit::Nobody;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    client::Kind,
    hostile::{
        Outcome,
        book::{Book, SILENCE, address, between, follow, newest},
        cases::ended,
        clock::{Clock, FAR},
        judge, not_tried,
    },
    load::Stop,
    report,
    server::{Program, Server},
};

/// Clients of each technique.
const EACH: usize = 4;

/// How long it is calm in the end: longer than a client waits on a dead connection.
const CALM: Duration = SILENCE.saturating_mul(2);

/// How a server dies, in turn.
#[derive(Debug, Clone, Copy)]
enum Death {
    Kill,
    /// Told to end while it serves, it may take two seconds.
    Term,
    /// Not at all: it stops for a moment.
    Stop,
}

/// The chaos, for so long.
pub(crate) async fn chaos(
    bug: Option<&str>,
    time: Duration,
    stop: Stop,
) -> io::Result<Outcome> {
    let clock = Clock::find();
    let mut flags = vec!["--serve", "all", "--every", "10ms", "--keep", "50"];
    if let Some(bug) = bug {
        flags.extend(["--plant", bug]);
    }
    let program = Program::own(&flags)?;
    let start = || clock.start(&program);
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
        limit: ConnectionLimit::new(1000),
        markers: Markers::default(),
        watcher: Nobody,
    };
    let mut tasks = JoinSet::new();
    tasks.spawn_local(lens.run(TcpListener::from_std(listener)?, pending()));
    let book = Rc::<Book>::default();
    book.slow.set(true);
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        for number in at * EACH..(at + 1) * EACH {
            tasks.spawn_local(follow(book.clone(), kind, number, through));
        }
    }
    let everyone = EACH * Kind::ALL.len();
    let begin = Instant::now();
    // Also a short run has one of each.
    let pause = || between(1500..4000).min(time / 4);
    let mut next_death = begin + pause();
    let mut deaths = [Death::Kill, Death::Term, Death::Stop].into_iter().cycle();
    let (mut deeds, mut died) = (0u64, 0u64);
    let (mut old, mut too_slow) = (JoinSet::new(), 0);
    while begin.elapsed() < time && !*stop.borrow() {
        sleep(between(5..50)).await;
        deeds += 1;
        let who = address(rand::rng().random_range(0..everyone));
        misbehave(&control, who).map_err(io::Error::other)?;
        if rand::rng().random_ratio(1, 10) {
            clock.jump()?;
        }
        if Instant::now() >= next_death {
            died += 1;
            match deaths.next().unwrap_or(Death::Kill) {
                Death::Kill => {
                    server.signal("KILL")?;
                    server = start()?;
                }
                Death::Term => {
                    server.signal("TERM")?;
                    sleep(between(0..300)).await;
                    let dying = std::mem::replace(&mut server, start()?);
                    old.spawn_local(ends(dying));
                }
                Death::Stop => {
                    server.signal("STOP")?;
                    sleep(between(50..500)).await;
                    server.signal("CONT")?;
                }
            }
            to.send_replace(server.address);
            next_death = Instant::now() + pause();
        }
        report::progress(&format!(
            "chaos: {} samples, {} kinds of violations",
            Kind::ALL.map(|kind| book.sum(kind, |c| c.received)).iter().sum::<u64>(),
            book.violations().len()
        ));
    }
    let early = (begin.elapsed() < time).then(|| begin.elapsed());
    control.remove(|_| true);
    book.slow.set(false);
    book.settle(server.address).await?;
    while let Some(ended) = old.join_next().await {
        too_slow += usize::from(!ended.map_err(io::Error::other)??);
    }
    calm(&book, server.address).await?;
    report::progress_done();
    tasks.abort_all();
    let mut text = format!(
        "{:.0} s of {deeds} effects on connections (cuts, stalls, delays …) and of slow \
         readers, {died} times SIGKILL, SIGTERM or SIGSTOP",
        early.unwrap_or(time).as_secs_f64(),
    );
    if clock.jumps() {
        let hours = book.clock().as_secs_f64() / 3600.0;
        text += &format!(", a clock up to {hours:.1} h off");
    }
    let mut wrong = book.violations();
    if too_slow > 0 {
        wrong.push(format!("{too_slow} servers did not end by themselves"));
    }
    // What was not met was not tried: at least once each, where there was time for it.
    let long = time >= Duration::from_secs(10);
    for kind in Kind::ALL {
        let [received, announced, restarts, attempts] = [
            book.sum(kind, |c| c.received),
            book.sum(kind, |c| c.announced),
            book.sum(kind, |c| c.restarts),
            book.sum(kind, |c| c.attempts),
        ];
        text += &format!(
            "\n    {kind:<11}  {received} samples and {announced} announced as missed, \
             {restarts} restarts, over {attempts} connections",
        );
        let met = received > 0 && restarts > 0 && (announced > 0 || !long);
        if !met && early.is_none() {
            wrong.push(format!("{kind} met too little of it"));
        }
    }
    if clock.jumps() && book.clock() < FAR && early.is_none() {
        wrong.push("the clock did not jump".into());
    }
    text.extend(wrong.iter().map(|line| format!("\n    {line}")));
    match early {
        Some(_) if wrong.is_empty() => {
            let all = time.as_secs_f64();
            not_tried(format!(
                "not all of {all:.0} s, interrupted: {text}\n    0 violations"
            ))
        }
        _ if wrong.is_empty() => judge(true, format!("{text}\n    0 violations")),
        _ => judge(false, text),
    }
}

/// Whether a server that was told to end does so by itself, and says that all was well.
async fn ends(server: Server) -> io::Result<bool> {
    let mut watch = Stopwatch::start(Duration::from_millis(50));
    while watch.look() < Duration::from_millis(2500) {
        if let Some(code) = ended(&server)? {
            return Ok(code == 0);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(false)
}

/// Nothing is done to anybody any more: everybody keeps its connection, and has what is
/// published.
async fn calm(book: &Book, server: SocketAddr) -> io::Result<()> {
    let (before, first) = (book.clients(), newest(server).await?.seq);
    sleep(CALM).await;
    let published = newest(server).await?.seq - first;
    if published == 0 {
        return Err(io::Error::other("in the calm, nothing was published"));
    }
    let after = book.clients();
    for (kind, number, then) in before {
        let mut same = after.iter().filter(|c| (c.0, c.1) == (kind, number));
        let Some((_, _, now)) = same.next() else { continue };
        let (again, received) =
            (now.attempts - then.attempts, now.received - then.received);
        if again > 0 || received * 10 < published * 8 {
            let text = format!(
                "{number} came back {again} times, and had {received} of {published}"
            );
            book.violation("calm", kind, text);
        }
    }
    Ok(())
}

/// Does something to a client.
fn misbehave(control: &Control, client: Ipv4Addr) -> Result<(), OutOfRange> {
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
    control.add(Owner::Presenter, scope, effect, Some(between(100..2000)))
}
