//! Publishing, by one server at a time.

use std::{convert::Infallible, num::NonZeroUsize, time::Duration};

use feed::{Cursor, Feed, Sample};
use redis::RedisResult;
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval},
};
use tracing::info;

use crate::{
    replica::{is_after, newest},
    stream::{Address, Appended, LEASE_TTL, Stream},
};

/// How often the lease is asked for: often enough that a lost answer does not cost it.
const RENEWAL_INTERVAL: Duration = Duration::from_millis(250);

/// A server that publishes when it has the lease.
pub(crate) struct Publisher {
    pub(crate) address: Address,
    /// The name under which it takes the lease.
    pub(crate) name: String,
    /// Its copy of the log.
    pub(crate) feed: Feed,
    /// What it would publish.
    pub(crate) outbox: mpsc::Receiver<String>,
    pub(crate) keep: NonZeroUsize,
    /// Until when it has the lease. Written when it was asked for.
    pub(crate) lease: Option<Instant>,
    /// The id of the newest sample in the log, as far as is known here: written with each
    /// that is appended, and none after a refusal.
    pub(crate) newest: Option<Cursor>,
}

impl Publisher {
    /// Publishes while it has the lease, until the broker is away.
    pub(crate) async fn run(&mut self) -> RedisResult<Infallible> {
        let mut stream = Stream::connect(&self.address).await?;
        // What was not sent may be there all the same, and another may have published.
        self.newest = None;
        // What has waited for the broker is not made up for.
        while self.outbox.try_recv().is_ok() {}
        let mut renewal = interval(RENEWAL_INTERVAL);
        loop {
            select! {
                _ = renewal.tick() => self.renew(&mut stream).await?,
                Some(data) = self.outbox.recv() => {
                    if self.lease.is_some_and(|end| Instant::now() < end) {
                        self.publish(&mut stream, &data).await?;
                    }
                }
            }
        }
    }

    async fn renew(&mut self, stream: &mut Stream) -> RedisResult<()> {
        let end = Instant::now() + LEASE_TTL;
        let had = self.lease.is_some();
        self.lease = stream.take_lease(&self.name).await?.then_some(end);
        if self.lease.is_some() != had {
            self.newest = None;
            info!(publisher = !had, "the lease of the publisher changes hands");
        }
        Ok(())
    }

    /// Appends a sample with the id after the newest. If another server has appended that one
    /// meanwhile, this one is not published.
    async fn publish(&mut self, stream: &mut Stream, data: &str) -> RedisResult<()> {
        let newest = match self.newest {
            Some(newest) => Some(newest),
            None => self.find_newest(stream).await?,
        };
        let Some(newest) = newest else { return Ok(()) };
        let sample = Sample::new(Cursor { seq: newest.seq + 1, ..newest }, data);
        self.newest = match stream.append(&sample, self.keep).await? {
            Appended::Yes => Some(sample.id),
            Appended::Refused | Appended::NoLog => None,
        };
        Ok(())
    }

    /// The id of the newest sample in the log; none, when this server knows a later one: then
    /// the log was lost, and the next run has to begin first.
    async fn find_newest(&self, stream: &mut Stream) -> RedisResult<Option<Cursor>> {
        let there = stream.newest(1).await?.pop();
        let known = newest(&self.feed).map(|sample| sample.id);
        Ok(there
            .map(|sample| sample.id)
            .filter(|there| known.is_none_or(|known| !is_after(known, *there))))
    }
}
