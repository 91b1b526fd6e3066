//! What every application is given when the server starts.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::rt::spawn;
use feed::{Feed, Random};
use tokio::time::sleep;

use crate::flags::Flags;

type Count = Box<dyn Fn() -> usize + Send>;

/// What every application is given when the server starts: its flags, and its end.
#[derive(Clone)]
pub(crate) struct Gallery {
    /// Closed when the server shuts down.
    server: Feed,
    pub(crate) flags: Flags,
    /// Of each application, how many clients it has. Written when the server starts.
    counts: Arc<Mutex<Vec<Count>>>,
}

impl Gallery {
    pub(crate) fn new(server: Feed, flags: Flags) -> Self {
        Self { server, flags, counts: Arc::default() }
    }

    /// A log for one application, which keeps the newest `keep` entries and closes with the
    /// server: clients read it by cursor, and are told of a restart and of what is gone.
    pub(crate) fn log(&self, keep: NonZeroUsize, first: &str) -> Feed {
        self.close_at_shutdown(Feed::new(keep, first))
    }

    /// Closes a log when the server shuts down, and counts those that follow it.
    pub(crate) fn close_at_shutdown(&self, log: Feed) -> Feed {
        let counted = log.clone();
        self.count(move || counted.followers());
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

    /// Adds to `clients` those that an application has, at any time.
    pub(crate) fn count(&self, count: impl Fn() -> usize + Send + 'static) {
        lock(&self.counts).push(Box::new(count));
    }

    /// How many clients have a stream, a WebSocket or a held request.
    pub(crate) fn clients(&self) -> usize {
        lock(&self.counts).iter().map(|count| count()).sum()
    }
}

/// Locks state that is whole after each change, also after one that panicked.
pub(crate) fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
