//! The messages that wait for a browser: one box for each endpoint.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use rand::{RngExt, distr::Alphanumeric};

use super::messages::{Headers, Notification};

/// Endpoints at once: a demo has one browser, and a page of it one.
const BOXES_LIMIT: usize = 100;
/// Messages that wait in one box: a page has to look anyway.
const WAITING_LIMIT: usize = 10;
/// How long a message without a TTL may take to the browser that is connected.
const HANDOVER_GRACE: Duration = Duration::from_secs(1);
/// Long enough that nobody guesses an endpoint: 190 bits.
const ID_LENGTH: usize = 32;

/// The boxes, by the last part of their endpoint's path.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes(HashMap<String, Mailbox>);

/// One endpoint: written when a page subscribes.
#[derive(Debug)]
struct Mailbox {
    /// The browser.
    uaid: String,
    /// Its newest connection: set when it subscribes, and when it says hello.
    connection: u64,
    /// What the browser calls the subscription.
    channel: String,
    /// The public key of the only server that may send here, if the page gave one.
    key: Option<String>,
    /// Added by a POST; removed when they are acknowledged, replaced, or too old.
    waiting: Vec<Letter>,
}

/// A message that waits.
#[derive(Debug)]
struct Letter {
    version: String,
    topic: Option<String>,
    ends: Instant,
    data: String,
    /// Whether it has gone down the newest connection.
    sent: bool,
}

/// Why a message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    NoBox,
    Full,
}

impl Mailboxes {
    /// Opens a box for a browser, instead of one that its channel has. Returns its name, or
    /// nothing if there are too many.
    pub(crate) fn open(
        &mut self,
        uaid: &str,
        connection: u64,
        channel: String,
        key: Option<String>,
    ) -> Option<String> {
        self.close(uaid, &channel);
        if self.0.len() >= BOXES_LIMIT {
            return None;
        }
        let (name, uaid) = (draw_id(), uaid.to_owned());
        let mailbox =
            Mailbox { uaid, connection, channel, key, waiting: Vec::new() };
        self.0.insert(name.clone(), mailbox);
        Some(name)
    }

    pub(crate) fn close(&mut self, uaid: &str, channel: &str) {
        self.0.retain(|_, b| b.uaid != uaid || b.channel != channel);
    }

    /// Sends a browser what waits over this connection from now on. Returns whether it has
    /// a box: otherwise it need not be known.
    pub(crate) fn connect(&mut self, uaid: &str, connection: u64) -> bool {
        let mut is_known = false;
        for mailbox in self.0.values_mut().filter(|mailbox| mailbox.uaid == uaid) {
            is_known = true;
            mailbox.connection = connection;
            mailbox.waiting.iter_mut().for_each(|letter| letter.sent = false);
        }
        is_known
    }

    /// The key of the server that may send to a box.
    pub(crate) fn key(&self, name: &str) -> Result<Option<String>, NotTaken> {
        self.0.get(name).map(|b| b.key.clone()).ok_or(NotTaken::NoBox)
    }

    /// Puts a message into a box, instead of one with the same topic. Returns its id.
    pub(crate) fn put(
        &mut self,
        name: &str,
        topic: Option<String>,
        ttl: Duration,
        data: String,
    ) -> Result<String, NotTaken> {
        let mailbox = self.0.get_mut(name).ok_or(NotTaken::NoBox)?;
        let now = Instant::now();
        mailbox.waiting.retain(|letter| {
            letter.ends > now && (topic.is_none() || letter.topic != topic)
        });
        if mailbox.waiting.len() >= WAITING_LIMIT {
            return Err(NotTaken::Full);
        }
        let version = draw_id();
        let ends = now + ttl.max(HANDOVER_GRACE);
        let letter =
            Letter { version: version.clone(), topic, ends, data, sent: false };
        mailbox.waiting.push(letter);
        Ok(version)
    }

    /// What a browser has not been sent over this connection, and notes that it is. Nothing,
    /// when it has a newer connection.
    pub(crate) fn take(
        &mut self,
        uaid: &str,
        connection: u64,
    ) -> Option<Vec<Notification>> {
        let now = Instant::now();
        let own = self.0.values_mut().filter(|mailbox| mailbox.uaid == uaid);
        let mut taken = Vec::new();
        for Mailbox { channel, waiting, connection: newest, .. } in own {
            if *newest != connection {
                return None;
            }
            for letter in waiting.iter_mut().filter(|l| l.ends > now && !l.sent) {
                letter.sent = true;
                taken.push(Notification {
                    channel: channel.clone(),
                    version: letter.version.clone(),
                    data: letter.data.clone(),
                    headers: Headers { encoding: "aes128gcm" },
                });
            }
        }
        Some(taken)
    }

    /// Forgets a message that a browser has.
    pub(crate) fn acknowledge(&mut self, uaid: &str, version: &str) {
        for mailbox in self.0.values_mut().filter(|b| b.uaid == uaid) {
            mailbox.waiting.retain(|letter| letter.version != version);
        }
    }
}

/// A new id, of a browser, an endpoint or a message.
pub(crate) fn draw_id() -> String {
    let random = rand::rng();
    random.sample_iter(Alphanumeric).take(ID_LENGTH).map(char::from).collect()
}
