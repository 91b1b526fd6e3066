//! What outlives the server, in the folder `--state-dir`: its key, which every subscription is
//! bound to, and the subscriptions. Both are secrets, and readable by their owner alone.

use std::{
    fs, io,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use ring::error::KeyRejected;
use tracing::warn;

use crate::{
    endpoint::Endpoint,
    subscription::{Subscription, SubscriptionMessage},
    vapid::{NoRandom, ServerKey},
};

/// Subscriptions at once: more than a room has laptops.
const SUBSCRIPTIONS_LIMIT: usize = 100;

/// The folder, its key, and the subscriptions. A clone is another handle to the same.
#[derive(Debug, Clone)]
pub struct State(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    key: ServerKey,
    /// Changed by `subscribe` and `forget`, which then save it; its times by `hold`.
    subscribers: Mutex<Vec<Subscriber>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    pub(crate) subscription: Subscription,
    /// Until when its push service wants no more messages: what a 429 said.
    pub(crate) held_until: Option<Instant>,
}

impl Subscriber {
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
#[error("{SUBSCRIPTIONS_LIMIT} browsers are subscribed, and no more are kept")]
pub(crate) struct Full;

impl State {
    /// Reads what a folder has. The first time, draws a key and keeps it.
    ///
    /// # Errors
    /// When the folder can't be used, or its key can't be read.
    pub fn open(folder: &str) -> Result<Self, BadState> {
        let folder = PathBuf::from(folder);
        let path = folder.join("push-key.pkcs8");
        let failed = |source| BadState::File { path: path.clone(), source };
        let pkcs8 = match read(&path) {
            Ok(pkcs8) => pkcs8,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let drawn = ServerKey::draw()?;
                save(&folder, &path, &drawn).map_err(failed)?;
                drawn
            }
            Err(error) => return Err(failed(error)),
        };
        let key = ServerKey::parse(&pkcs8)
            .map_err(|reason| BadState::Key { path: path.clone(), reason })?;
        Ok(Self(Arc::new(Shared { folder, key, subscribers: Mutex::default() })))
    }

    pub(crate) fn key(&self) -> &ServerKey {
        &self.0.key
    }

    /// Takes up the subscriptions of before again. What can't be read is left out: a page
    /// subscribes again when it is opened.
    pub(crate) fn load(&self, allowed: Option<&str>) {
        let path = self.subscriptions_path();
        let text = match read(&path) {
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
                    .map(|subscription| Subscriber {
                        subscription,
                        held_until: None,
                    });
                *self.lock() = kept.take(SUBSCRIPTIONS_LIMIT).collect();
            }
            Err(error) => warn!(path = %path.display(), %error, "not read"),
        }
    }

    /// Adds a subscription. Of one that is there, only the keys may be new: how long its
    /// push service wants nothing stays.
    pub(crate) fn subscribe(&self, subscription: Subscription) -> Result<(), Full> {
        let mut subscribers = self.lock();
        let is_full = subscribers.len() >= SUBSCRIPTIONS_LIMIT;
        let endpoint = &subscription.endpoint;
        let known =
            subscribers.iter_mut().find(|s| s.subscription.endpoint == *endpoint);
        match known {
            Some(known) if known.subscription.keys == subscription.keys => {
                return Ok(());
            }
            Some(known) => known.subscription = subscription,
            None if is_full => return Err(Full),
            None => subscribers.push(Subscriber { subscription, held_until: None }),
        }
        self.save(&subscribers);
        Ok(())
    }

    /// Forgets an endpoint, when its push service says that it has ended.
    pub(crate) fn forget(&self, endpoint: &Endpoint) {
        let mut subscribers = self.lock();
        subscribers.retain(|s| s.subscription.endpoint != *endpoint);
        self.save(&subscribers);
    }

    /// Sends an endpoint nothing for a time.
    pub(crate) fn hold(&self, endpoint: &Endpoint, time: Duration) {
        let mut subscribers = self.lock();
        let found =
            subscribers.iter_mut().find(|s| s.subscription.endpoint == *endpoint);
        if let Some(subscriber) = found {
            subscriber.held_until = Instant::now().checked_add(time);
        }
    }

    /// All that are subscribed now.
    pub(crate) fn subscribers(&self) -> Vec<Subscriber> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Subscriber>> {
        self.0.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscriptions_path(&self) -> PathBuf {
        self.0.folder.join("push-subscriptions.json")
    }

    fn save(&self, subscribers: &[Subscriber]) {
        let messages: Vec<_> =
            subscribers.iter().map(|s| &s.subscription.message).collect();
        let path = self.subscriptions_path();
        let saved = serde_json::to_vec(&messages)
            .map_err(io::Error::from)
            .and_then(|text| save(&self.0.folder, &path, &text));
        if let Err(error) = saved {
            warn!(path = %path.display(), %error, "not saved: after a restart, each page \
                 has to be opened once");
        }
    }
}

/// Reads a file, which from now on is for its owner alone: a copy may have lost that.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let content = fs::read(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = fs::metadata(path)?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            fs::set_permissions(path, permissions)?;
        }
    }
    Ok(content)
}

/// Writes a file for its owner alone. A crash leaves the old one or the new one, never half.
fn save(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let new = path.with_extension("new");
    // What a crash has left may have other permissions.
    let _ = fs::remove_file(&new);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(new, path)
}
