//! What every application is given when the server starts.

use std::num::NonZeroUsize;

use actix_web::rt::spawn;
use feed::Feed;
use serde::Serialize;

use crate::flags::Flags;

/// What every application is given when the server starts: its flags, and its end.
#[derive(Debug, Clone)]
pub(crate) struct Gallery {
    /// Closed when the server shuts down.
    server: Feed,
    pub(crate) flags: Flags,
}

impl Gallery {
    pub(crate) fn new(server: Feed, flags: Flags) -> Self {
        Self { server, flags }
    }

    /// A log for one application, which keeps the newest `keep` entries and closes with the
    /// server: clients read it by cursor, and are told of a restart and of what is gone.
    pub(crate) fn log(&self, keep: NonZeroUsize, first: &str) -> Feed {
        self.closing(Feed::new(keep, first))
    }

    /// The same for entries of any kind, which have so many bytes together at most.
    pub(crate) fn entries(
        &self,
        keep: NonZeroUsize,
        bytes_limit: usize,
        first: &impl Serialize,
    ) -> Feed {
        self.closing(Feed::of_entries(keep, bytes_limit, first))
    }

    fn closing(&self, log: Feed) -> Feed {
        let (server, closing) = (self.server.clone(), log.clone());
        spawn(async move {
            server.closed().await;
            closing.close();
        });
        log
    }

    /// Waits until the server shuts down.
    pub(crate) async fn closed(&self) {
        self.server.closed().await;
    }
}
