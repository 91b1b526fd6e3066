//! The room as adversary: each case says what was tried, and what held.

mod cases;
mod chaos;
pub(crate) mod five;
mod malformed;

use std::{io, time::Duration};

use clap::ValueEnum;

use crate::{
    hostile::five::Bug,
    load::Stop,
    report::{progress_done, say},
};

/// What became of a case.
pub(crate) struct Held {
    held: bool,
    /// What was tried, and what was seen.
    text: String,
}

fn held(text: impl Into<String>) -> io::Result<Held> {
    Ok(Held { held: true, text: text.into() })
}

fn broken(text: impl Into<String>) -> io::Result<Held> {
    Ok(Held { held: false, text: text.into() })
}

/// How much is done: all of it, or what a test has time for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Clients that never read, and clients that do.
    crowd: usize,
    idle: usize,
    flood: usize,
    watch: Duration,
    short: bool,
}

/// Runs all cases, the chaos for so long; or the chaos alone, with a bug that has to be
/// found. Returns whether all held.
pub(crate) async fn run(
    bug: Option<Bug>,
    short: bool,
    time: Duration,
    stop: &mut Stop,
) -> io::Result<bool> {
    let scale = if short {
        let watch = Duration::from_millis(700);
        Scale { crowd: 20, idle: 200, flood: 300, watch, short }
    } else {
        let watch = Duration::from_secs(3);
        Scale { crowd: 100, idle: 10_000, flood: 5000, watch, short }
    };
    let name = bug.as_ref().and_then(ValueEnum::to_possible_value);
    let name = name.as_ref().map(|name| name.get_name());
    let mut all = true;
    // Each case is a future that does nothing until its turn has come.
    macro_rules! cases {
        ($($name:literal => $case:expr),* $(,)?) => {
            $(
                if !*stop.borrow() {
                    let outcome: Option<io::Result<Held>> = tokio::select! {
                        outcome = $case => Some(outcome),
                        _ = stop.changed() => None,
                    };
                    if let Some(outcome) = outcome {
                        all &= tell($name, outcome);
                    }
                }
            )*
        };
    }
    if bug.is_none_or(|bug| bug == Bug::LostWakeUp) {
        let time = time.min(Duration::from_secs(10));
        cases! { "no wake is lost" => chaos::wakes(name, time) }
    }
    if bug != Some(Bug::LostWakeUp) {
        cases! { "resuming under chaos" => chaos::chaos(name, time) }
    }
    if bug.is_none() {
        cases! {
            "clients that never read" => cases::stuck(scale),
            "idle clients" => cases::idle(scale),
            "a burst of samples" => cases::burst(scale),
            "slow heads and slow bodies" => cases::slow(scale),
            "malformed requests and frames" => cases::malformed(),
            "few files" => cases::few_files(),
            "a flood of connections" => cases::flood(scale),
            "half-open peers" => cases::half_open(scale),
            "SIGTERM in the middle of it all" => cases::sigterm(scale),
        }
    }
    Ok(all)
}

fn tell(name: &str, outcome: io::Result<Held>) -> bool {
    progress_done();
    let (verdict, text, held) = match outcome {
        Ok(Held { held: true, text }) => ("held  ", text, true),
        Ok(Held { held: false, text }) => ("BROKEN", text, false),
        Err(error) => ("BROKEN", error.to_string(), false),
    };
    say(&format!("{verdict}  {name}: {text}"));
    held
}
