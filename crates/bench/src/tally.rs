//! What all clients of a run saw together. They run on one thread: no locks.

use std::ops::Sub;

use feed::Cursor;
use hdrhistogram::Histogram;

use crate::{client::Event, error::Error};

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

    /// Counts what a client was told `now` (in Unix microseconds), whose newest sample is
    /// `last`.
    pub(crate) fn count(
        &mut self,
        client: usize,
        event: &Event,
        now: u64,
        last: &mut Option<Cursor>,
        came: &mut Came,
    ) {
        match *event {
            Event::Sample(sample) => {
                self.sums.delivered += 1;
                let seq = sample.id.seq;
                match last.map(|last| last.seq) {
                    Some(last) if seq <= last => self.duplicated += 1,
                    Some(last) => self.missed += seq - last - 1,
                    None => {}
                }
                *last = Some(sample.id);
                self.seen[client] = seq;
                self.newest = self.newest.max(seq);
                if self.measuring {
                    let late = now.saturating_sub(sample.at * 1000);
                    self.latency.saturating_record(late.max(1));
                }
            }
            Event::Gap { missed, id, .. } => {
                self.missed += missed;
                *last = Some(id);
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
