//! The room as load and as adversary: what each technique costs, and what it holds.
//!
//! ```text
//!           core 0                        the other cores
//!  ┌──────────────────────────┐      ┌───────────────────────┐
//!  │ a demo's own binary, or a│◄────►│ bench: N clients,     │
//!  │ peer, as its own process │      │ one task and one      │
//!  └────────────▲─────────────┘      │ connection each       │
//!               └── /proc: CPU, memory ──────────────────────┘
//! ```
//!
//! Run it, after `cargo build --release`:
//!
//! | command | what it shows |
//! |---|---|
//! | `cargo run --release -p bench` | the five, with 1000 clients each |
//! | `… -- --sweep 10,100,1000,5000,10000 --plot sweep.svg` | how costs grow |
//! | `… -- --peers` | Node, axum and bare sockets beside them: ratios |
//! | `… -- --hostile --for 10m` | what breaks servers, and what held |
//! | `… -- --hostile --plant off-by-one` | that a bug would be found |
//!
//! It ends with an error when a sample was missed or delivered twice, a target was missed
//! (with `--json`, those are the reader's to judge), or something did not hold. What it
//! reads in `/proc` is Linux's; elsewhere it can't measure.

mod client;
mod hostile;
mod load;
mod peers;
mod plot;
mod report;
mod server;

use std::{
    fs::File,
    io::{self, Write as _},
    num::NonZeroUsize,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{ArgGroup, Parser, ValueEnum};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::watch,
    task::spawn_local,
};

use crate::{
    client::Kind,
    hostile::five::Bug,
    load::{Plan, Stop, Subject},
    report::say,
};

/// The room as load: N clients on each technique, and what that cost
#[derive(Debug, Parser)]
#[command(name = "bench", max_term_width = 85)]
#[command(group = ArgGroup::new("a server with bugs").args(["hostile", "serve"]))]
struct Flags {
    /// short-poll, long-poll, http-stream, sse, websocket or all
    #[arg(long, default_value = "all", value_parser = techniques)]
    technique: Techniques,

    /// How many clients
    #[arg(long, default_value = "1000", value_name = "NUMBER")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    clients: u32,

    /// Mean time between samples
    #[arg(long, default_value = "100ms", value_name = "DURATION")]
    #[arg(value_parser = stage::duration)]
    every: Duration,

    /// How long to measure each
    #[arg(long = "for", default_value = "10s", value_name = "DURATION")]
    #[arg(value_parser = stage::duration)]
    time: Duration,

    /// How often a client of short polling asks
    #[arg(long, default_value = "1s", value_name = "DURATION")]
    #[arg(value_parser = poll)]
    poll: Duration,

    /// Compare with other servers, in turns: Node, axum, and bare sockets
    #[arg(long)]
    peers: bool,

    /// Show how the costs grow with the number of clients: 10,100,1000,5000,10000
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    #[arg(conflicts_with_all = ["peers", "clients"])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sweep: Vec<u32>,

    /// Draw the sweep into this SVG file
    #[arg(long, value_name = "FILE", requires = "sweep")]
    plot: Option<PathBuf>,

    /// How many turns each server has
    #[arg(long, default_value = "3", value_name = "NUMBER", requires = "peers")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// Try what breaks servers, and say what held; the chaos goes on for --for
    #[arg(long, conflicts_with_all = [
        "peers", "sweep", "technique", "clients", "every", "poll", "json",
    ])]
    hostile: bool,

    /// Try less of it, as the tests do
    #[arg(long, requires = "hostile")]
    short: bool,

    /// Plant a bug, which has to be found
    #[arg(long, value_name = "BUG", requires = "a server with bugs")]
    plant: Option<Bug>,

    /// Be a server instead, with samples --each many at a time
    #[arg(long, hide = true)]
    serve: Option<Serve>,
    #[arg(long, hide = true, default_value = "1")]
    each: usize,
    #[arg(long, hide = true, default_value = "1000")]
    keep: NonZeroUsize,

    /// Print a JSON object a run instead of a table
    #[arg(long)]
    json: bool,
}

/// What this program is, when it is a server.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Serve {
    /// Bare sockets, in one loop.
    Floor,
    /// Bare sockets, a task each.
    Tokio,
    /// The five techniques on one feed.
    All,
}

#[derive(Debug, Clone)]
struct Techniques(Vec<Kind>);

fn techniques(text: &str) -> Result<Techniques, String> {
    if text == "all" {
        return Ok(Techniques(Kind::ALL.to_vec()));
    }
    Kind::from_str(text, false).map(|kind| Techniques(vec![kind])).map_err(|_| {
        let names = Kind::ALL.map(Kind::name).join(", ");
        format!("expected {names} or all")
    })
}

