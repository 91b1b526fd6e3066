//! The room as adversary: each case says what was tried, and what held.

mod book;
mod cases;
mod chaos;
mod clock;
pub(crate) mod five;
mod malformed;
mod wakes;

use std::{io, time::Duration};

use clap::ValueEnum;

use crate::{
    hostile::five::Bug,
    load::Stop,
    report::{progress_done, say},
};

/// The most clients that a case has at once.
pub(crate) const CLIENTS: u32 = 10_000;

/// What became of a case: what was tried, and what was seen.
pub(crate) struct Outcome {
    verdict: Verdict,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Held,
    Broken,
    /// Not here, or not all of it: nothing is known.
    NotTried,
}

/// Whether it held.
fn judge(held: bool, text: impl Into<String>) -> io::Result<Outcome> {
    let verdict = if held { Verdict::Held } else { Verdict::Broken };
    Ok(Outcome { verdict, text: text.into() })
}

fn not_tried(why: impl Into<String>) -> io::Result<Outcome> {
    Ok(Outcome { verdict: Verdict::NotTried, text: why.into() })
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

/// Runs all cases, the chaos for so long; or the one that has to find a bug. Returns
/// whether all held, and all was tried: of a short run, all that it has time for.
pub(crate) async fn run(
    bug: Option<Bug>,
    short: bool,
    time: Duration,
    stop: &mut Stop,
) -> io::Result<bool> {
    let scale = if short {
        let watch = Duration::from_secs(1);
        Scale { crowd: 20, idle: 200, flood: 300, watch, short }
    } else {
        let (idle, watch) = (CLIENTS as usize, Duration::from_secs(3));
        Scale { crowd: 100, idle, flood: 5000, watch, short }
    };
    let name = bug.as_ref().and_then(ValueEnum::to_possible_value);
    let name = name.as_ref().map(|name| name.get_name());
    let mut all = Vec::new();
    if bug.is_none_or(|bug| bug == Bug::LostWakeUp) {
        let time = time.min(Duration::from_secs(10));
        all.push(case("no wake is lost", wakes::wakes(name, time), stop).await);
    }
    if bug != Some(Bug::LostWakeUp) {
        // Not in the condition: whoever stops us would wait until this is read.
        let stopped = *stop.borrow();
        let outcome = if stopped {
            not_tried("interrupted")
        } else {
            // It ends by itself when it is stopped, and says what it has seen until then.
            chaos::chaos(name, time, stop.clone()).await
        };
        all.push(tell("resuming under chaos", outcome));
    }
    if bug.is_none() {
        all.extend([
            case("a clock that jumps", clock::clock(), stop).await,
            case("clients that never read", cases::stuck(scale), stop).await,
            case("idle clients", cases::idle(scale), stop).await,
            case("a burst of samples", cases::burst(scale), stop).await,
            case("slow heads and slow bodies", cases::slow(scale), stop).await,
            case("malformed requests and frames", cases::malformed(), stop).await,
            case("few files", cases::few_files(), stop).await,
            case("a flood of connections", cases::flood(scale), stop).await,
            case("half-open peers", cases::half_open(scale), stop).await,
            case("SIGTERM in the middle of it all", cases::sigterm(scale), stop)
                .await,
        ]);
    }
    Ok(all.into_iter().all(|verdict| match verdict {
        Verdict::Held => true,
        Verdict::Broken => false,
        Verdict::NotTried => short && !*stop.borrow(),
    }))
}

/// Tries a case, and says what became of it.
async fn case(
    name: &str,
    case: impl Future<Output = io::Result<Outcome>>,
    stop: &mut Stop,
) -> Verdict {
    let interrupted = || not_tried("interrupted");
    if *stop.borrow() {
        return tell(name, interrupted());
    }
    tokio::select! {
        outcome = case => tell(name, outcome),
        _ = stop.changed() => tell(name, interrupted()),
    }
}

fn tell(name: &str, outcome: io::Result<Outcome>) -> Verdict {
    progress_done();
    let Outcome { verdict, text } = outcome.unwrap_or_else(|error| Outcome {
        verdict: Verdict::Broken,
        text: error.to_string(),
    });
    let label = match verdict {
        Verdict::Held => "held",
        Verdict::Broken => "BROKEN",
        Verdict::NotTried => "not tried",
    };
    say(&format!("{label:<9}  {name}: {text}"));
    verdict
}
