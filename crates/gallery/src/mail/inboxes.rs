//! The inboxes: a log of letters each, which keeps what comes while its owner is away.

use std::{
    collections::VecDeque,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{HttpRequest, Result, error::ErrorNotFound};
use feed::{Feed, unix_millis};
use serde::{Deserialize, Serialize};
use stage::printable;

use crate::{
    clients::device,
    gallery::lock,
    kept::{Full, Kept},
    limits::{KEY_LIMIT, Limits},
};

const NAME_LIMIT: usize = 24;
const TEXT_LIMIT: usize = 280;

/// How many inboxes a device may open, how many there are in all, and what each keeps.
const DEVICE_LIMIT: usize = 10;
const INBOXES_LIMIT: usize = 200;
const INBOX_CAPACITY: NonZeroUsize = NonZeroUsize::new(50).unwrap();
const INBOX_BYTES: usize = 32 << 10;

/// What a page sends. It draws the key: a letter that is sent again, because its answer was
/// lost, has the same one.
#[derive(Deserialize)]
pub(super) struct Sent {
    key: String,
    from: String,
    to: String,
    text: String,
}

/// What is kept, and delivered with an id.
#[derive(Serialize)]
struct Letter<'a> {
    from: &'a str,
    text: &'a str,
    /// Unix milliseconds.
    at: u64,
}

struct Inbox {
    letters: Feed,
    /// Of the newest letters, so that none is delivered twice.
    keys: VecDeque<String>,
}

pub(super) struct Inboxes {
    /// By name. Added by the first poll of their owner; removed by the presenter, or for a
    /// new one when they were unused longest.
    all: Mutex<Kept<Inbox>>,
    /// How often a device may write a letter, or open an inbox.
    limits: Limits,
}

impl Inboxes {
    pub(super) fn new() -> Self {
        let is_polled = |inbox: &Inbox| inbox.letters.followers() > 0;
        let all = Kept::new("inbox", DEVICE_LIMIT, INBOXES_LIMIT, is_polled);
        let limits = Limits::new(Duration::from_secs(2), 10);
        Self { all: Mutex::new(all), limits }
    }

    fn all(&self) -> MutexGuard<'_, Kept<Inbox>> {
        lock(&self.all)
    }

    /// The letters of an inbox, which is opened when it is asked for first.
    ///
    /// # Errors
    /// When its name is none; when a new one comes too soon after others, or finds no room.
    pub(super) fn open(&self, name: &str, request: &HttpRequest) -> Result<Feed> {
        let name = printable(name, NAME_LIMIT)?;
        if let Some(inbox) = self.all().get(name) {
            return Ok(inbox.letters.clone());
        }
        self.limits.check(request)?;
        Ok(self.add(name, device(request))?)
    }

    /// Adds an inbox with a letter of the postmaster. Two polls may do so at once: the second
    /// gets that of the first.
    fn add(&self, name: &str, device: IpAddr) -> Result<Feed, Full> {
        let mut inboxes = self.all();
        if let Some(inbox) = inboxes.get(name) {
            return Ok(inbox.letters.clone());
        }
        let text = "Your inbox is open: tell others its name.";
        let first = Letter { from: "postmaster", text, at: unix_millis() };
        let letters = Feed::of_entries(INBOX_CAPACITY, INBOX_BYTES, &first);
        let inbox = Inbox { letters: letters.clone(), keys: VecDeque::new() };
        inboxes.add(name.to_owned(), device, inbox)?;
        Ok(letters)
    }

    /// Puts a letter into an inbox, unless it is there already.
    ///
    /// # Errors
    /// When it is no text, comes too soon after others, or there is no such inbox.
    pub(super) fn put(&self, sent: &Sent, request: &HttpRequest) -> Result<()> {
        let key = printable(&sent.key, KEY_LIMIT)?;
        let from = printable(&sent.from, NAME_LIMIT)?;
        let text = printable(&sent.text, TEXT_LIMIT)?;
        self.limits.check(request)?;
        let mut inboxes = self.all();
        let none = "no inbox has this name: its owner has to open it first";
        let to = sent.to.trim();
        let inbox = inboxes.get(to).ok_or_else(|| ErrorNotFound(none))?;
        if !inbox.keys.iter().any(|known| known == key) {
            inbox.letters.publish_entry(&Letter { from, text, at: unix_millis() });
            inbox.keys.push_back(key.to_owned());
            if inbox.keys.len() > INBOX_CAPACITY.get() {
                inbox.keys.pop_front();
            }
        }
        Ok(())
    }

    /// The names of all, to choose from.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.all().names().cloned().collect();
        names.sort();
        names
    }

    /// How many polls are held.
    pub(super) fn held(&self) -> usize {
        self.all().values().map(|inbox| inbox.letters.followers()).sum()
    }

    /// Deletes all letters and inboxes. Polls that are held end.
    pub(super) fn clear(&self) {
        let mut inboxes = self.all();
        inboxes.values().for_each(|inbox| inbox.letters.close());
        inboxes.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn an_inbox_that_two_polls_open_at_once_is_one() {
        let inboxes = Inboxes::new();
        let device = Ipv4Addr::LOCALHOST.into();
        let [first, second] = [(); 2].map(|()| inboxes.add("ada", device).unwrap());
        assert_eq!(first.oldest(), second.oldest());
        first.publish_entry(&Letter { from: "bob", text: "Hi", at: 0 });
        assert_eq!(first.since(None).cursor(), second.since(None).cursor());
    }
}
