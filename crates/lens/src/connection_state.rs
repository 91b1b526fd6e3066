//! What the two pumps and the reaper of a connection share.

use std::time::Duration;

use tokio::time::Instant;

use crate::{CloseCause, Decoder, Markers, effects::decision::Lifetime};

/// How long the queue of what a client sent may stay full: meanwhile nothing is read, so
/// the client's end can't be seen. Only a stall gets that far.
const FULL_QUEUE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a half-closed connection is kept while nothing passes: its client has left and
/// the server does not end it, or the client was told of its end and does not close.
const HALF_CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct State {
    /// Written by both pumps, with each read.
    pub(crate) decoder: Decoder,
    /// Written by both pumps, with each write, and by the pump up, with each read.
    pub(crate) lifetime: Lifetime,
    /// Which side ended first. Written once, by the pump that reads the end.
    pub(crate) first_end: Option<CloseCause>,
    /// Since when the connection is half-closed: the client has sent its end, or was
    /// sent the server's. Written once, by the pump up or down.
    pub(crate) half_closed_since: Option<Instant>,
    /// Since when nothing more is read from the client: set by the pump up, and reset with
    /// each write.
    pub(crate) full_since: Option<Instant>,
    /// Nothing will come from the server any more: set when the pump down has ended.
    pub(crate) server_ended: bool,
}

impl State {
    pub(crate) fn new(opened: Instant, markers: Markers) -> Self {
        Self {
            decoder: Decoder::new(markers),
            lifetime: Lifetime::new(opened),
            first_end: None,
            half_closed_since: None,
            full_since: None,
            server_ended: false,
        }
    }

    /// When the connection ends without an effect, and why: since nothing passes any more.
    pub(crate) fn timeouts(&self) -> impl Iterator<Item = (Instant, CloseCause)> {
        let half_closed = self.half_closed_since.map(|over| {
            let cause = self.first_end.unwrap_or(CloseCause::Reset);
            (over.max(self.lifetime.last_byte) + HALF_CLOSE_TIMEOUT, cause)
        });
        let full = self.full_since;
        let full = full.map(|full| (full + FULL_QUEUE_TIMEOUT, CloseCause::Reset));
        half_closed.into_iter().chain(full)
    }
}
