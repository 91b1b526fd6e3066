//! When samples are published: the presenter sets the rhythm, and chance does the rest.

use std::time::Duration;

use feed::{Feed, Random};
use tokio::{
    select,
    sync::watch,
    task::yield_now,
    time::{Instant, sleep_until},
};

use crate::notifier::Notifier;

/// When samples are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// While true, samples are published only when the presenter asks for some.
    pub(crate) paused: bool,
    /// Mean time between two.
    pub(crate) every: Duration,
    /// How many samples the presenter has asked for, since the start.
    pub(crate) requested: u64,
}

/// How many samples are published in a row before other tasks run: the branches of the
/// feed must not fall behind its log.
const BURST_LIMIT: u64 = 50;

/// Publishes at random, as the presenter says, until the feed is closed.
pub(crate) async fn publish(
    feed: Feed,
    mut rhythm: watch::Receiver<Rhythm>,
    notifier: Notifier,
    mut random: Random,
) {
    let Rhythm { mut every, .. } = *rhythm.borrow();
    let mut next = Instant::now() + random.pause(every);
    let mut published = 0;
    loop {
        let now = *rhythm.borrow_and_update();
        while published < now.requested {
            feed.publish(&random.data());
            published += 1;
            if published % BURST_LIMIT == 0 {
                yield_now().await;
            }
        }
        if now.every != every {
            every = now.every;
            next = Instant::now() + random.pause(every);
        }
        notifier.notify();
        select! {
            () = feed.closed() => return,
            // Without its sender, the workshop has ended.
            changed = rhythm.changed() => if changed.is_err() { return },
            () = sleep_until(next), if !now.paused => {
                feed.publish(&random.data());
                // Computed from the last deadline, so that rounding does not add up.
                // What a pause left out is not made up for.
                next = (next + random.pause(every)).max(Instant::now());
            }
        }
    }
}
