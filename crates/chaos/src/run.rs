//! All cases, one after another.

use std::time::Duration;

use bench::{Stop, progress_done};
use clap::ValueEnum;
use stage::print_line;

use crate::{
    cases,
    error::Error,
    five::Bug,
    outcome::{Outcome, Scale, Verdict, not_tried},
};

/// The most clients that a case has at once.
pub(crate) const IDLE_CLIENTS: usize = 10_000;

/// Runs all cases, the chaos for so long; or the one that has to find a bug. Returns
/// whether all held, and all was tried: of a short run, all that it has time for.
pub(crate) async fn run(
    bug: Option<Bug>,
    short: bool,
    time: Duration,
    stop: &mut Stop,
) -> Result<bool, Error> {
    let scale = if short {
        let watch = Duration::from_secs(1);
        Scale { crowd: 20, idle: 200, flood: 300, watch, short }
    } else {
        let (idle, watch) = (IDLE_CLIENTS, Duration::from_secs(3));
        Scale { crowd: 100, idle, flood: 5000, watch, short }
    };
    let name = bug.as_ref().and_then(ValueEnum::to_possible_value);
    let name = name.as_ref().map(|name| name.get_name());
    let mut all = Vec::new();
    if bug.is_none_or(|bug| bug == Bug::LostWakeUp) {
        let time = time.min(Duration::from_secs(10));
        all.push(case("no wake is lost", cases::wakes(name, time), stop).await);
    }
    if bug != Some(Bug::LostWakeUp) {
        // Not in the condition: the sender of a stop would wait until this is read.
        let stopped = *stop.borrow();
        let outcome = if stopped {
            not_tried("interrupted")
        } else {
            // It ends by itself when it is stopped, and says what it has seen until then.
            cases::resuming(name, time, stop.clone()).await
        };
        all.push(tell("resuming under chaos", outcome));
    }
    if bug.is_none() {
        all.extend([
            case("a clock that jumps", cases::clock(), stop).await,
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

/// Lets several servers on a broker live through the same, half of the time on a broker that
/// keeps its log, half on one that forgets it. Returns whether all held, and all was tried.
pub(crate) async fn run_cluster(time: Duration, stop: &Stop) -> bool {
    let mut held = true;
    for (name, persistent) in [
        ("several servers, a broker that keeps its log", true),
        ("several servers, a broker that forgets it", false),
    ] {
        let outcome = cases::cluster(persistent, time / 2, stop.clone()).await;
        held &= tell(name, outcome) == Verdict::Held;
    }
    held
}

/// Tries a case, and says what became of it.
async fn case(
    name: &str,
    case: impl Future<Output = Result<Outcome, Error>>,
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

fn tell(name: &str, outcome: Result<Outcome, Error>) -> Verdict {
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
    print_line(&format!("{label:<9}  {name}: {text}"));
    verdict
}