fn poll(text: &str) -> Result<Duration, String> {
    let poll = stage::duration(text).map_err(|error| error.to_string())?;
    match poll < Duration::from_secs(5) {
        true => Ok(poll),
        false => Err("expected less than 5s, after which servers close".into()),
    }
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    if let Some(Serve::All) = flags.serve {
        let Flags { every, each, keep, plant, .. } = flags;
        let served = hostile::five::serve(every, each, keep, plant);
        return match actix_web::rt::System::new().block_on(served) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        };
    }
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let result = runtime.and_then(|runtime| runtime.block_on(run(&flags)));
    report::progress_done();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

fn fail(error: &io::Error) -> ExitCode {
    stage::print_error("bench", error);
    ExitCode::FAILURE
}

/// Whether all was as it must be.
async fn run(flags: &Flags) -> io::Result<bool> {
    match flags.serve {
        Some(Serve::Floor) => return peers::floor(flags.every).await.map(|()| true),
        Some(Serve::Tokio) => return peers::tasks(flags.every).await.map(|()| true),
        Some(Serve::All) | None => {}
    }
    let mut stop = interrupted()?;
    let clients = if flags.hostile { hostile::CLIENTS } else { flags.clients };
    let most = flags.sweep.iter().copied().chain([clients]).max();
    let files = files_for(u64::from(most.unwrap_or(0)))?;
    if flags.hostile {
        let (bug, time) = (flags.plant, flags.time);
        return hostile::run(bug, flags.short, time, &mut stop).await;
    }
    let apart = server::keep_off_its_core();
    if !flags.json {
        say(&format!("up to {files} files may be open: one a client"));
        say(match apart {
            true => "the server has the first core alone, the clients the others",
            false => "server and clients share the cores: times are not comparable",
        });
    }
    let mut plan = Plan {
        clients: flags.clients as usize,
        every: flags.every,
        time: flags.time,
        poll: flags.poll,
    };
    let (kinds, json) = (&flags.technique.0, flags.json);
    if flags.peers {
        let rounds = flags.rounds.into();
        let (turns, whole) =
            peers::compare(kinds, &plan, rounds, json, &mut stop).await?;
        let met = json || peers::tell(kinds, &turns);
        return Ok(met && whole && !*stop.borrow());
    }
    if flags.sweep.is_empty() {
        let (records, whole) = alone(kinds, &plan, json, &mut stop).await?;
        if !json && !records.is_empty() {
            report::table(&records);
        }
        return Ok(whole);
    }
    // Now, so that a name that can't be written to does not cost all that follows.
    let plot = flags.plot.as_ref().map(|path| {
        let named = |error| io::Error::other(format!("{}: {error}", path.display()));
        File::create(path).map_err(named)
    });
    let mut plot = plot.transpose()?;
    let (mut records, mut whole) = (Vec::new(), true);
    for &clients in &flags.sweep {
        plan.clients = clients as usize;
        let (some, fine) = alone(kinds, &plan, json, &mut stop).await?;
        records.extend(some);
        whole &= fine;
    }
    if let Some(file) = &mut plot {
        file.write_all(plot::svg(kinds, &records).as_bytes())?;
    }
    Ok((json || plot::tell(kinds, &records)) && whole)
}

/// Measures the demos, one after another. What can't be measured is told, and left out.
/// Returns whether all was whole.
async fn alone(
    kinds: &[Kind],
    plan: &Plan,
    json: bool,
    stop: &mut Stop,
) -> io::Result<(Vec<load::Record>, bool)> {
    let (mut records, mut whole) = (Vec::new(), true);
    for kind in kinds {
        if *stop.borrow() {
            break;
        }
        match load::measure(&Subject::demo(*kind)?, plan, stop).await {
            Ok(Some(record)) => {
                whole &= record.is_whole();
                if json {
                    say(&serde_json::to_string(&record)?);
                }
                records.push(record);
            }
            Ok(None) => {}
            Err(error) => {
                report::progress_done();
                let error = format!("{kind}, {} clients: {error}", plan.clients);
                stage::print_error("bench", &io::Error::other(error));
                whole = false;
            }
        }
    }
    report::progress_done();
    Ok((records, whole))
}

/// Lets this process, and the servers that it starts, have a file for each client.
/// Returns how many they may have.
fn files_for(clients: u64) -> io::Result<u64> {
    let needed = clients + 500;
    let files = stage::raise_file_limit();
    // Beyond what the system set for this user, if the user may change that.
    if files >= needed || rlimit::Resource::NOFILE.set(needed, needed).is_ok() {
        return Ok(files.max(needed));
    }
    Err(io::Error::other(format!(
        "{clients} clients need {needed} files, and only {files} may be open: raise the \
         limit with `ulimit -n {needed}` as root, or take fewer clients"
    )))
}

/// Becomes true on the first Ctrl-C or SIGTERM.
fn interrupted() -> io::Result<Stop> {
    let (sender, stop) = watch::channel(false);
    let interrupted = stage::interrupted()?;
    spawn_local(async move {
        interrupted.await;
        sender.send_replace(true);
        // Nobody waits for a sender that is gone.
        sender.closed().await;
    });
    Ok(stop)
}
