//! The bench's program: its flags. Run it, after `cargo build --release`:
//!
//! | command | what it shows |
//! |---|---|
//! | `cargo run --release -p bench` | the five, with 1000 clients each |
//! | `… -- --technique webtransport` | its three sessions, over UDP |
//! | `… -- --sweep 10,100,1000,5000,10000 --plot sweep.svg` | how costs grow |
//! | `… -- --cluster --technique sse` | several servers on a broker beside one without |
//! | `… -- --technique stock` | the gallery's stock prices |
//! | `… -- --technique whiteboard --clients 100` | the gallery's whiteboard: people who draw at once |
//! | `… -- --peers` | Node, axum, Go and bare sockets beside them: ratios |
//!
//! It ends with an error when a sample was missed or delivered twice, or a target was
//! missed (with `--json`, those are the reader's to judge). What it reads in `/proc` is
//! Linux's; elsewhere it can't measure.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use bench::{Error, Plan, Task, client::Protocol, floor, progress_done};
use clap::{Parser, ValueEnum};
use stage::InvalidValue;
use tokio::runtime::{Builder, LocalOptions};

/// Measures what N clients of each technique cost
#[derive(Debug, Parser)]
#[command(name = "bench", max_term_width = 85)]
struct Flags {
    /// Technique to measure: short-poll, long-poll, http-stream, sse, websocket, all (those
    /// five), webtransport (its three sessions; `cargo build --release -p webtransport`
    /// before), or of the gallery: stock, or whiteboard, on which each client draws once in
    /// --every
    #[arg(long, default_value = "all", value_parser = measured)]
    technique: Measured,

    /// Number of clients
    #[arg(long, default_value = "1000", value_name = "NUMBER")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    clients: u32,

    /// Mean time between samples
    #[arg(long, default_value = "100ms", value_name = "DURATION")]
    #[arg(value_parser = stage::duration)]
    every: Duration,

    /// How long to measure each technique
    #[arg(long = "for", default_value = "10s", value_name = "DURATION")]
    #[arg(value_parser = stage::duration)]
    time: Duration,

    /// How often a client of short polling sends a request
    #[arg(long, default_value = "1s", value_name = "DURATION")]
    #[arg(value_parser = poll)]
    poll: Duration,

    /// Compare with other servers, which take turns: Node, axum, Go and bare sockets
    #[arg(long)]
    peers: bool,

    /// Compare one server with one, two and four on a broker: needs redis-server, and
    /// `cargo build --release -p broker`
    #[arg(long, group = "drawn", conflicts_with = "peers")]
    cluster: bool,

    /// Measure with several numbers of clients, as in 10,100,1000,5000,10000
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    #[arg(group = "drawn", conflicts_with_all = ["peers", "clients"])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sweep: Vec<u32>,

    /// Draw the results of --sweep or --cluster into this SVG file
    #[arg(long, value_name = "FILE", requires = "drawn")]
    plot: Option<PathBuf>,

    /// Number of turns that each server gets
    #[arg(long, default_value = "5", value_name = "NUMBER", requires = "peers")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// Run as one of the servers that --peers compares with
    #[arg(long, hide = true)]
    serve: Option<Floor>,

    /// Print a JSON object for each run instead of a table
    #[arg(long)]
    json: bool,
}

/// What this program is, when it is a server.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Floor {
    /// Bare sockets, in one loop.
    Floor,
    /// Bare sockets, a task each.
    Tokio,
}

/// What is measured.
#[derive(Debug, Clone)]
enum Measured {
    Protocols(Vec<Protocol>),
    Whiteboard,
}

fn measured(text: &str) -> Result<Measured, InvalidValue> {
    match text {
        "all" => return Ok(Measured::Protocols(Protocol::ALL.to_vec())),
        "webtransport" => {
            return Ok(Measured::Protocols(Protocol::SESSIONS.to_vec()));
        }
        "whiteboard" => return Ok(Measured::Whiteboard),
        _ => {}
    }
    let protocol = Protocol::from_str(text, false).map_err(|_| InvalidValue {
        expected: "short-poll, long-poll, http-stream, sse, websocket, all, \
                   webtransport, stock or whiteboard",
    })?;
    Ok(Measured::Protocols(vec![protocol]))
}

fn poll(text: &str) -> Result<Duration, InvalidValue> {
    let poll = stage::duration(text)?;
    match poll < Duration::from_secs(5) {
        true => Ok(poll),
        false => {
            Err(InvalidValue { expected: "less than 5s, after which servers close" })
        }
    }
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(flags)),
        Err(error) => Err(error.into()),
    };
    progress_done();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            stage::print_error("bench", &error);
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<bool, Error> {
    match flags.serve {
        Some(Floor::Floor) => {
            floor::floor(flags.every).await?;
            return Ok(true);
        }
        Some(Floor::Tokio) => {
            floor::tasks(flags.every).await?;
            return Ok(true);
        }
        None => {}
    }
    let plan = Plan {
        clients: flags.clients as usize,
        every: flags.every,
        time: flags.time,
        poll: flags.poll,
    };
    let Measured::Protocols(protocols) = flags.technique else {
        return bench::run(&[], &plan, Task::Whiteboard, flags.json).await;
    };
    let sessions = protocols.iter().any(|protocol| protocol.is_session());
    if sessions && (flags.peers || flags.cluster) {
        return Err(Error::NoPeers);
    }
    let task = if flags.peers {
        Task::Peers { rounds: flags.rounds.into() }
    } else if flags.cluster {
        Task::Cluster { plot: flags.plot }
    } else if flags.sweep.is_empty() {
        Task::Demos
    } else {
        let clients = flags.sweep.iter().map(|clients| *clients as usize);
        Task::Sweep { clients: clients.collect(), plot: flags.plot }
    };
    bench::run(&protocols, &plan, task, flags.json).await
}
