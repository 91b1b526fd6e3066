//! What every application is given when the server starts.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::rt::spawn;
use feed::{Feed, Random};
use serde::Serialize;
use tokio::time::sleep;

use crate::flags::Flags;

/// What every application is given when the server starts: its flags, and its end.
#[derive(Debug, Clone)]
pub(crate) struct Gallery {
    /// Closed when the server shuts down.
    server: Feed,
    pub(crate) flags: Flags,
    /// The logs of all applications. Written when the server starts.
    logs: Arc<Mutex<Vec<Feed>>>,
}

impl Gallery {
    pub(crate) fn new(server: Feed, flags: Flags) -> Self {
        Self { server, flags, logs: Arc::default() }
    }

    /// A log for one application, which keeps the newest `keep` entries and closes with the
    /// server: clients read it by cursor, and are told of a restart and of what is gone.
    pub(crate) fn log(&self, keep: NonZeroUsize, first: &str) -> Feed {
        self.ends(Feed::new(keep, first))
    }

    /// The same for entries of any kind, which have so many bytes together at most.
    pub(crate) fn entries(
        &self,
        keep: NonZeroUsize,
        bytes_limit: usize,
        first: &impl Serialize,
    ) -> Feed {
        self.ends(Feed::of_entries(keep, bytes_limit, first))
    }

    /// Closes a log when the server shuts down.
    pub(crate) fn ends(&self, log: Feed) -> Feed {
        lock(&self.logs).push(log.clone());
        let (server, closing) = (self.server.clone(), log.clone());
        spawn(async move {
            server.closed().await;
            closing.close();
        });
        log
    }

    /// Does something again and again, every `mean` on average, until the server shuts
    /// down.
    pub(crate) fn repeat(&self, mean: Duration, mut act: impl FnMut() + 'static) {
        let server = self.server.clone();
        spawn(async move {
            let mut random = Random::new(None);
            while !server.is_closed() {
                sleep(random.pause(mean)).await;
                act();
            }
        });
    }

    /// Waits until the server shuts down.
    pub(crate) async fn closed(&self) {
        self.server.closed().await;
    }

    /// How many clients have a stream, a WebSocket or a held request.
    pub(crate) fn clients(&self) -> usize {
        lock(&self.logs).iter().map(Feed::followers).sum()
    }
}

/// Locks state that is whole after each change, also after one that panicked.
pub(crate) fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
