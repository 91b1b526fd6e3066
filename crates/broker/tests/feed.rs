//! Servers as processes on a real Redis: what they have in common, and what happens when one
//! of them, or the broker, is killed, paused or forgets.
#![cfg(target_os = "linux")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use machine::ServerProcess;
use serde::Deserialize;
use testkit::{Client, Process, Signal, wait_until};

/// A Redis with a folder and a port of its own.
struct Redis {
    address: SocketAddr,
    folder: PathBuf,
    flags: &'static [&'static str],
    /// None, while it is dead.
    process: Option<ServerProcess>,
}

impl Redis {
    /// Not running yet, on a port that is free now.
    fn new(flags: &'static [&'static str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("broker-test-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            folder,
            flags,
            process: None,
        }
    }

    fn start(flags: &'static [&'static str]) -> Self {
        let mut redis = Self::new(flags);
        redis.run();
        redis
    }

    fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", ""]).args(self.flags);
        command.args(["--port", &self.address.port().to_string()]);
        command.arg("--dir").arg(&self.folder);
        self.process =
            Some(ServerProcess::start_at(&mut command, self.address).unwrap());
    }

    /// `kill -9`.
    fn kill(&mut self) {
        self.process = None;
    }

    fn url(&self) -> String {
        format!("redis://{}/", self.address)
    }

    /// What a command that succeeds returns.
    fn command<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_connection().unwrap();
        let mut command = redis::cmd(words[0]);
        words[1..].iter().for_each(|word| {
            command.arg(word);
        });
        command.query(&mut connection).unwrap()
    }

    /// The ids of all that is in the log.
    fn ids(&self) -> Vec<(u32, u64)> {
        let range = ["XRANGE", "workshop:feed", "-", "+"];
        let log: redis::streams::StreamRangeReply = self.command(&range);
        let parse = |id: &str| {
            let (run, seq) = id.split_once('-').unwrap();
            (run.parse().unwrap(), seq.parse().unwrap())
        };
        log.ids.iter().map(|entry| parse(&entry.id)).collect()
    }

    /// The process that publishes.
    fn publisher(&self) -> Option<u32> {
        let name: Option<String> = self.command(&["GET", "workshop:publisher"]);
        Some(name?.split_once('-').unwrap().0.parse().unwrap())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn command(url: &str, technique: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_broker"));
    command.args(["--broker", url, technique, "--port", "0", "--every", "30ms"]);
    command
}

/// A server of HTTP streaming.
fn server(redis: &Redis) -> Process {
    Process::start(&mut command(&redis.url(), "http-stream")).0
}

/// A line of the stream.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Gap { gap: Gap },
    Sample { id: String, seq: u64 },
    Heartbeat {},
}

#[derive(Debug, Deserialize)]
struct Gap {
    missed: u64,
    restarted: bool,
    id: String,
}

/// A client of one server after another.
struct Reader {
    client: Client,
    cursor: String,
    /// Where it was when the newest gap was announced.
    before_gap: String,
    /// Chunks may have several lines.
    lines: Vec<Line>,
}

impl Reader {
    fn of(server: &Process) -> Self {
        let mut client = server.get("/stream");
        client.head();
        let mut reader = Self {
            client,
            cursor: String::new(),
            before_gap: String::new(),
            lines: Vec::new(),
        };
        reader.sample();
        reader
    }

    /// Goes on at another server.
    fn resume(&mut self, server: &Process) {
        self.client = server.get(&format!("/stream?after={}", self.cursor));
        self.client.head();
        self.lines.clear();
    }

    fn line(&mut self) -> Line {
        while self.lines.is_empty() {
            let chunk = self.client.chunk();
            let lines = chunk.lines().filter(|line| !line.is_empty());
            self.lines.extend(lines.map(|line| serde_json::from_str(line).unwrap()));
        }
        self.lines.remove(0)
    }

    /// The number of the next sample, before which nothing is announced.
    fn sample(&mut self) -> u64 {
        match self.line() {
            Line::Sample { id, seq } => {
                self.cursor = id;
                seq
            }
            Line::Heartbeat {} => self.sample(),
            Line::Gap { gap } => panic!("at {}: {gap:?}", self.cursor),
        }
    }

    /// So many samples, each the one after the one before.
    fn samples(&mut self, count: u64) {
        for _ in 0..count {
            let before = self.cursor.clone();
            let seq = self.sample();
            let (run, last) = before.split_once('-').unwrap();
            let next = format!("{run}-{}", last.parse::<u64>().unwrap() + 1);
            assert_eq!(self.cursor, next, "{seq}");
        }
    }

    /// What is announced next, after samples.
    fn gap(&mut self) -> Gap {
        loop {
            match self.line() {
                Line::Gap { gap } => {
                    self.before_gap =
                        std::mem::replace(&mut self.cursor, gap.id.clone());
                    return gap;
                }
                Line::Sample { id, .. } => self.cursor = id,
                Line::Heartbeat {} => {}
            }
        }
    }

    /// One restart is announced, and what follows begins with the next run's first.
    fn restart(&mut self) {
        let run = |cursor: &str| u32::from_str_radix(&cursor[..4], 36).unwrap();
        let gap = self.gap();
        assert!(gap.restarted && gap.missed == 0, "{gap:?}");
        assert_eq!(run(&gap.id), run(&self.before_gap) + 1, "{gap:?}");
        assert_eq!(self.sample(), 1);
        self.samples(3);
    }
}

