//! More samples than any client can take.

use bench::client::Protocol;
use tokio::time::Instant;

use crate::{
    bystanders::{Bystanders, lines},
    error::Error,
    five::start_five,
    follower::newest,
    outcome::{Outcome, Scale, judge},
};

/// A hundred thousand samples a second: each is delivered or announced as missed, and
/// memory stays. A log that does not forget would take 15 MB more each second. (A debug
/// build has less to do.)
pub(crate) async fn burst(scale: Scale) -> Result<Outcome, Error> {
    let (each, keep) =
        if cfg!(debug_assertions) { ("50", "200") } else { ("100", "1000") };
    let server = start_five(&["--every", "1ms", "--each", each, "--keep", keep])?;
    let bystanders = Bystanders::enter(server.address, 10, &Protocol::ALL);
    bystanders.rate(scale.watch * 2).await;
    let (memory, before) = (server.memory()?, newest(server.address).await?.seq);
    let start = Instant::now();
    let received = bystanders.rate(scale.watch * 3).await;
    let published = newest(server.address).await?.seq - before;
    let published = published as f64 / start.elapsed().as_secs_f64();
    let grown = server.memory()?.saturating_sub(memory) as f64 / 1e6;
    let complaints = bystanders.complaints(true);
    let least = if cfg!(debug_assertions) { 10_000.0 } else { 90_000.0 };
    let text = format!(
        "{published:.0} samples a second published, at least {least:.0} expected; \
         {received:.0} received by 10 clients, the rest announced as missed; memory \
         {grown:+.1} MB"
    );
    let held = complaints.is_empty() && published >= least && grown <= 10.0;
    judge(held, text + &lines(&complaints))
}
