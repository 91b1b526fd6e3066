//! The same samples from other servers, in the same run: the ratio is what counts.
//!
//! | peer | what it is |
//! |---|---|
//! | floor | one loop that writes bytes to every socket, and knows no HTTP |
//! | tokio | the same with a task for each socket |
//! | axum | `peers/axum`, as axum's examples would have it |
//! | node | `peers/node`: Express and ws |
//!
//! Absolute times differ from machine to machine and from minute to minute; so the
//! servers take turns, and each is compared with the floor of the same turn.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use feed::{Feed, Random};
use serde::Serialize;
use stage::print_error;
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
    report::{grid, judge, kilobytes, progress_done, say},
    server::Program,
};

/// One technique on all servers, one right after the other.
pub(crate) struct Turn {
    kind: Kind,
    records: Vec<Record>,
}

impl Turn {
    fn of(&self, server: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.server == server)
    }

    /// How many times another's a cost of a server is.
    fn ratio(&self, server: &str, to: &str, read: Read) -> Option<f64> {
        Some(read(self.of(server)?) / read(self.of(to)?))
    }
}

/// One of the costs in a record.
type Read = fn(&Record) -> f64;

/// A record with what makes its times comparable: how many times the floor's each is.
#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    record: &'a Record,
    times_floor: BTreeMap<&'static str, f64>,
}

/// The times in a record.
const TIMES: [(&str, Read); 8] = [
    ("cpu_per_sample", cpu),
    ("cpu_per_answer", cpu_per_answer),
    ("latency_p50", |record| millis(record.latency_p50)),
    ("latency_p90", |record| millis(record.latency_p90)),
    ("latency_p99", p99),
    ("latency_max", |record| millis(record.latency_max)),
    ("connect_seconds", |record| record.connect_seconds),
    ("first_byte", |record| millis(record.first_byte)),
];

/// Measures all of `kinds` on all servers, `rounds` times in turn. What can't be measured
/// is told, and left out.
///
/// # Errors
/// When the servers to compare with can't be built.
pub(crate) async fn compare(
    kinds: &[Kind],
    plan: &Plan,
    rounds: usize,
    json: bool,
    stop: &mut Stop,
) -> io::Result<(Vec<Turn>, bool)> {
    let axum = axum()?;
    let node = node();
    if let Err(error) = &node {
        print_error("bench", error);
    }
    let mut whole = node.is_ok();
    let mut turns = Vec::new();
    for _ in 0..rounds {
        for &kind in kinds {
            let mut subjects = vec![
                own("floor")?,
                own("tokio")?,
                Subject::demo(kind)?,
                Subject { name: "axum", kind, program: axum.clone() },
            ];
            if let Ok(program) = &node {
                let program = program.clone();
                subjects.push(Subject { name: "node", kind, program });
            }
            let mut records = Vec::new();
            for subject in &subjects {
                match load::measure(subject, plan, stop).await {
                    Ok(record) => records.extend(record),
                    Err(error) => {
                        progress_done();
                        let error = format!("{} {kind}: {error}", subject.name);
                        print_error("bench", &io::Error::other(error));
                        whole = false;
                    }
                }
            }
            let turn = Turn { kind, records };
            if json {
                turn.tell()?;
            }
            whole &= turn.of(load::OURS).is_none_or(Record::is_whole);
            turns.push(turn);
            if *stop.borrow() {
                return Ok((turns, whole));
            }
        }
    }
    Ok((turns, whole))
}

impl Turn {
    /// A JSON object a server; none without its ratio.
    fn tell(&self) -> io::Result<()> {
        for record in &self.records {
            let ratio = |(name, read)| {
                Some((name, self.ratio(record.server, "floor", read)?))
            };
            if let Some(times_floor) = TIMES.into_iter().map(ratio).collect() {
                say(&serde_json::to_string(&Compared { record, times_floor })?);
            }
        }
        Ok(())
    }
}

fn cpu(record: &Record) -> f64 {
    record.cpu_per_sample
}

