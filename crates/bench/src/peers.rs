//! The same samples from other servers, in the same run: the ratio is what counts.
//!
//! | peer | what it is |
//! |---|---|
//! | floor | one loop that writes bytes to every socket, and knows no HTTP |
//! | tokio | the same with a task for each socket |
//! | axum | `peers/axum`, as axum's examples would have it |
//! | node | `peers/node`: Express and ws |
//!
//! Absolute times differ from machine to machine and from minute to minute; so all
//! servers take turns, and each is compared with the floor of the same round.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use feed::{Feed, Random};
use stage::complain;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    select, spawn,
    sync::watch,
    task::spawn_local,
};

use crate::{
    client::Kind,
    load::{self, Plan, Record, Stop, Subject},
    report::{grid, kilobytes, progress_done, say},
    server::Program,
};

/// Measures all of `kinds` on all servers, `rounds` times in turn.
pub(crate) async fn compare(
    kinds: &[Kind],
    plan: &Plan,
    rounds: usize,
    json: bool,
    stop: &mut Stop,
) -> io::Result<Vec<Record>> {
    let axum = axum()?;
    let node = node();
    let mut subjects = vec![own("floor", Kind::Bare)?, own("tokio", Kind::Bare)?];
    for &kind in kinds {
        subjects.push(Subject::demo(kind)?);
        subjects.push(Subject { name: "axum", kind, program: axum.clone() });
        match &node {
            Ok(node) => {
                subjects.push(Subject { name: "node", kind, program: node.clone() });
            }
            Err(error) => complain("bench", error),
        }
    }
    let mut records = Vec::new();
    for _ in 0..rounds {
        for subject in &subjects {
            if *stop.borrow() {
                return Ok(records);
            }
            let record = load::measure(subject, plan, stop).await?;
            if json {
                say(&serde_json::to_string(&record)?);
            }
            records.push(record);
        }
    }
    Ok(records)
}

/// A table a technique, and what became of the targets.
pub(crate) fn tell(kinds: &[Kind], records: &[Record]) {
    progress_done();
    let (floor, tokio) = (
        Runs::of(records, "floor", Kind::Bare),
        Runs::of(records, "tokio", Kind::Bare),
    );
    if floor.0.is_empty() {
        return say("nothing to compare with: not a single round was run");
    }
    say("medians; in brackets, how many times the floor's of the same round");
    for &kind in kinds {
        let servers = ["workshop", "axum", "node"];
        let runs = servers.map(|server| Runs::of(records, server, kind));
        let columns = runs.iter().chain([&tokio, &floor]);
        let columns: Vec<&Runs<'_>> =
            columns.filter(|runs| !runs.0.is_empty()).collect();
        let heads = columns.iter().map(|runs| runs.0[0].server.to_owned());
        let row = |name: &str, text: &dyn Fn(&Runs<'_>) -> String| {
            (name.to_owned(), columns.iter().map(|runs| text(runs)).collect())
        };
        let time = |read: fn(&Record) -> f64, digits: usize| {
            let floor = &floor;
            move |runs: &Runs<'_>| {
                let (value, ratio) = (runs.median(read), runs.ratio(floor, read));
                format!("{value:.digits$} ({ratio:.2})")
            }
        };
        let cpu = time(|r| r.cpu_per_sample, 2);
        let answer = |runs: &Runs<'_>| {
            let cpu = |r: &Record| r.cpu_per_answer.unwrap_or(r.cpu_per_sample);
            let ratio = runs.ratio_by(&floor, cpu, |r| r.cpu_per_sample);
            format!("{:.2} ({ratio:.2})", runs.median(cpu))
        };
        let p50 = time(|r| r.latency_p50 as f64 / 1000.0, 1);
        let p99 = time(|r| r.latency_p99 as f64 / 1000.0, 1);
        let count = |read: fn(&Record) -> u64| {
            move |runs: &Runs<'_>| {
                runs.0.iter().map(|r| read(r)).sum::<u64>().to_string()
            }
        };
        say(&format!("\n{kind}, {} clients", floor.0[0].clients));
        let mut rows = vec![row("CPU, µs a sample", &cpu)];
        if kind.polls() {
            rows.push(row("  µs an answer", &answer));
        }
        rows.extend([
            row("latency p50, ms", &p50),
            row("  p99", &p99),
            row("memory a client, KB, idle", &|r| {
                kilobytes(r.median(|r| r.memory_idle))
            }),
            row("  after the run", &|r| kilobytes(r.median(|r| r.memory_after))),
            row("bytes a sample, down", &|r| {
                format!("{:.0}", r.median(|r| r.down_per_sample))
            }),
            row("missed", &count(|r| r.missed)),
            row("duplicated", &count(|r| r.duplicated)),
            row("core used, %", &|r| {
                format!("{:.0}", r.median(|r| r.server_busy) * 100.0)
            }),
        ]);
        grid(&heads.collect::<Vec<_>>(), rows);
        let [workshop, peers @ ..] = &runs;
        targets(kind, workshop, peers, &floor);
    }
}

