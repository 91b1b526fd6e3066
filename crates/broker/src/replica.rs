//! A server's copy of the log: how it gets its first samples, and stays complete.

use std::{convert::Infallible, num::NonZeroUsize, time::Duration};

use feed::{Cursor, Feed, Random, Run, Sample};
use redis::RedisResult;
use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::{
    outage::Outage,
    stream::{Address, Stream},
};

/// How long a server that has just started leaves an empty broker to the others. A server
/// that knows the run before begins the one after it; then clients that go from server to
/// server can tell which is newer.
const BEGIN_DELAY: Duration = Duration::from_millis(500);

/// How often such a server looks whether another has begun.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The oldest of the newest samples, and those after it, as soon as there is one. In an
/// empty broker, the server with the lease begins a run with this `first` one.
pub(crate) async fn first_samples(
    address: &Address,
    name: &str,
    keep: NonZeroUsize,
    first: &str,
) -> RedisResult<(Sample, Vec<Sample>)> {
    let mut stream = Stream::connect(address).await?;
    let start = Instant::now();
    loop {
        let mut samples = stream.newest(keep.get()).await?.into_iter();
        if let Some(oldest) = samples.next() {
            return Ok((oldest, samples.collect()));
        }
        if start.elapsed() >= BEGIN_DELAY && stream.take_lease(name).await? {
            // From the lower half of all runs, so that there are many above it.
            let run = Run::from_number(Run::draw().number() / 2);
            stream.begin(&Sample::new(Cursor { run, seq: 1 }, first)).await?;
        } else {
            sleep(LOOK_INTERVAL).await;
        }
    }
}

/// Fills the feed with all that comes, until the broker is away.
pub(crate) async fn follow(
    address: &Address,
    feed: &Feed,
    keep: NonZeroUsize,
    outage: &mut Outage,
) -> RedisResult<Infallible> {
    let mut stream = Stream::connect_to_wait(address).await?;
    loop {
        catch_up(&mut stream, feed, keep).await?;
        outage.end();
        let mut there = true;
        while there {
            let Some(newest) = newest(feed) else { break };
            let samples = stream.after(newest.id).await?;
            // A log that is deleted says nothing, and what is new in it may be below what is
            // known here.
            there = !samples.is_empty() || stream.has(&newest).await?;
            feed.append(samples);
        }
    }
}

/// Gives the feed what the log has after the feed's newest sample. When that sample is not
/// in the log any more, begins the next run.
async fn catch_up(
    stream: &mut Stream,
    feed: &Feed,
    keep: NonZeroUsize,
) -> RedisResult<()> {
    while let Some(known) = newest(feed) {
        let mut samples = stream.newest(keep.get()).await?;
        let newest_run = samples.last().map_or(0, |newest| newest.id.run.number());
        let known_run = known.id.run.number();
        let same =
            |sample: &Sample| sample.id == known.id && sample.json == known.json;
        if let Some(at) = samples.iter().position(same) {
            feed.append(samples.drain(at + 1..));
            return Ok(());
        }
        let oldest_is_new =
            samples.first().is_some_and(|s| is_after(s.id, known.id));
        if oldest_is_new || newest_run > known_run {
            // The broker was away from here for longer than its log goes back; or another
            // server was first to see that the log was lost. What is left of an old log
            // below the run that began then is of no use.
            samples.retain(|sample| {
                oldest_is_new || sample.id.run.number() > known_run
            });
            feed.append(samples);
            return Ok(());
        }
        let run = Run::from_number(known_run + 1);
        warn!(%run, known = %known.id, "the broker has lost its log: the next run begins");
        let data = Random::new(None).data();
        // Refused, when another server was first. Then its samples are there.
        stream.begin(&Sample::new(Cursor { run, seq: 1 }, &data)).await?;
    }
    Ok(())
}

/// The newest sample that this server has. There is always one.
pub(crate) fn newest(feed: &Feed) -> Option<Sample> {
    feed.since(None).samples.last().cloned()
}

/// Whether `id` is of a later run than `known`, or later in the same.
pub(crate) fn is_after(id: Cursor, known: Cursor) -> bool {
    (id.run.number(), id.seq) > (known.run.number(), known.seq)
}
