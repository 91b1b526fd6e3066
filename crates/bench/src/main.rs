//! The room as load: N clients on each technique, and what that cost.
//!
//! `cargo run --release -p bench`, after `cargo build --release`.

mod client;
mod load;
mod report;
mod server;

use std::{io, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::watch,
    task::spawn_local,
};

use crate::{
    client::Kind,
    load::{Plan, Stop, Subject},
    report::say,
};

/// The room as load: N clients on each technique, and what that cost
#[derive(Debug, Parser)]
#[command(name = "bench", max_term_width = 85)]
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
    #[arg(value_parser = stage::duration)]
    poll: Duration,

    /// Print a JSON object a run instead of a table
    #[arg(long)]
    json: bool,
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

fn main() -> ExitCode {
    let flags = Flags::parse();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let result = runtime.and_then(|runtime| runtime.block_on(run(&flags)));
    report::progress_done();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            stage::complain("bench", &error);
            ExitCode::FAILURE
        }
    }
}

/// Whether all was as it must be.
async fn run(flags: &Flags) -> io::Result<bool> {
    let mut stop = interrupted()?;
    let files = stage::raise_file_limit();
    let apart = server::keep_off_its_core();
    if !flags.json {
        say(&format!("up to {files} files may be open: one a client"));
        say(match apart {
            true => "the server has the first core alone, the clients the others",
            false => "server and clients share the cores: times are not comparable",
        });
    }
    let plan = Plan {
        clients: flags.clients as usize,
        every: flags.every,
        time: flags.time,
        poll: flags.poll,
    };
    let mut records = Vec::new();
    for kind in &flags.technique.0 {
        if *stop.borrow() {
            break;
        }
        let subject = Subject::demo(*kind)?;
        let record = load::measure(&subject, &plan, &mut stop).await?;
        if flags.json {
            say(&serde_json::to_string(&record)?);
        }
        records.push(record);
    }
    report::progress_done();
    if !flags.json {
        report::table(&records);
    }
    Ok(records.iter().all(|r| r.missed == 0 && r.duplicated == 0))
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
