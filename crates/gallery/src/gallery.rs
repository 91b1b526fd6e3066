//! What every application is given when the server starts.

use std::num::NonZeroUsize;

use actix_web::rt::spawn;
use feed::Feed;

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
        let (server, log) = (self.server.clone(), Feed::new(keep, first));
        let closing = log.clone();
        spawn(async move {
            server.closed().await;
            closing.close();
        });
        log
    }
}
