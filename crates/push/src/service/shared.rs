//! What the requests of servers and the WebSockets of browsers have in common.

use std::sync::{Mutex, MutexGuard, PoisonError};

use feed::Feed;
use tokio::sync::Notify;

use super::{mailboxes::Mailboxes, origin::Origin};

/// The service, as its WebSockets and POSTs share it.
pub(crate) struct PushService {
    pub(crate) origin: Origin,
    /// Its end is that of the service.
    pub(crate) feed: Feed,
    /// Changed by both: see `Mailboxes`.
    mailboxes: Mutex<Mailboxes>,
    /// Wakes the WebSockets when a message was put into a box.
    pub(crate) news: Notify,
}

impl PushService {
    /// A service without a box.
    pub(crate) fn new(origin: Origin, feed: Feed) -> Self {
        let mailboxes = Mutex::default();
        Self { origin, feed, mailboxes, news: Notify::new() }
    }

    /// The boxes, for as long as the lock is held.
    pub(crate) fn mailboxes(&self) -> MutexGuard<'_, Mailboxes> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