/// Says of each target of a technique what became of it.
fn targets(kind: Kind, ours: &Runs<'_>, peers: &[Runs<'_>], floor: &Runs<'_>) {
    if ours.0.is_empty() {
        return;
    }
    let judge = |what: &str, value: f64, most: f64| {
        let verdict = if value <= most { "met" } else { "MISSED" };
        say(&format!("  {verdict:<6}  {what}: {value:.2}, at most {most:.2}"));
    };
    let crowded = floor.0[0].clients >= 5000;
    let cpu = |r: &Record| r.cpu_per_sample;
    let memory = ours.median(|r| r.memory_after) / 1000.0;
    let best = |read: fn(&Record) -> f64| {
        let medians = peers.iter().filter(|peer| !peer.0.is_empty());
        medians.map(|peer| peer.median(read)).fold(f64::INFINITY, f64::min)
    };
    match kind {
        Kind::HttpStream | Kind::Sse => {
            let most = if crowded { 2.0 } else { 1.8 };
            judge("CPU a sample, times the floor's", ours.ratio(floor, cpu), most);
            judge("memory a client, KB", memory, 20.0);
        }
        Kind::Websocket => {
            judge("CPU a sample, times the floor's", ours.ratio(floor, cpu), 2.4);
            judge("memory a client, KB", memory, 24.0);
        }
        Kind::ShortPoll => {
            let answer = |r: &Record| r.cpu_per_answer.unwrap_or_default();
            if let Some(axum) = peers.iter().find(|peer| peer.is("axum")) {
                judge("CPU an answer, times axum's", ours.ratio(axum, answer), 1.0);
            }
        }
        Kind::LongPoll | Kind::Bare => {}
    }
    if matches!(kind, Kind::HttpStream | Kind::Sse | Kind::Websocket) {
        for peer in peers.iter().filter(|peer| !peer.0.is_empty()) {
            let what = format!("CPU a sample, times that of {}", peer.0[0].server);
            judge(&what, ours.ratio(peer, cpu), 1.0);
        }
    }
    if !crowded && kind != Kind::ShortPoll {
        let p99 = |r: &Record| r.latency_p99 as f64;
        let ratio = ours.median(p99) / best(p99);
        judge("latency p99, times the best peer's", ratio, 1.0);
    }
}

/// The runs of one server, a round each.
struct Runs<'a>(Vec<&'a Record>);

impl<'a> Runs<'a> {
    fn of(records: &'a [Record], server: &str, kind: Kind) -> Self {
        let own = |r: &&Record| r.server == server && r.technique == kind;
        Self(records.iter().filter(own).collect())
    }

    fn is(&self, server: &str) -> bool {
        self.0.first().is_some_and(|run| run.server == server)
    }

    fn median(&self, read: impl Fn(&Record) -> f64) -> f64 {
        median(self.0.iter().map(|run| read(run)))
    }

    /// The median of the ratios of each round.
    fn ratio(&self, to: &Runs<'_>, read: impl Fn(&Record) -> f64 + Copy) -> f64 {
        self.ratio_by(to, read, read)
    }

    fn ratio_by(
        &self,
        to: &Runs<'_>,
        read: impl Fn(&Record) -> f64,
        base: impl Fn(&Record) -> f64,
    ) -> f64 {
        median(self.0.iter().zip(&to.0).map(|(run, to)| read(run) / base(to)))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn own(name: &'static str, kind: Kind) -> io::Result<Subject> {
    Ok(Subject { name, kind, program: Program::own(&["--serve", name])? })
}

/// Builds the peer on axum, if it is not there yet.
fn axum() -> io::Result<Program> {
    let manifest = folder("axum").join("Cargo.toml");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    run(Command::new("cargo")
        .args(["build", "--release", "--locked", "--quiet", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(&target))?;
    Ok(Program::new(target.join("release/axum-peer"), &[]))
}

/// Installs the packages of the peer on Node, if they are not there yet.
fn node() -> io::Result<Program> {
    let folder = folder("node");
    if !folder.join("node_modules/ws").is_dir() {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder))?;
    }
    Ok(Program {
        binary: "node".into(),
        arguments: vec![folder.join("server.js").into()],
    })
}

fn folder(peer: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(peer)
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.stdout(std::io::stderr()).status();
    let problem = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    Err(io::Error::other(format!("{command:?}: {problem}")))
}

/// The floor: one loop that writes each sample to every socket.
pub(crate) async fn floor(every: Duration) -> io::Result<()> {
    let feed = published(every);
    let mut follower = feed.follow(None);
    let mut newest = String::new();
    let listener = listen().await?;
    let mut clients: Vec<TcpStream> = Vec::new();
    loop {
        select! {
            batch = follower.next() => {
                for sample in batch.iter().flat_map(|batch| &batch.samples) {
                    newest = format!("{}\n", sample.json);
                    clients.retain(|client| write(client, &newest));
                }
            }
            accepted = listener.accept() => {
                let (client, _) = accepted?;
                client.set_nodelay(true)?;
                if write(&client, &newest) {
                    clients.push(client);
                }
            }
        }
    }
}

/// Whether the client is still there. Whose buffer is full goes without.
fn write(client: &TcpStream, line: &str) -> bool {
    match client.try_write(line.as_bytes()) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// The same with a task for each socket.
pub(crate) async fn tasks(every: Duration) -> io::Result<()> {
    let mut follower = published(every).follow(None);
    let news = watch::Sender::new(String::new());
    let (sender, listener) = (news.clone(), listen().await?);
    spawn(async move {
        while let Some(batch) = follower.next().await {
            for sample in batch.samples {
                sender.send_replace(format!("{}\n", sample.json));
            }
        }
    });
    loop {
        let (mut client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        let mut news = news.subscribe();
        spawn(async move {
            loop {
                let line = news.borrow_and_update().clone();
                client.write_all(line.as_bytes()).await?;
                news.changed().await.map_err(io::Error::other)?;
            }
            #[expect(unreachable_code, reason = "the type of the block")]
            Ok::<(), io::Error>(())
        });
    }
}

fn published(every: Duration) -> Feed {
    let mut random = Random::new(None);
    let feed = Feed::new(std::num::NonZeroUsize::MIN, &random.data());
    let publishing = feed.clone();
    spawn_local(async move { publishing.publish_at_random(every, random).await });
    feed
}

async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://localhost:{}/", listener.local_addr()?.port()));
    Ok(listener)
}
