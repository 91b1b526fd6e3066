//! The sessions by their `sid`, which only this server and the client know.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::rt::spawn;
use feed::Feed;
use stage::draw_id;
use tokio::sync::{mpsc, oneshot};

use crate::{
    packets::{self, Open},
    refusal::Refusal,
    session::{ID_LENGTH, Input, PAYLOAD_BYTES, Reply, Session},
    timings::Timings,
};

/// Sessions at once: more than a room needs. Each keeps 64 KiB of packets for its
/// client at most.
const SESSIONS_LIMIT: usize = 1000;
/// Requests and frames of one session that wait for it.
const INBOX_CAPACITY: usize = 16;

/// All sessions of this server.
pub(crate) struct Sessions {
    feed: Feed,
    timings: Timings,
    /// Where each session takes what its requests say. Written when one is opened and when
    /// it has ended; read by every request.
    inboxes: Arc<Mutex<HashMap<String, mpsc::Sender<Input>>>>,
}

impl Sessions {
    pub(crate) fn new(feed: Feed, timings: Timings) -> Self {
        Self { feed, timings, inboxes: Arc::default() }
    }

    /// Opens a session, with the transports that its client may try next.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn open(
        &self,
        upgrades: &[&str],
    ) -> Result<mpsc::Sender<Input>, Refusal> {
        let (sender, inbox) = mpsc::channel(INBOX_CAPACITY);
        let sid = draw_id(ID_LENGTH);
        let mut inboxes = lock(&self.inboxes);
        if inboxes.len() >= SESSIONS_LIMIT {
            return Err(Refusal::Full(SESSIONS_LIMIT));
        }
        inboxes.insert(sid.clone(), sender.clone());
        let open = packets::open(&Open {
            sid: &sid,
            upgrades,
            ping_interval: self.timings.ping_interval,
            ping_timeout: self.timings.ping_timeout,
            max_payload: PAYLOAD_BYTES,
        });
        let session = Session::new(self.feed.clone(), self.timings.clone(), open);
        let inboxes = Arc::clone(&self.inboxes);
        spawn(async move {
            session.run(inbox).await;
            lock(&inboxes).remove(&sid);
        });
        Ok(sender)
    }

    /// Where the session `sid` takes what a request says.
    ///
    /// # Errors
    /// When there is no such session.
    pub(crate) fn find(&self, sid: &str) -> Result<mpsc::Sender<Input>, Refusal> {
        lock(&self.inboxes).get(sid).cloned().ok_or(Refusal::UnknownSid)
    }
}

/// Tells a session what a request says, and waits for its answer.
///
/// # Errors
/// When the session refuses, or has ended.
pub(crate) async fn receive(
    inbox: &mpsc::Sender<Input>,
    input: impl FnOnce(Reply) -> Input,
) -> Result<String, Refusal> {
    let (reply, answer) = oneshot::channel();
    inbox.send(input(reply)).await.map_err(|_| Refusal::UnknownSid)?;
    answer.await.unwrap_or(Err(Refusal::UnknownSid))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
