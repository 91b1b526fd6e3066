//! The room as adversary: what breaks servers is tried on the five, beside clients that
//! do nothing wrong, and each case says what held. Run it, after `cargo build --release`:
//!
//! | command | what it shows |
//! |---|---|
//! | `cargo run --release -p chaos -- --for 10m` | what breaks servers, and what held |
//! | `… -- --cluster --for 10m` | the same for several servers on a broker, behind nginx |
//! | `cargo run --release -p chaos -- --plant off-by-one` | that a bug would be found |
//!
//! A case is *held*, *BROKEN*, or *not tried*: then it says why. The program ends with an
//! error when one did not hold, or (but for `--short`) was not tried.

mod bystanders;
mod cases;
mod clock;
mod delivery;
mod error;
mod five;
mod follower;
mod malformed;
mod outcome;
mod run;

use std::{num::NonZeroUsize, process::ExitCode, time::Duration};

use bench::{files_for, interrupted, progress_done};
use clap::Parser;
use tokio::runtime::{Builder, LocalOptions};

use crate::{error::Error, five::Bug};

/// Tries what breaks servers on the five, and reports what held
#[derive(Debug, Parser)]
#[command(name = "chaos", max_term_width = 85)]
struct Flags {
    /// How long the case "resuming under chaos", or that of a cluster, lasts
    #[arg(long = "for", default_value = "10s", value_name = "DURATION")]
    #[arg(value_parser = stage::duration)]
    time: Duration,

    /// Run shorter cases with fewer clients, as the tests do
    #[arg(long)]
    short: bool,

    /// Instead of all cases, kill servers of a cluster, its broker and its proxy
    #[arg(long, conflicts_with_all = ["short", "plant"])]
    cluster: bool,

    /// Switch on a bug, which the run has to find
    #[arg(long, value_name = "BUG")]
    plant: Option<Bug>,

    /// Run as a server that publishes --each samples at a time
    #[arg(long, hide = true)]
    serve: bool,
    #[arg(long, hide = true, default_value = "100ms", value_parser = stage::duration)]
    every: Duration,
    #[arg(long, hide = true, default_value = "1")]
    each: usize,
    #[arg(long, hide = true, default_value = "1000")]
    keep: NonZeroUsize,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let result = if flags.serve {
        let Flags { every, each, keep, plant, .. } = flags;
        let served = five::serve(every, each, keep, plant);
        actix_web::rt::System::new().block_on(served).map(|()| true)
    } else {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default());
        match runtime {
            Ok(runtime) => runtime.block_on(run(&flags)),
            Err(error) => Err(error.into()),
        }
    };
    progress_done();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            stage::print_error("chaos", &error);
            ExitCode::FAILURE
        }
    }
}

/// Whether all held.
async fn run(flags: &Flags) -> Result<bool, Error> {
    let mut stop = interrupted()?;
    if flags.cluster {
        return Ok(run::run_cluster(flags.time, &stop).await);
    }
    files_for(run::IDLE_CLIENTS as u64)?;
    run::run(flags.plant, flags.short, flags.time, &mut stop).await
}