#[test]
fn a_server_waits_for_its_broker_and_logs_no_password() {
    let mut redis = Redis::new(&["--requirepass", "secret"]);
    let url = format!("redis://:secret@{}/", redis.address);
    let mut command = command(&url, "http-stream");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut complaint = log.next().unwrap().unwrap();
    assert!(complaint.contains("the broker is away"), "{complaint}");
    assert!(complaint.contains(&redis.address.to_string()), "{complaint}");
    redis.run();
    // It says so, and then that it listens.
    let output = BufReader::new(child.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap().contains("http://localhost:")));
    complaint += &log.next().unwrap().unwrap();
    assert!(complaint.contains("the broker is back"), "{complaint}");
    child.kill().unwrap();
    child.wait().unwrap();
    log.for_each(|line| complaint += &line.unwrap());
    assert!(!complaint.contains("secret"), "{complaint}");
}

#[test]
fn what_is_no_url_is_refused_and_not_repeated() {
    for url in ["redis://:secret@host:port/", "secret", "http://:secret@host/"] {
        let (code, complaint) =
            Process::fail(env!("CARGO_BIN_EXE_broker"), &["--broker", url, "sse"]);
        assert_eq!(code, Some(2), "{complaint}");
        assert!(complaint.contains("expected redis://"), "{complaint}");
        assert!(!complaint.contains("secret"), "{complaint}");
    }
}

#[test]
fn when_the_publisher_is_killed_another_goes_on_with_the_same_run() {
    let redis = Redis::start(&[]);
    let mut servers: Vec<_> = (0..3).map(|_| server(&redis)).collect();
    let mut reader = Reader::of(&servers[0]);
    reader.samples(5);
    wait_until("one publishes", || redis.publisher().is_some());
    let publisher = redis.publisher().unwrap();
    let place = servers.iter().position(|server| server.id() == publisher).unwrap();
    servers.remove(place).signal(Signal::Kill);
    reader.resume(&servers[0]);
    reader.samples(5);
    // And at the other one, with the same cursor.
    reader.resume(&servers[1]);
    reader.samples(5);
}

#[test]
fn a_publisher_that_was_paused_starts_no_second_sequence() {
    let redis = Redis::start(&[]);
    let mut servers: Vec<_> = (0..2).map(|_| server(&redis)).collect();
    wait_until("one publishes", || {
        redis.ids().len() > 3 && redis.publisher().is_some()
    });
    let publisher = redis.publisher().unwrap();
    let place = servers.iter().position(|server| server.id() == publisher).unwrap();
    let mut paused = servers.remove(place);
    // It does not know that its time is over: it wakes with samples to publish.
    paused.pause();
    let mut reader = Reader::of(&servers[0]);
    wait_until("the other publishes", || {
        redis.publisher().is_some_and(|now| now != publisher)
    });
    reader.samples(3);
    paused.resume();
    // And now two of them believe that they may, again and again.
    for _ in 0..5 {
        redis.command::<u32>(&["DEL", "workshop:publisher"]);
        reader.samples(20);
    }
    let ids = redis.ids();
    let (run, _) = ids[0];
    let expected: Vec<_> = (1..).map(|seq| (run, seq)).take(ids.len()).collect();
    assert_eq!(ids, expected);
}

#[test]
fn while_the_broker_is_away_clients_stay_and_nothing_is_lost() {
    let mut redis = Redis::start(&["--appendonly", "yes"]);
    let servers = [server(&redis), server(&redis)];
    let mut reader = Reader::of(&servers[0]);
    reader.samples(5);
    redis.kill();
    // A client that comes now is given what is there.
    let mut late = Reader::of(&servers[1]);
    redis.run();
    reader.samples(5);
    late.samples(5);
}

#[test]
fn a_broker_that_forgot_everything_is_announced_as_a_restart() {
    let mut redis = Redis::start(&[]);
    let servers = [server(&redis), server(&redis)];
    let mut readers = [Reader::of(&servers[0]), Reader::of(&servers[1])];
    readers.iter_mut().for_each(|reader| reader.samples(5));
    redis.kill();
    redis.run();
    readers.iter_mut().for_each(Reader::restart);
    // Without a restart: nobody tells the servers.
    redis.command::<u32>(&["DEL", "workshop:feed"]);
    readers.iter_mut().for_each(Reader::restart);
    // Both are in the same run.
    let [first, second] = readers.map(|reader| reader.cursor);
    assert_eq!(first.split_once('-').unwrap().0, second.split_once('-').unwrap().0);
}

#[test]
fn a_broker_with_an_old_log_is_announced_as_a_restart() {
    let mut redis = Redis::start(&["--dbfilename", "old.rdb"]);
    let servers = [server(&redis), server(&redis)];
    let mut readers = [Reader::of(&servers[0]), Reader::of(&servers[1])];
    readers[0].samples(3);
    redis.command::<String>(&["SAVE"]);
    readers.iter_mut().for_each(|reader| reader.samples(10));
    redis.kill();
    redis.run();
    readers.iter_mut().for_each(Reader::restart);
}

#[test]
fn a_port_in_use_is_named_with_the_flag_that_takes_others() {
    let (taken, redis) = (testkit::free_ports(1, 10), Redis::start(&[]));
    let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, taken)).unwrap();
    let broker = format!("redis://{}/", redis.address);
    // Of a cluster, the third of nginx's ports; of the five, the fourth.
    let base = (taken - 3).to_string();
    let ports = format!("0,0,0,{taken},0");
    for (arguments, flag) in [
        (&["cluster", "--base-port", &base][..], " --base-port "),
        (&["--broker", &broker, "five", "--ports", &ports], " --ports "),
    ] {
        let (code, said) = Process::fail(env!("CARGO_BIN_EXE_broker"), arguments);
        assert_eq!(code, Some(1), "{said}");
        let last = said.lines().last().unwrap_or_default();
        assert!(last.contains(" is in use: ") && last.contains(flag), "{said}");
    }
}
