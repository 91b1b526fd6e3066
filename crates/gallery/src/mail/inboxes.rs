//! The inboxes: a log of letters each, which keeps what comes while its owner is away.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use feed::{Feed, unix_millis};
use serde::Serialize;

/// How many inboxes there are at most, and what each of them keeps.
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

/// By name. Added by the first poll of their owner, removed by the presenter.
#[derive(Default)]
pub(super) struct Inboxes(Mutex<HashMap<String, Inbox>>);

impl Inboxes {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Inbox>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The letters of an inbox, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<Feed> {
        self.all().get(name).map(|inbox| inbox.letters.clone())
    }

    /// The letters of an inbox. A new one has a letter of the postmaster; none, when there
    /// are too many. Two polls may open the same inbox at once: the second gets that of the
    /// first.
    pub(super) fn open(&self, name: &str) -> Option<Feed> {
        let mut inboxes = self.all();
        if let Some(inbox) = inboxes.get(name) {
            return Some(inbox.letters.clone());
        }
        if inboxes.len() == INBOXES_LIMIT {
            return None;
        }
        let text = "Your inbox is open: tell others its name.";
        let first = Letter { from: "postmaster", text, at: unix_millis() };
        let letters = Feed::of_entries(INBOX_CAPACITY, INBOX_BYTES, &first);
        let inbox = Inbox { letters: letters.clone(), keys: VecDeque::new() };
        inboxes.insert(name.to_owned(), inbox);
        Some(letters)
    }

    /// Puts a letter into an inbox, unless it is there already. Returns whether there is
    /// such an inbox.
    pub(super) fn put(&self, to: &str, key: String, from: &str, text: &str) -> bool {
        let mut inboxes = self.all();
        let Some(inbox) = inboxes.get_mut(to) else { return false };
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
        let mut names: Vec<String> = self.all().keys().cloned().collect();
        names.sort();
        names
    }

    /// Deletes all letters and inboxes. Polls that are held end.
    pub(super) fn clear(&self) {
        self.all().drain().for_each(|(_, inbox)| inbox.letters.close());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inbox_that_two_polls_open_at_once_is_one() {
        let inboxes = Inboxes::default();
        let first = inboxes.open("ada").unwrap();
        assert!(inboxes.put("ada", "1".into(), "bob", "Hi"));
        let second = inboxes.open("ada").unwrap();
        assert_eq!(first.oldest(), second.oldest());
        let newest = inboxes.find("ada").unwrap().since(None).cursor();
        assert_eq!(first.since(None).cursor(), newest);
    }
}
