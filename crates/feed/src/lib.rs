//! The random data that all five techniques show: an append-only log of samples,
//! read by cursor.
//!
//! A client's only state is a [`Cursor`], the id of the last sample it has seen.
//! Every technique asks the same question, "what comes after my cursor?", and
//! they differ only in when the answer comes:
//!
//! | method | when it answers | used by |
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
//! Nothing is queued per client. A slow client just has an older cursor. A client whose
//! cursor fell off the end of the log is told how many samples it missed ([`Gap`]), and
//! so is one whose cursor is of another run, because the server restarted. Whatever the
//! clients do, the log holds at most `keep` samples.

mod cursor;
mod log;
mod random;
mod sync;
mod weather;

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

pub use crate::{
    cursor::{Cursor, MalformedCursor, Run},
    log::{Batch, Gap, Sample, unix_millis},
    random::Random,
    weather::Weather,
};
use crate::{
    log::Log,
    sync::{Notify, RwLock},
};

/// How late a sample may be: after a longer stop, the rhythm begins anew.
const CATCH_UP_GRACE: Duration = Duration::from_secs(1);

/// How many samples wait for what a replica hands them to. With more, the next ones are
/// not published.
const OUTBOX_CAPACITY: usize = 1000;

/// The log, shared: a clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Written by `change` alone; read by every client's request.
    log: RwLock<Log>,
    /// Wakes all that wait, in the order in which they began to, which stays the order in
    /// which they connected and lie in memory. (A `watch` channel shuffles them: with
    /// 1000 clients, a sample then costs a tenth more.)
    news: Notify,
    /// The batch that was made last, with the cursor after which it begins. Written by the
    /// first client that is given it, read by the others, which mostly ask for the same.
    last: Mutex<Option<(Option<Cursor>, Arc<Batch>)>>,
    /// Whether the feed is closed; set once, by `close`, after the log says so. It
    /// is a channel of its own, so that a task that waits only for the end does not
    /// wake for every sample.
    closed: watch::Sender<bool>,
    /// How many followers there are: counted up by `follow`, down when one is dropped.
    followers: AtomicUsize,
    /// In a replica, takes what `publish` is given; set when the feed is made.
    outbox: Option<mpsc::Sender<String>>,
}

impl Feed {
    /// Starts a new run with a first sample, so that there is always a newest one.
    /// Keeps the newest `keep` samples.
    #[must_use]
    pub fn new(keep: NonZeroUsize, first: &str) -> Self {
        let first = Sample::new(Cursor { run: Run::draw(), seq: 1 }, first);
        Self::of(Log::new(keep, first, false), None)
    }

    /// A log of an application's own entries instead of random samples: messages of a chat,
    /// strokes of a drawing. They are read by cursor, like samples. Keeps the newest `keep`
    /// entries, and at most `bytes_limit` bytes of their JSON.
    #[must_use]
    pub fn of_entries<E: Serialize>(
        keep: NonZeroUsize,
        bytes_limit: usize,
        first: &E,
    ) -> Self {
        let first = Sample::of_entry(Cursor { run: Run::draw(), seq: 1 }, first);
        Self::of(Log::new(keep, first, false).limited_to(bytes_limit), None)
    }

    /// One of several servers' copies of a feed, with the first sample that it knows. What
    /// is published here comes out of the receiver: `append` it when all servers have it.
    ///
    /// A client may come from a server that has more samples already. Such a cursor is
    /// not of another run: it waits here until the sample behind it comes.
    #[must_use]
    pub fn replica(
        keep: NonZeroUsize,
        first: Sample,
    ) -> (Self, mpsc::Receiver<String>) {
        let (outbox, published) = mpsc::channel(OUTBOX_CAPACITY);
        (Self::of(Log::new(keep, first, true), Some(outbox)), published)
    }

    fn of(log: Log, outbox: Option<mpsc::Sender<String>>) -> Self {
        Self(Arc::new(Shared {
            log: RwLock::new(log),
            news: Notify::default(),
            last: Mutex::new(None),
            closed: watch::Sender::new(false),
            followers: 0.into(),
            outbox,
        }))
    }

    /// Publishes a sample: wakes each waiting client once, and copies the text for
    /// none. In a replica, that happens when the sample is appended.
    pub fn publish(&self, data: &str) {
        match &self.0.outbox {
            None => self.change(|log| log.push(data)),
            // What finds no room gets no number either: no client misses it.
            Some(outbox) => drop(outbox.try_send(data.to_owned())),
        }
    }

    /// Publishes an entry of an application, whose JSON is `{"id":"k3f9-17"}` with the fields
    /// of `entry`, or with its value as `data`, if it has no fields. Only for a feed that is
    /// no replica.
    pub fn publish_entry<E: Serialize>(&self, entry: &E) {
        self.change(|log| log.push_entry(entry));
    }

    /// Appends samples to a replica, in the order of their ids. Clients are told of what is
    /// missing between them, and of another run.
    pub fn append(&self, samples: impl IntoIterator<Item = Sample>) {
        self.change(|log| log.extend(samples));
    }