fn p99(record: &Record) -> f64 {
    millis(record.latency_p99)
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// A table a technique, and what became of the targets. Returns whether all were met.
pub(crate) fn tell(kinds: &[Kind], turns: &[Turn]) -> bool {
    progress_done();
    say("medians; in brackets, how many times the floor's of the same turn");
    let mut met = true;
    for &kind in kinds {
        let turns: Vec<&Turn> =
            turns.iter().filter(|turn| turn.kind == kind).collect();
        let compared = turns.iter().filter_map(|turn| turn.of("floor")).next();
        let Some(floor) = compared else {
            say(&format!("\n{kind}: nothing to compare with"));
            continue;
        };
        say(&format!("\n{kind}, {} clients", floor.clients));
        let servers: Vec<&str> = [load::OURS, "axum", "node", "tokio", "floor"]
            .into_iter()
            .filter(|server| turns.iter().any(|turn| turn.of(server).is_some()))
            .collect();
        let median = |server: &str, read: Read| {
            median(turns.iter().filter_map(|turn| turn.of(server).map(read)))
        };
        let row = |name: &str, text: &dyn Fn(&str) -> String| {
            (name.to_owned(), servers.iter().map(|server| text(server)).collect())
        };
        let time = |read: Read, digits: usize| {
            let turns = &turns;
            move |server: &str| {
                let ratios = turns
                    .iter()
                    .filter_map(|turn| turn.ratio(server, "floor", read));
                match (median(server, read), self::median(ratios)) {
                    (Some(value), Some(ratio)) => {
                        format!("{value:.digits$} ({ratio:.2})")
                    }
                    _ => "–".into(),
                }
            }
        };
        let plain = |read: Read| {
            move |server: &str| {
                median(server, read)
                    .map_or("–".into(), |value| format!("{value:.0}"))
            }
        };
        let size = |read: Read| {
            move |server: &str| median(server, read).map_or("–".into(), kilobytes)
        };
        let sum = |read: fn(&Record) -> u64| {
            let turns = &turns;
            move |server: &str| {
                let each = turns.iter().filter_map(|turn| turn.of(server).map(read));
                each.sum::<u64>().to_string()
            }
        };
        let mut rows = vec![row("CPU, µs a sample", &time(cpu, 2))];
        if kind.polls() {
            rows.push(row("  µs an answer", &time(cpu_per_answer, 2)));
        }
        rows.extend([
            row("latency p50, ms", &time(|r| millis(r.latency_p50), 1)),
            row("  p99", &time(p99, 1)),
            row("memory a client, KB, idle", &size(|r| r.memory_idle)),
            row("  after the run", &size(|r| r.memory_after)),
            row("bytes a sample, down", &plain(|r| r.down_per_sample)),
            row("missed", &sum(|r| r.missed)),
            row("duplicated", &sum(|r| r.duplicated)),
            row("core used, %", &plain(|r| r.server_busy * 100.0)),
        ]);
        let heads: Vec<String> = servers.iter().map(ToString::to_string).collect();
        grid(&heads, rows);
        met &= targets(kind, &turns, floor.clients);
    }
    met
}

/// What an answer costs; for bare sockets, what a sample does.
fn cpu_per_answer(record: &Record) -> f64 {
    record.cpu_per_answer.unwrap_or(record.cpu_per_sample)
}

/// Says of each target of a technique what became of it. Returns whether all were met.
fn targets(kind: Kind, turns: &[&Turn], clients: usize) -> bool {
    let crowded = clients >= 5000;
    let times = |peer: &str, read| {
        median(turns.iter().filter_map(|turn| turn.ratio(load::OURS, peer, read)))
    };
    let memory = median(
        turns
            .iter()
            .filter_map(|turn| Some(turn.of(load::OURS)?.memory_after / 1000.0)),
    );
    let best = turns.iter().filter_map(|turn| {
        let peers = ["axum", "node"].into_iter();
        peers.filter_map(|peer| turn.ratio(load::OURS, peer, p99)).reduce(f64::max)
    });
    let mut all = true;
    let mut target = |what: &str, value: Option<f64>, most: f64| {
        all &= judge(what, value, most);
    };
    let most = match kind {
        Kind::HttpStream | Kind::Sse if crowded => Some((2.0, 20.0)),
        Kind::HttpStream | Kind::Sse => Some((1.8, 20.0)),
        Kind::Websocket => Some((2.4, 24.0)),
        _ => None,
    };
    if let Some((most, kilobytes)) = most {
        target("CPU a sample, times the floor's", times("floor", cpu), most);
        target("memory a client, KB", memory, kilobytes);
        target("CPU a sample, times axum's", times("axum", cpu), 1.0);
        target("CPU a sample, times Node's", times("node", cpu), 1.0);
    }
    if kind == Kind::ShortPoll {
        target("CPU an answer, times axum's", times("axum", cpu_per_answer), 1.0);
    } else if !crowded {
        target("latency p99, times the best peer's", median(best), 1.0);
    }
    all
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (upper, lower) = (values.len() / 2, values.len().checked_sub(1)? / 2);
    Some((values[lower] + values[upper]) / 2.0)
}

fn own(name: &'static str) -> io::Result<Subject> {
    let program = Program::own(&["--serve", name])?;
    Ok(Subject { name, kind: Kind::Bare, program })
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

/// Whether the client is still there. Whose buffer is full goes without, and who had half
/// a line is let go.
fn write(client: &TcpStream, line: &str) -> bool {
    match client.try_write(line.as_bytes()) {
        Ok(count) => count == line.len(),
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
                let written = client.write_all(line.as_bytes()).await;
                if written.is_err() || news.changed().await.is_err() {
                    return;
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_or_between_the_middle_two() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }
}
