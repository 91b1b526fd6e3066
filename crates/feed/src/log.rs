//! The log: the newest samples of one run, and what of them comes after a cursor.

use std::{
    any::TypeId, collections::VecDeque, num::NonZeroUsize, sync::OnceLock,
    time::SystemTime,
};

use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;
use smallvec::SmallVec;

use crate::cursor::{Cursor, Run};

/// How many runs another server that shares the feed may be ahead of this one. A cursor
/// further ahead comes from elsewhere.
const RUNS_AHEAD_LIMIT: u32 = 1000;

/// A sample as it goes over the wire. Cloning one shares its text.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its place in the log.
    pub id: Cursor,
    /// `{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}`, on
    /// one line; `at` in Unix milliseconds. Serialised once, at publication.
    pub json: ByteString,
}

impl Sample {
    /// A sample of 13 characters, dated now.
    #[must_use]
    pub fn new(id: Cursor, data: &str) -> Self {
        #[derive(Serialize)]
        struct SampleJson<'a> {
            id: Cursor,
            seq: u64,
            at: u64,
            data: &'a str,
        }
        let json = to_json(&SampleJson { id, seq: id.seq, at: unix_millis(), data });
        Self { id, json: json.into() }
    }

    /// An entry of an application: `{"id":"k3f9-17"}` with the fields of `entry`. What has
    /// no fields, such as a text, is in the field `data`.
    pub(crate) fn of_entry<E: Serialize>(id: Cursor, entry: &E) -> Self {
        #[derive(Serialize)]
        struct Fields<'a, E> {
            id: Cursor,
            #[serde(flatten)]
            entry: &'a E,
        }
        #[derive(Serialize)]
        struct Value<'a, E> {
            id: Cursor,
            data: &'a E,
        }
        let json = serde_json::to_string(&Fields { id, entry });
        let json = json.unwrap_or_else(|_| to_json(&Value { id, data: entry }));
        Self { id, json: json.into() }
    }
}

/// The announcement to a client that can't be given every sample it asked for: its
/// cursor fell off the end of the log, or is of another run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// How many samples of this run the client will never see.
    pub missed: u64,
    /// The cursor was not of this run: the server restarted since.
    pub restarted: bool,
    /// The cursor with the missed samples accounted for; the next sample is the
    /// one after it. A client that resumes from here is not told of the same gap again.
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
#[derive(Debug, Default)]
pub struct Batch {
    /// What is missing before these samples, if anything is; the client is told first.
    pub gap: Option<Gap>,
    /// In order and without holes. Mostly one, and then without an allocation.
    pub samples: SmallVec<[Sample; 1]>,
    /// What the first caller of `framed` made of it, and the type of its function.
    framed: OnceLock<(TypeId, Bytes)>,
}

impl Batch {
    /// Whether nothing is new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// What `frame` makes of this batch: made once, for all clients that are given it.
    /// `frame` must be a function, or a closure that captures nothing.
    pub fn framed<F: Fn(&Self) -> Bytes + 'static>(&self, frame: F) -> Bytes {
        const { assert!(size_of::<F>() == 0, "what it captures could differ") };
        let framed = || (TypeId::of::<F>(), frame(self));
        let (by, bytes) = self.framed.get_or_init(framed);
        // Another technique on the same feed has a function, and so a type, of its own.
        if *by == TypeId::of::<F>() { bytes.clone() } else { frame(self) }
    }

    /// The cursor of a client that has read this batch.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.samples.last().map(|sample| sample.id)
    }
}

/// The newest samples of a run. [`Feed`](crate::Feed) changes it only under the
/// write lock, so a reader never sees half of a change.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    /// Drawn when the feed is made. Only a replica's changes, with a sample of another run.
    run: Run,
    /// The number of the newest sample: grows by 1 with each push. In a branch or a replica
    /// whose copying was delayed too long, it skips the samples that were gone by then.
    newest: u64,
    /// How many samples are kept at most; set when the feed is made.
    keep: usize,
    /// How many bytes of JSON they may have together; set when the feed is made.
    bytes_limit: usize,
    /// The newest samples, in order and without holes: at least one, at most `keep`. Each
    /// push adds one at the back and, when the log is full, drops some at the front.
    samples: VecDeque<Sample>,
    /// How many bytes of JSON the samples have together; changes with them.
    bytes: usize,
    /// Whether other servers have the same feed, and perhaps more of it; set when the feed
    /// is made.
    replica: bool,
    /// Set once, by `Feed::close`. It stands beside the samples, so that a reader
    /// sees the last samples and the end in one read.
    pub(crate) closed: bool,
}

