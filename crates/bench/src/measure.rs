//! N clients on one server, and what they and the system saw.
//!
//! ```text
//! idle server ── N connect ── memory │ server ── N connect ── for so long ── the last
//!                                    │                        └ measured ┘   catch up
//! ```

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use machine::{ServerProcess, socket_buffers, thread_cpu_time};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    client::Connection,
    crowd::{Crowd, address},
    error::Error,
    interrupt::Stop,
    progress::progress,
    record::Record,
    subject::{Plan, Subject},
    tally::Sums,
};

/// Longer than any run.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the last clients have for what the first already had.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs a plan on a server. Nothing, when it was stopped before there was anything to see.
///
/// # Errors
/// When the server does not start, or a client is not served.
pub(crate) async fn measure(
    subject: &Subject,
    plan: &Plan,
    stop: &mut Stop,
) -> Result<Option<Record>, Error> {
    let Some(memory_idle) = idle_memory(subject, plan, stop).await? else {
        return Ok(None);
    };
    let server = subject.start(plan.every)?;
    let (memory, buffers) = (server.memory()?, socket_buffers()?);
    let first_byte = first_byte(subject, &server).await?;
    let (crowd, mut clients) = (Crowd::new(plan.clients)?, JoinSet::new());
    let entered =
        crowd.enter(&mut clients, subject, &[server.address], plan, stop).await?;
    let Some(connect) = entered else { return Ok(None) };
    let period = observe(&crowd, subject, &server, plan, stop).await?;
    let memory_after = a_client(plan, server.memory()?, memory);
    let kernel_after = a_client(plan, socket_buffers()?, buffers);
    if period.grown.delivered == 0 {
        return match *stop.borrow() {
            true => Ok(None),
            false => Err(Error::NoSample { seconds: period.seconds }),
        };
    }
    let left = catch_up(&crowd, plan).await;
    clients.shutdown().await;
    let tally = crowd.tally.borrow();
    let Period { seconds, cpu, own_cpu, grown } = period;
    let micros = cpu.as_nanos() as f64 / 1000.0;
    let samples = grown.delivered as f64;
    let polls = subject.protocol.polls();
    Ok(Some(Record {
        server: subject.name,
        technique: subject.protocol,
        clients: plan.clients,
        seconds,
        delivered: grown.delivered,
        missed: tally.missed + left,
        duplicated: tally.duplicated,
        answers: grown.responses,
        latency_p50: tally.latency.value_at_quantile(0.5),
        latency_p90: tally.latency.value_at_quantile(0.9),
        latency_p99: tally.latency.value_at_quantile(0.99),
        latency_max: tally.latency.max(),
        cpu_per_sample: micros / samples,
        cpu_per_answer: polls.then(|| micros / grown.responses.max(1) as f64),
        server_busy: cpu.as_secs_f64() / seconds,
        bench_busy: own_cpu.as_secs_f64() / seconds,
        memory_idle,
        memory_after,
        kernel_after,
        up_per_sample: grown.up as f64 / samples,
        down_per_sample: grown.down as f64 / samples,
        payload_share: grown.payload as f64 / (grown.up + grown.down).max(1) as f64,
        connect_seconds: connect.as_secs_f64(),
        first_byte,
    }))
}

/// What has grown, for each client.
fn a_client(plan: &Plan, bytes: u64, before: u64) -> f64 {
    bytes.saturating_sub(before) as f64 / plan.clients as f64
}

/// How much memory a server without news has for each client. Nothing, when it was
/// stopped.
async fn idle_memory(
    subject: &Subject,
    plan: &Plan,
    stop: &mut Stop,
) -> Result<Option<f64>, Error> {
    let server = subject.start(DAY)?;
    let before = server.memory()?;
    let (crowd, mut clients) = (Crowd::new(plan.clients)?, JoinSet::new());
    let silent = Plan { poll: DAY, ..plan.clone() };
    let entered =
        crowd.enter(&mut clients, subject, &[server.address], &silent, stop).await?;
    let memory = a_client(plan, server.memory()?, before);
    drop(server);
    // What follows must not wait for them.
    clients.shutdown().await;
    Ok(entered.map(|_| memory))
}

/// How long after the start of its process a server answers, in microseconds.
async fn first_byte(
    subject: &Subject,
    server: &ServerProcess,
) -> Result<u64, Error> {
    let mut probe =
        Connection::open(subject.protocol, server.address, address(0)).await?;
    probe.ask(None).await?;
    probe.read(|_| {}).await?;
    Ok(server.started.elapsed().as_micros() as u64)
}

/// What was seen while it was measured.
struct Period {
    seconds: f64,
    /// What the server used of its core, and the clients of theirs.
    cpu: Duration,
    own_cpu: Duration,
    grown: Sums,
}

/// Measures for as long as planned, or until it is stopped.
async fn observe(
    crowd: &Rc<Crowd>,
    subject: &Subject,
    server: &ServerProcess,
    plan: &Plan,
    stop: &mut Stop,
) -> Result<Period, Error> {
    let (cpu, own) = (server.cpu()?, thread_cpu_time()?);
    let start = Instant::now();
    let sums = {
        let mut tally = crowd.tally.borrow_mut();
        tally.measuring = true;
        tally.sums
    };
    while start.elapsed() < plan.time && !*stop.borrow() {
        let left = plan.time.saturating_sub(start.elapsed());
        let _ = timeout(left.min(Duration::from_secs(1)), stop.changed()).await;
        crowd.check()?;
        progress(&format!(
            "{} {}: {} clients, {:.0} of {:.0} s, {} samples",
            subject.name,
            subject.protocol,
            plan.clients,
            start.elapsed().as_secs_f64(),
            plan.time.as_secs_f64(),
            crowd.tally.borrow().sums.delivered - sums.delivered,
        ));
    }
    let seconds = start.elapsed().as_secs_f64();
    let cpu = server.cpu()?.saturating_sub(cpu);
    let own_cpu = thread_cpu_time()?.saturating_sub(own);
    let mut tally = crowd.tally.borrow_mut();
    tally.measuring = false;
    Ok(Period { seconds, cpu, own_cpu, grown: tally.sums - sums })
}

/// Waits until all clients have what the first have by now. Returns how many samples are
/// missing after that.
pub(crate) async fn catch_up(crowd: &Crowd, plan: &Plan) -> u64 {
    let newest = crowd.tally.borrow().newest;
    let all = async {
        while crowd.tally.borrow().seen.iter().any(|seen| *seen < newest) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = timeout(plan.poll * 2 + CATCH_UP_TIMEOUT, all).await;
    let tally = crowd.tally.borrow();
    tally.seen.iter().map(|seen| newest.saturating_sub(*seen)).sum()
}
