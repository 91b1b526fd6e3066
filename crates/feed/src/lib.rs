//! The random data that all five techniques show: an append-only log of samples,
//! read by cursor.
//!
//! A client's only state is a [`Cursor`], the id of the last sample it has seen.
//! Every technique asks the same question, "what comes after my cursor?", and
//! they differ only in when the answer comes:
//!
//! | verb | when it answers | used by |
//! |---|---|---|
//! | [`Feed::since`] | at once, perhaps with nothing | short polling |
//! | [`Feed::next`] | as soon as there is something | long polling |
//! | [`Feed::follow`] | again and again | HTTP streaming, SSE, WebSocket |
//!
//! ```text
//!            since(k3f9-15)
//!                  │
//!  … ─ 13 ─ 14 ─ 15 ─ 16 ─ 17         run k3f9, newest 17
//!  oldest kept      └──┬──┘
//!                    batch
//! ```
//!
//! Nothing is queued per client. A slow client just has an older cursor; one that
//! fell off the end of the log is told how many samples it missed ([`Gap`]), and
//! so is one whose cursor is of another run, because the server restarted.
//! Whatever the clients do, the log holds at most `keep` samples.

mod cursor;
mod random;
mod weather;

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    time::{Duration, SystemTime},
};

use bytestring::ByteString;
use serde::Serialize;
use smallvec::SmallVec;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

pub use crate::{
    cursor::{Cursor, MalformedCursor, Run},
    random::Random,
    weather::Weather,
};

/// A sample as it goes over the wire. Cloning one shares its text.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its place in the log.
    pub id: Cursor,
    /// `{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}`, on
    /// one line; `at` in Unix milliseconds. Serialised once, at publication.
    pub json: ByteString,
}

/// Told to a client that can't be given all it asked for: its cursor fell off the
/// end of the log, or is of another run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// How many samples of this run the client will never see.
    pub missed: u64,
    /// The cursor was not of this run: the server restarted since.
    pub restarted: bool,
    /// The cursor with the missed samples accounted for; the next sample is the
    /// one after it. Who resumes from here is not told of the same gap again.
    pub id: Cursor,
}

impl Gap {
    /// `{"missed":12,"restarted":false,"id":"k3f9-29"}`
    #[must_use]
    pub fn json(&self) -> String {
        to_json(self)
    }
}

/// What comes after a cursor.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Told before the samples, if some are missing.
    pub gap: Option<Gap>,
    /// In order and without holes. Mostly one, and then without an allocation.
    pub samples: SmallVec<[Sample; 1]>,
}

impl Batch {
    /// Nothing is new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        #[cfg(test)]
        tests::between_reading_and_waiting();
        self.samples.is_empty()
    }

    /// The cursor of a client that has read this batch.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.samples.last().map(|sample| sample.id)
    }
}

/// The log, shared: a clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct Feed {
    // A `watch` channel is a value under a read-write lock with a version, and a
    // wake for everyone who waits for a newer version: exactly a log and its news.
    log: watch::Sender<Log>,
    closed: watch::Sender<bool>,
}

impl Feed {
    /// A new run. The first sample is there from the start, so that there always
    /// is a newest one. Of all samples, the newest `keep` are kept.
    #[must_use]
    pub fn new(keep: NonZeroUsize, first: &str) -> Self {
        let mut log = Log {
            run: Run::draw(),
            newest: 0,
            keep: keep.get(),
            samples: VecDeque::new(),
            closed: false,
        };
        log.push(first);
        Self { log: watch::Sender::new(log), closed: watch::Sender::new(false) }
    }

    /// Appends a sample: one wake for each client that waits, no copy for any.
    pub fn publish(&self, data: &str) {
        self.log.send_modify(|log| log.push(data));
    }

    /// Publishes at random, every `mean` on average, until the feed is closed.
    pub async fn publish_at_random(&self, mean: Duration, mut random: Random) {
        // From deadline to deadline: what a timer rounds up does not add up, and a
        // busy server keeps the rhythm. A laptop that slept does not make up for it.
        let mut next = Instant::now();
        loop {
            next += random.pause(mean);
            if next.elapsed() > Duration::from_secs(1) {
                next = Instant::now();
            }
            sleep_until(next).await;
            if self.log.borrow().closed {
                return;
            }
            self.publish(&random.data());
        }
    }

    /// Ends the feed: whoever waits is given what is left, and then `None`.
    pub fn close(&self) {
        self.log.send_modify(|log| log.closed = true);
        self.closed.send_replace(true);
    }

    /// What is there after `cursor`, at once, perhaps nothing. Without a cursor,
    /// the newest sample.
    #[must_use]
    pub fn since(&self, cursor: Option<Cursor>) -> Batch {
        self.log.borrow().since(cursor)
    }

    /// Waits until there is something after `cursor`. `None`: the feed was closed.
    pub async fn next(&self, cursor: Option<Cursor>) -> Option<Batch> {
        self.follow(cursor).next().await
    }

    /// All that comes after `cursor`, batch by batch.
    #[must_use]
    pub fn follow(&self, cursor: Option<Cursor>) -> Follower {
        Follower { log: self.log.subscribe(), cursor }
    }