    /// Changes the log, then wakes all that wait for news.
    fn change(&self, change: impl FnOnce(&mut Log)) {
        change(&mut self.0.log.write().unwrap_or_else(PoisonError::into_inner));
        self.0.news.notify_waiters();
    }

    /// Reads the log. A writer that panicked (in a serialisation that can't fail) has not
    /// begun to change it.
    fn read<T>(&self, read: impl FnOnce(&Log) -> T) -> T {
        read(&self.0.log.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Publishes at random, every `mean` on average, until the feed is closed.
    pub async fn publish_at_random(&self, mean: Duration, mut random: Random) {
        // Each deadline is computed from the one before, so that rounding and a busy
        // server do not add up. After the laptop has slept, the samples of that time
        // are not made up for.
        let mut next = Instant::now();
        loop {
            next += random.pause(mean);
            if next.elapsed() > CATCH_UP_GRACE {
                next = Instant::now();
            }
            sleep_until(next).await;
            if self.read(|log| log.closed) {
                return;
            }
            self.publish(&random.data());
        }
    }

    /// Ends the feed: each follower is given what is left, and then `None`.
    pub fn close(&self) {
        self.change(|log| log.closed = true);
        self.0.closed.send_replace(true);
    }

    /// What is there after `cursor`, at once, perhaps nothing. Without a cursor,
    /// the newest sample.
    #[must_use]
    pub fn since(&self, cursor: Option<Cursor>) -> Arc<Batch> {
        self.read(|log| self.batch(log, cursor)).unwrap_or_default()
    }

    /// The cursor before the oldest sample that is kept: with it, a newcomer is given all.
    #[must_use]
    pub fn oldest(&self) -> Cursor {
        self.read(Log::oldest)
    }

    /// What is there after `cursor`, if anything is: one batch for all that ask for it.
    fn batch(&self, log: &Log, cursor: Option<Cursor>) -> Option<Arc<Batch>> {
        if !log.has_after(cursor) {
            return None;
        }
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((after, batch))
                if *after == cursor && batch.cursor() == Some(log.newest()) =>
            {
                Some(batch.clone())
            }
            _ => {
                let batch = Arc::new(log.since(cursor));
                *last = Some((cursor, batch.clone()));
                Some(batch)
            }
        }
    }

    /// Waits until there is something after `cursor`. `None`: the feed was closed.
    pub async fn next(&self, cursor: Option<Cursor>) -> Option<Arc<Batch>> {
        self.follow(cursor).next().await
    }

    /// All that comes after `cursor`, batch by batch.
    #[must_use]
    pub fn follow(&self, cursor: Option<Cursor>) -> Follower {
        self.0.followers.fetch_add(1, Ordering::Relaxed);
        Follower { feed: self.clone(), cursor }
    }

    /// Returns a second feed with the same samples, which can be closed while this
    /// one goes on, for a server that restarts alone; and a future that copies new
    /// samples to it until either feed is closed. Spawn the future: without it, the
    /// second feed gets no new samples.
    pub fn branch(&self) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let copy = self.read(Log::clone);
        let mut follower = self.follow(Some(copy.newest()));
        let branch = Self::of(copy, None);
        let feed = branch.clone();
        (branch, async move {
            let copy = async {
                while let Some(batch) = follower.next().await {
                    feed.change(|log| log.extend(batch.samples.iter().cloned()));
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
        // `wait_for` fails only when the sender is dropped, and `self` has the
        // sender.
        let _ = self.0.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Whether the feed was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self.0.closed.borrow()
    }

    /// How many clients follow the feed or wait for its next batch, and so are told when
    /// it closes. A client that has left and is still counted here holds memory.
    #[must_use]
    pub fn followers(&self) -> usize {
        self.0.followers.load(Ordering::Relaxed)
    }
}

/// A client's place in the feed; see [`Feed::follow`].
#[derive(Debug)]
pub struct Follower {
    feed: Feed,
    /// The last sample that was handed out; moved by `next` alone.
    cursor: Option<Cursor>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.feed.0.followers.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Follower {
    /// The cursor of a client that has read all that was handed out.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Waits for the next batch, which is never empty. `None`: the feed was closed.
    ///
    /// Subscribe, then check: `notified` is made before the log is read, and whatever is
    /// published from then on ends it. In the other order, a sample published between
    /// reading and subscribing would wake nobody, and the client would wait although it
    /// could be answered.
    ///
    /// Cancel safe: the cursor moves only when a batch is handed out.
    pub async fn next(&mut self) -> Option<Arc<Batch>> {
        loop {
            let notified = self.feed.0.news.notified();
            let (batch, closed) = self
                .feed
                .read(|log| (self.feed.batch(log, self.cursor), log.closed));
            if let Some(batch) = batch {
                self.cursor = batch.cursor();
                return Some(batch);
            }
            if closed {
                return None;
            }
            notified.await;
        }
    }
}

#[cfg(test)]
mod lost_wakes;
