//! What outlives the server, in the folder `--state-dir`: its key, which every subscription is
//! bound to, and the subscriptions. Both are secrets, and readable by their owner alone.

use std::{
    io::{self, ErrorKind},
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use actix_web::web;
use ring::error::KeyRejected;
use tracing::warn;

use crate::{
    endpoint::Endpoint,
    outcome::Outcome,
    secret_file,
    subscription::{Subscription, SubscriptionMessage},
    vapid::{NoRandom, ServerKey},
};

/// Subscriptions at once: more than a room has laptops.
const SUBSCRIPTIONS_LIMIT: usize = 100;
/// Subscriptions of one peer: a laptop has some browsers, and no peer takes up all.
const PEER_SUBSCRIPTIONS_LIMIT: usize = 20;
/// Messages in a row that an endpoint did not take, until it is forgotten. A page subscribes
/// again when it is opened.
const FAILURES_LIMIT: u32 = 5;

/// The folder, its key, and the subscriptions. A clone is another handle to the same.
#[derive(Debug, Clone)]
pub struct State(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    key: ServerKey,
    /// Changed by `subscribe` and `forget`, which then save it; its times by `hold`, its
    /// failures by `count_failures`.
    subscribers: Mutex<Vec<Subscriber>>,
    /// Locked while the file is written: the last one to write has the newest.
    file: Mutex<()>,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    pub(crate) subscription: Subscription,
    /// Until when its push service wants no more messages: what a 429 said.
    pub(crate) held_until: Option<Instant>,
    /// The peer that has subscribed it, as a device is counted; not known of those of before.
    peer: Option<IpAddr>,
    /// Messages in a row that it did not take.
    failures: u32,
}

impl Subscriber {
    fn new(subscription: Subscription, peer: Option<IpAddr>) -> Self {
        Self { subscription, held_until: None, peer, failures: 0 }
    }

    /// How long its push service still wants no message.
    pub(crate) fn held_for(&self) -> Option<Duration> {
        let left = self.held_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

/// Why the server can't start with this folder.
#[derive(Debug, thiserror::Error)]
pub enum BadState {
    /// The folder or a file can't be used.
    #[error("{}: {source}; choose another folder with --state-dir", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The key's file has something else.
    #[error(
        "{} has no key ({reason}): move it away, and a new one is drawn, to which every \
         page has to subscribe again", path.display()
    )]
    Key {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: KeyRejected,
    },
    /// The system has no random numbers.
    #[error("a key can't be drawn: {0}")]
    Draw(#[from] NoRandom),
}

/// There are as many subscriptions as are kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Full {
    #[error(
        "{SUBSCRIPTIONS_LIMIT} browsers are subscribed, and no more are kept: block \
         notifications in one of them, and subscribe here after the next message"
    )]
    All,
    #[error(
        "{PEER_SUBSCRIPTIONS_LIMIT} browsers of this address are subscribed, and no more \
         are kept: block notifications in one of them, and subscribe here after the next \
         message"
    )]
    Peer,
}