    /// A feed with the same samples that can be closed while this one goes on: a server
    /// of its own, for one that restarts. It lasts as long as the future, which ends
    /// with it, is polled.
    pub fn branch(&self) -> (Self, impl Future<Output = ()> + Send + use<>) {
        // Subscribed first: what is published from here on is new to `follower`.
        let mut log = self.log.subscribe();
        let copy = log.borrow_and_update().clone();
        let cursor = Some(Cursor { run: copy.run, seq: copy.newest });
        let mut follower = Follower { log, cursor };
        let branch = Self {
            log: watch::Sender::new(copy),
            closed: watch::Sender::new(false),
        };
        let feed = branch.clone();
        (branch, async move {
            let copy = async {
                while let Some(batch) = follower.next().await {
                    feed.log.send_modify(|log| log.extend(batch.samples));
                }
                feed.close();
            };
            tokio::select! {
                () = copy => {}
                () = feed.closed() => {}
            }
        })
    }

    /// Waits until the feed is closed, without looking at its samples.
    pub async fn closed(&self) {
        // It fails when the feed is gone; but we are a part of it.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// How many clients follow the feed or wait for its next batch.
    #[must_use]
    pub fn followers(&self) -> usize {
        self.log.receiver_count()
    }
}

/// A client's place in the feed; see [`Feed::follow`].
#[derive(Debug)]
pub struct Follower {
    log: watch::Receiver<Log>,
    cursor: Option<Cursor>,
}

impl Follower {
    /// The cursor of a client that has read all that was handed out.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Waits for the next batch, which is never empty. `None`: the feed was closed.
    ///
    /// Cancel safe: the cursor moves only when a batch is handed out.
    pub async fn next(&mut self) -> Option<Batch> {
        loop {
            // Subscribe, then check. We have been subscribed since `follow`, and
            // `borrow_and_update` marks this version of the log as seen *while*
            // we read it: a sample published from here on ends `changed` below.
            // The other way round, one published between reading and subscribing
            // would wake nobody: a client hangs, on a bad day.
            let (batch, closed) = {
                let log = self.log.borrow_and_update();
                (log.since(self.cursor), log.closed)
            };
            if !batch.is_empty() {
                self.cursor = batch.cursor();
                return Some(batch);
            }
            if closed {
                return None;
            }
            self.log.changed().await.ok()?;
        }
    }
}

#[derive(Debug, Clone)]
struct Log {
    run: Run,
    /// The number of the newest sample.
    newest: u64,
    keep: usize,
    /// The newest samples, at least one and at most `keep`, in order.
    samples: VecDeque<Sample>,
    closed: bool,
}

impl Log {
    fn push(&mut self, data: &str) {
        #[derive(Serialize)]
        struct Wire<'a> {
            id: Cursor,
            seq: u64,
            at: u64,
            data: &'a str,
        }
        let id = Cursor { run: self.run, seq: self.newest + 1 };
        let json = to_json(&Wire { id, seq: id.seq, at: unix_millis(), data });
        self.extend([Sample { id, json: json.into() }]);
    }

    fn extend(&mut self, samples: impl IntoIterator<Item = Sample>) {
        for sample in samples {
            // A hole would be mistaken for samples that are there.
            if sample.id.seq != self.newest + 1 {
                self.samples.clear();
            }
            self.newest = sample.id.seq;
            if self.samples.len() == self.keep {
                self.samples.pop_front();
            }
            self.samples.push_back(sample);
        }
    }

    fn since(&self, cursor: Option<Cursor>) -> Batch {
        // A number that this run has not reached is of another run as well: four
        // characters can be drawn twice.
        let (after, restarted) = match cursor {
            None => (self.newest - 1, false),
            Some(Cursor { run, seq }) if run == self.run && seq <= self.newest => {
                (seq, false)
            }
            Some(_) => (0, true),
        };
        let dropped = self.newest - self.samples.len() as u64;
        let missed = dropped.saturating_sub(after);
        let id = Cursor { run: self.run, seq: after + missed };
        let unread = self.newest - id.seq;
        Batch {
            gap: (missed > 0 || restarted).then_some(Gap { missed, restarted, id }),
            samples: self
                .samples
                .range(self.samples.len() - unread as usize..)
                .cloned()
                .collect(),
        }
    }
}

#[expect(clippy::expect_used, reason = "only maps with odd keys fail to serialise")]
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings, numbers and booleans are JSON")
}

/// Now, in Unix milliseconds.
#[must_use]
pub fn unix_millis() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    thread_local! {
        /// What happens next in the moment between reading and waiting.
        static MEANWHILE: RefCell<Option<Feed>> = const { RefCell::new(None) };
    }

    /// Called where a reader has read the log and looks at what it got.
    pub(super) fn between_reading_and_waiting() {
        if let Some(feed) = MEANWHILE.take() {
            feed.publish("in between");
        }
    }

    /// Whether a reader gets the sample that is published in that moment.
    async fn gets_it(
        next: impl AsyncFnOnce(&Feed, Option<Cursor>) -> Option<Batch>,
    ) -> bool {
        let feed = Feed::new(NonZeroUsize::MIN, "first");
        let cursor = feed.since(None).cursor();
        MEANWHILE.set(Some(feed.clone()));
        let mut next = pin!(next(&feed, cursor));
        // The sample is there by the end of the first `poll`: a reader that is still
        // pending then has not been woken, and never will be.
        match next.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(batch) => batch
                .is_some_and(|batch| batch.samples[0].json.contains("in between")),
            Poll::Pending => false,
        }
    }

    #[tokio::test]
    async fn a_sample_published_between_reading_and_waiting_is_not_lost() {
        assert!(gets_it(async |feed, cursor| feed.next(cursor).await).await);
    }

    #[tokio::test]
    async fn read_then_subscribe_is_found_out() {
        let read_then_subscribe = async |feed: &Feed, cursor| loop {
            let batch = feed.since(cursor);
            if !batch.is_empty() {
                return Some(batch);
            }
            feed.log.subscribe().changed().await.ok()?;
        };
        assert!(!gets_it(read_then_subscribe).await);
    }
}
