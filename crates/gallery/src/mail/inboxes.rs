//! The inboxes: a log of letters each, which keeps what comes while its owner is away.

use std::{
    collections::VecDeque,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard},
};

use feed::{Feed, unix_millis};
use serde::Serialize;

use crate::{
    gallery::lock,
    kept::{Full, Kept},
};

/// How many inboxes a device may open, how many there are in all, and what each keeps.
const DEVICE_LIMIT: usize = 10;
const INBOXES_LIMIT: usize = 200;
const INBOX_CAPACITY: NonZeroUsize = NonZeroUsize::new(50).unwrap();
const INBOX_BYTES: usize = 32 << 10;

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

/// By name. Added by the first poll of their owner; removed by the presenter, or for a new
/// one when they were unused longest.
pub(super) struct Inboxes(Mutex<Kept<Inbox>>);

impl Inboxes {
    pub(super) fn new() -> Self {
        let is_polled = |inbox: &Inbox| inbox.letters.followers() > 0;
        Self(Mutex::new(Kept::new(DEVICE_LIMIT, INBOXES_LIMIT, is_polled)))
    }

    fn all(&self) -> MutexGuard<'_, Kept<Inbox>> {
        lock(&self.0)
    }

    /// The letters of an inbox, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<Feed> {
        self.all().get(name).map(|inbox| inbox.letters.clone())
    }

    /// The letters of an inbox. A new one has a letter of the postmaster. Two polls may open
    /// the same inbox at once: the second gets that of the first.
    ///
    /// # Errors
    /// When a new one finds no room, since all are polled.
    pub(super) fn open(&self, name: &str, device: IpAddr) -> Result<Feed, Full> {
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

    /// Puts a letter into an inbox, unless it is there already. Returns whether there is
    /// such an inbox.
    pub(super) fn put(&self, to: &str, key: String, from: &str, text: &str) -> bool {
        let mut inboxes = self.all();
        let Some(inbox) = inboxes.get(to) else { return false };
        if !inbox.keys.contains(&key) {
            inbox.letters.publish_entry(&Letter { from, text, at: unix_millis() });
            inbox.keys.push_back(key);
            if inbox.keys.len() > INBOX_CAPACITY.get() {
                inbox.keys.pop_front();
            }
        }
        true
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
        let first = inboxes.open("ada", device).unwrap();
        assert!(inboxes.put("ada", "1".into(), "bob", "Hi"));
        let second = inboxes.open("ada", device).unwrap();
        assert_eq!(first.oldest(), second.oldest());
        let newest = inboxes.find("ada").unwrap().since(None).cursor();
        assert_eq!(first.since(None).cursor(), newest);
    }
}