impl State {
    /// Reads what a folder has. The first time, draws a key and keeps it.
    ///
    /// # Errors
    /// When the folder can't be used, or its key can't be read.
    pub fn open(folder: &str) -> Result<Self, BadState> {
        let folder = PathBuf::from(folder);
        let path = folder.join("push-key.pkcs8");
        let pkcs8 = secret_file::read_or_create(&path, &ServerKey::draw()?)
            .map_err(|source| BadState::File { path: path.clone(), source })?;
        let key = ServerKey::parse(&pkcs8)
            .map_err(|reason| BadState::Key { path: path.clone(), reason })?;
        let (subscribers, file) = (Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(Shared { folder, key, subscribers, file })))
    }

    pub(crate) fn key(&self) -> &ServerKey {
        &self.0.key
    }

    /// Takes up the subscriptions of before again. What can't be read is left out: a page
    /// subscribes again when it is opened.
    pub(crate) fn load(&self, allowed: Option<&str>) {
        let path = self.subscriptions_path();
        let text = match secret_file::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => {
                return warn!(path = %path.display(), %error, "not read");
            }
        };
        match serde_json::from_slice::<Vec<SubscriptionMessage>>(&text) {
            Ok(messages) => {
                let kept = messages
                    .into_iter()
                    .filter_map(|message| Subscription::parse(message, allowed).ok())
                    .map(|subscription| Subscriber::new(subscription, None));
                *self.lock() = kept.take(SUBSCRIPTIONS_LIMIT).collect();
            }
            Err(error) => warn!(path = %path.display(), %error, "not read"),
        }
    }

    /// Adds a subscription of a peer's. Of one that is there, only the keys may be new: how
    /// long its push service wants nothing stays.
    pub(crate) async fn subscribe(
        &self,
        subscription: Subscription,
        peer: Option<IpAddr>,
    ) -> Result<(), Full> {
        if self.add(subscription, peer)? {
            self.save().await;
        }
        Ok(())
    }

    /// Whether there is something new.
    fn add(
        &self,
        subscription: Subscription,
        peer: Option<IpAddr>,
    ) -> Result<bool, Full> {
        let mut subscribers = self.lock();
        let endpoint = &subscription.endpoint;
        let known =
            subscribers.iter_mut().find(|s| s.subscription.endpoint == *endpoint);
        if let Some(known) = known {
            let is_new = known.subscription.keys != subscription.keys;
            known.subscription = subscription;
            return Ok(is_new);
        }
        if subscribers.len() >= SUBSCRIPTIONS_LIMIT {
            return Err(Full::All);
        }
        let own = subscribers.iter().filter(|s| s.peer.is_some() && s.peer == peer);
        if own.count() >= PEER_SUBSCRIPTIONS_LIMIT {
            return Err(Full::Peer);
        }
        subscribers.push(Subscriber::new(subscription, peer));
        Ok(true)
    }

    /// Forgets an endpoint, when its push service says that it has ended.
    pub(crate) async fn forget(&self, endpoint: &Endpoint) {
        self.lock().retain(|s| s.subscription.endpoint != *endpoint);
        self.save().await;
    }

    /// Sends an endpoint nothing for a time.
    pub(crate) fn hold(&self, endpoint: &Endpoint, time: Duration) {
        self.change(endpoint, |it| it.held_until = Instant::now().checked_add(time));
    }

    /// Counts the messages in a row that an endpoint did not take, and forgets it after too
    /// many.
    pub(crate) async fn count_failures(&self, endpoint: &Endpoint, last: &Outcome) {
        let failures = self.change(endpoint, |subscriber| {
            match last {
                Outcome::Accepted { .. } => subscriber.failures = 0,
                Outcome::Refused { .. }
                | Outcome::OtherKey { .. }
                | Outcome::Failed { .. } => subscriber.failures += 1,
                _ => {} // That was this message's, or nothing was sent.
            }
            subscriber.failures
        });
        if failures.is_some_and(|failures| failures >= FAILURES_LIMIT) {
            self.forget(endpoint).await;
        }
    }

    /// Changes what is known of an endpoint, if it is still known.
    fn change<T>(
        &self,
        endpoint: &Endpoint,
        change: impl FnOnce(&mut Subscriber) -> T,
    ) -> Option<T> {
        let mut subscribers = self.lock();
        let mut all = subscribers.iter_mut();
        all.find(|s| s.subscription.endpoint == *endpoint).map(change)
    }

    /// All that are subscribed now.
    pub(crate) fn subscribers(&self) -> Vec<Subscriber> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Subscriber>> {
        self.0.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscriptions_path(&self) -> PathBuf {
        self.0.folder.join("push-subscriptions.json")
    }

    /// Saves the subscriptions, on a thread that may wait for the disk.
    async fn save(&self) {
        let state = self.clone();
        // If it panicked, that was told where it happened.
        let _ = web::block(move || state.write()).await;
    }

    fn write(&self) {
        let _file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let subscribers = self.subscribers();
        let messages: Vec<_> =
            subscribers.iter().map(|s| &s.subscription.message).collect();
        let path = self.subscriptions_path();
        let saved = serde_json::to_vec(&messages)
            .map_err(io::Error::from)
            .and_then(|text| secret_file::write(&path, &text));
        if let Err(error) = saved {
            warn!(path = %path.display(), %error, "not saved: after a restart, each page \
                 has to be opened once");
        }
    }
}
