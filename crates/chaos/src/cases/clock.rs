//! A clock that jumps while clients are connected.

use std::time::Duration;

use bench::client::Protocol;
use machine::Stopwatch;
use tokio::time::sleep;

use crate::{
    bystanders::{Bystanders, lines},
    clock::{Clock, FAR},
    error::Error,
    five::five,
    follower::{between, newest},
    outcome::{Outcome, judge, not_tried},
};

/// No connection depends on what time it is.
pub(crate) async fn clock() -> Result<Outcome, Error> {
    let clock = Clock::find()?;
    if !clock.jumps() {
        return not_tried("libfaketime is not installed (Debian: faketime)");
    }
    let server = clock.start(&five(&["--every", "10ms"])?)?;
    let bystanders = Bystanders::enter(server.address, 10, &Protocol::ALL);
    let first = newest(server.address).await?.seq;
    let mut watch = Stopwatch::start(Duration::from_millis(250));
    let mut jumps = 0;
    while watch.elapsed() < Duration::from_secs(3) {
        sleep(between(20..200)).await;
        clock.jump()?;
        jumps += 1;
    }
    let published = newest(server.address).await?.seq - first;
    let rate = published as f64 / watch.elapsed().as_secs_f64();
    let checker = bystanders.checker.clone();
    let complaints = bystanders.leave().await?;
    let text = format!(
        "{jumps} jumps, up to {:.1} h off; {rate:.0} samples a second to 10 clients, \
         which must keep their connections",
        checker.clock().as_secs_f64() / 3600.0
    );
    let held = complaints.is_empty() && checker.clock() > FAR && rate > 80.0;
    judge(held, format!("{text}{}", lines(&complaints)))
}
