//! What all clients of a run saw together. They run on one thread: no locks.

use std::{collections::BTreeSet, ops::Sub};

use feed::Cursor;
use hdrhistogram::Histogram;

use crate::{
    client::{Event, Protocol},
    error::Error,
};

/// The sum of what the clients saw. Each client writes it when bytes came; the run reads
/// it, and says when to measure.
pub(crate) struct Tally {
    /// Those that had a sample.
    pub(crate) connected: usize,
    /// The first error of a client; the run takes it.
    pub(crate) failed: Option<Error>,
    pub(crate) sums: Sums,
    pub(crate) missed: u64,
    pub(crate) duplicated: u64,
    /// The number of the newest sample that any client has.
    pub(crate) newest: u64,
    /// The number of the newest sample that each client has.
    pub(crate) seen: Vec<u64>,
    /// Whether latencies count: from when all are connected to the end of the run.
    pub(crate) measuring: bool,
    /// In microseconds.
    pub(crate) latency: Histogram<u64>,
}

/// What only grows, and is compared between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) delivered: u64,
    pub(crate) responses: u64,
    pub(crate) up: u64,
    pub(crate) down: u64,
    pub(crate) payload: u64,
}

/// Which samples a client has.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The newest.
    pub(crate) last: Option<Cursor>,
    /// The number of the oldest.
    first: u64,
    /// Numbers between them that are missing, where samples may overtake each other.
    holes: Option<BTreeSet<u64>>,
}

impl Progress {
    pub(crate) fn new(protocol: Protocol) -> Self {
        let holes = protocol.overtakes().then(BTreeSet::new);
        Self { last: None, first: u64::MAX, holes }
    }

    /// Adds a sample. Returns how many more are missing than before it came; nothing, when
    /// it has come before.
    fn add(&mut self, id: Cursor) -> Option<i64> {
        let seq = id.seq;
        let Some(last) = self.last.replace(id).map(|last| last.seq) else {
            self.first = seq;
            return Some(0);
        };
        if seq > last {
            if let Some(holes) = &mut self.holes {
                holes.extend(last + 1..seq);
            }
            return Some((seq - last - 1) as i64);
        }
        self.last = Some(Cursor { seq: last, ..id });
        let holes = self.holes.as_mut()?;
        if holes.remove(&seq) {
            return Some(-1);
        }
        // The first may be overtaken, too.
        let early = seq < self.first;
        self.first = self.first.min(seq);
        early.then_some(0)
    }
}

/// What a client has to do about the bytes that came.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// A response, a stream or a WebSocket has ended.
    pub(crate) ended: bool,
    /// A status of refusal.
    pub(crate) refused: Option<u16>,
}

impl Tally {
    pub(crate) fn new(clients: usize) -> Result<Self, Error> {
        let latency = Histogram::new_with_bounds(1, 60_000_000, 3)
            .map_err(std::io::Error::other)?;
        Ok(Self {
            connected: 0,
            failed: None,
            sums: Sums::default(),
            missed: 0,
            duplicated: 0,
            newest: 0,
            seen: vec![0; clients],
            measuring: false,
            latency,
        })
    }

    /// Counts what a client that has `progress` was told `now` (in Unix microseconds).
    pub(crate) fn count(
        &mut self,
        client: usize,
        event: &Event,
        now: u64,
        progress: &mut Progress,
        came: &mut Came,
    ) {
        match *event {
            Event::Sample(sample) => {
                self.sums.delivered += 1;
                match progress.add(sample.id) {
                    Some(missing) => {
                        self.missed = self.missed.saturating_add_signed(missing);
                    }
                    None => self.duplicated += 1,
                }
                self.seen[client] = self.seen[client].max(sample.id.seq);
                self.newest = self.newest.max(sample.id.seq);
                if self.measuring {
                    let late = now.saturating_sub(sample.at * 1000);
                    self.latency.saturating_record(late.max(1));
                }
            }
            Event::Gap { missed, id, .. } => {
                self.missed += missed;
                progress.last = Some(id);
            }
            Event::End => came.ended = true,
            Event::Head(101 | 200 | 204) | Event::Other => {}
            Event::Head(status) => came.refused = Some(status),
        }
    }
}

impl Sub for Sums {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            delivered: self.delivered - before.delivered,
            responses: self.responses - before.responses,
            up: self.up - before.up,
            down: self.down - before.down,
            payload: self.payload - before.payload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(protocol: Protocol, numbers: &[u64]) -> Vec<Option<i64>> {
        let mut progress = Progress::new(protocol);
        let sample = |seq: &u64| {
            let id = format!("k3f9-{seq}").parse();
            id.ok().and_then(|id| progress.add(id))
        };
        numbers.iter().map(sample).collect()
    }

    #[test]
    fn a_sample_may_overtake_others_on_streams_and_not_on_one() {
        let numbers = [5, 8, 6, 6, 4, 9];
        let (came, again, two) = (Some(0), None, Some(2));
        assert_eq!(
            missing(Protocol::StreamEach, &numbers),
            [came, two, Some(-1), again, came, came]
        );
        assert_eq!(
            missing(Protocol::OneStream, &numbers),
            [came, two, again, again, again, came]
        );
    }
}