impl Log {
    /// A log with its first sample.
    pub(crate) fn new(keep: NonZeroUsize, first: Sample, replica: bool) -> Self {
        Self {
            run: first.id.run,
            newest: first.id.seq,
            keep: keep.get(),
            bytes_limit: usize::MAX,
            bytes: first.json.len(),
            samples: VecDeque::from([first]),
            replica,
            closed: false,
        }
    }

    /// The same log, of so many bytes of JSON at most; the newest sample is kept in any case.
    pub(crate) fn limited_to(self, bytes_limit: usize) -> Self {
        Self { bytes_limit, ..self }
    }

    /// The cursor of a client that has all that is there.
    pub(crate) fn newest(&self) -> Cursor {
        Cursor { run: self.run, seq: self.newest }
    }

    /// The cursor of a client that has nothing of what is there.
    pub(crate) fn oldest(&self) -> Cursor {
        Cursor { run: self.run, seq: self.newest - self.samples.len() as u64 }
    }

    /// Whether there is anything after `cursor`.
    pub(crate) fn has_after(&self, cursor: Option<Cursor>) -> bool {
        cursor.is_none_or(|cursor| {
            cursor != self.newest() && !(self.replica && self.is_behind(cursor))
        })
    }

    /// Adds a sample with the next number, dated now.
    pub(crate) fn push(&mut self, data: &str) {
        self.extend([Sample::new(self.next_id(), data)]);
    }

    /// Adds an entry with the next number.
    pub(crate) fn push_entry<E: Serialize>(&mut self, entry: &E) {
        self.extend([Sample::of_entry(self.next_id(), entry)]);
    }

    fn next_id(&self) -> Cursor {
        Cursor { run: self.run, seq: self.newest + 1 }
    }

    /// Adds samples of another log, with their ids.
    pub(crate) fn extend(&mut self, samples: impl IntoIterator<Item = Sample>) {
        for sample in samples {
            // With a hole in the log, `since` would count samples that are not there.
            if (sample.id.run, sample.id.seq) != (self.run, self.newest + 1) {
                self.samples.clear();
                self.bytes = 0;
            }
            Cursor { run: self.run, seq: self.newest } = sample.id;
            self.bytes += sample.json.len();
            self.samples.push_back(sample);
            while self.samples.len() > self.keep
                || self.bytes > self.bytes_limit && self.samples.len() > 1
            {
                self.bytes -= self.samples.pop_front().map_or(0, |s| s.json.len());
            }
        }
    }

    /// What is there after `cursor`, if anything is; without one, the newest sample.
    pub(crate) fn since(&self, cursor: Option<Cursor>) -> Batch {
        // A number that this run has not reached is from another run, even when the
        // run's text is the same: four random characters can repeat.
        let (after, restarted) = match cursor {
            None => (self.newest - 1, false),
            Some(Cursor { run, seq }) if run == self.run && seq <= self.newest => {
                (seq, false)
            }
            Some(_) => (0, true),
        };
        let missed = self.oldest().seq.saturating_sub(after);
        let id = Cursor { run: self.run, seq: after + missed };
        let unread = self.newest - id.seq;
        Batch {
            gap: (missed > 0 || restarted).then_some(Gap { missed, restarted, id }),
            samples: self
                .samples
                .range(self.samples.len() - unread as usize..)
                .cloned()
                .collect(),
            framed: OnceLock::new(),
        }
    }

    /// Whether a client that comes from another server has a sample that this replica has
    /// yet to be given.
    fn is_behind(&self, cursor: Cursor) -> bool {
        match cursor.run.number().checked_sub(self.run.number()) {
            Some(0) => cursor.seq > self.newest,
            runs => runs.is_some_and(|runs| runs <= RUNS_AHEAD_LIMIT),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "fails only for types that refuse it, and for maps with structures as keys"
)]
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what is published can be JSON")
}

/// Now, in Unix milliseconds.
#[must_use]
pub fn unix_millis() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_millis() as u64)
}
