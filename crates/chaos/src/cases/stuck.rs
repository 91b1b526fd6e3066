//! Clients that never read, beside others that do.

use std::{collections::HashSet, time::Duration};

use machine::send_queues;
use tokio::time::Instant;

use crate::{
    bystanders::{Bystanders, lines},
    cases::stuck_clients::{STREAMS, never_read},
    error::Error,
    five::start_five,
    follower::newest,
    outcome::{Outcome, Scale, judge},
};

/// Clients that never read: the others keep their rate within 5 %, the server's memory
/// grows by at most 30 MB, and those stuck are gone within 10 s.
pub(crate) async fn stuck(scale: Scale) -> Result<Outcome, Error> {
    // 140 KB a second for each: what the kernel holds is full in one.
    let server =
        start_five(&["--every", "10ms", "--each", "20", "--keep", "10000"])?;
    let address = server.address;
    let bystanders = Bystanders::enter(address, scale.crowd, &STREAMS);
    bystanders.rate(scale.watch).await;
    let before = bystanders.rate(scale.watch * 3).await / scale.crowd as f64;
    let memory = server.memory()?;
    let stuck = never_read(address, scale.crowd).await?;
    let ports: Result<HashSet<u16>, Error> =
        stuck.iter().map(|stuck| Ok(stuck.local_addr()?.port())).collect();
    let ports = ports?;
    let (mut most, mut received, mut full) = (0, 0.0, 0);
    let (first, start) = (newest(address).await?.seq, Instant::now());
    let left = loop {
        received += bystanders.count_for(Duration::from_millis(500)).await as f64;
        most = most.max(server.memory()?);
        let waiting = send_queues(address.port(), &ports)?;
        let enough = waiting.iter().filter(|bytes| **bytes >= 64 << 10).count();
        full = full.max(enough);
        if waiting.is_empty() || start.elapsed() > Duration::from_secs(20) {
            break waiting.len();
        }
    };
    let gone = start.elapsed().as_secs_f64();
    let published = (newest(address).await?.seq - first) as f64;
    let share = received / published / scale.crowd as f64;
    let during = received / gone / scale.crowd as f64;
    let complaints = bystanders.leave().await?;
    let grown = most.saturating_sub(memory) as f64 / 1e6;
    let text = format!(
        "{n} that never read, {full} of them with 64 KB or more waiting for them, beside \
         {n} that do: those have {during:.0} samples a second, before it was {before:.0}, \
         and {:.1} % of what is published in time, and all in the end; memory \
         {grown:+.1} MB; {left} of the stuck still there after {gone:.1} s",
        share * 100.0,
        n = scale.crowd
    );
    // In a short time, a busy machine is a larger part of it, also of the time before.
    let rates = if scale.short { 0.5..f64::INFINITY } else { 0.95..1.05 };
    let kept = rates.contains(&(during / before)) && rates.contains(&share);
    let held = complaints.is_empty()
        && full * 10 >= scale.crowd * 9
        && kept
        && grown <= 30.0
        && left == 0
        && gone <= 10.0;
    judge(held, text + &lines(&complaints))
}
