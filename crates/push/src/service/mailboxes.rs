//! The messages that wait for a browser: one box for each endpoint.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use stage::draw_id;

use super::messages::{Headers, Notification};

/// Endpoints at once: a demo has one browser, and a page of it one.
const BOXES_LIMIT: usize = 100;
/// Messages that wait in one box: a page asks for what it has missed anyway.
const QUEUE_LIMIT: usize = 10;
/// How long a message without a TTL may take to the browser that is connected.
const HANDOVER_GRACE: Duration = Duration::from_secs(1);
/// Characters of an id, of a browser, an endpoint or a message: 190 bits, too many to guess.
pub(crate) const ID_LENGTH: usize = 32;

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
    /// Since when that connection is closed, if it is: set at its end.
    away_since: Option<Instant>,
    /// What the browser calls the subscription.
    channel: String,
    /// The public key of the only server that may send here, if the page gave one.
    key: Option<String>,
    /// Added by a POST; removed when they are acknowledged, replaced, or too old.
    queue: Vec<QueuedMessage>,
}

/// A message that waits.
#[derive(Debug)]
struct QueuedMessage {
    version: String,
    topic: Option<String>,
    ends: Instant,
    data: String,
    /// Whether it has gone down the newest connection.
    sent: bool,
}

/// Why a message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotQueued {
    UnknownEndpoint,
    QueueFull,
}

impl Mailboxes {
    /// Opens a box for a browser, instead of one that its channel has. When there are too
    /// many, those of the browser that is away longest are closed. Returns its name, or
    /// nothing if no browser is away.
    pub(crate) fn open(
        &mut self,
        uaid: &str,
        connection: u64,
        channel: String,
        key: Option<String>,
    ) -> Option<String> {
        self.close(uaid, &channel);
        if self.0.len() >= BOXES_LIMIT {
            self.close_abandoned();
        }
        if self.0.len() >= BOXES_LIMIT {
            return None;
        }
        let name = draw_id(ID_LENGTH);
        let mailbox = Mailbox {
            uaid: uaid.to_owned(),
            connection,
            away_since: None,
            channel,
            key,
            queue: Vec::new(),
        };
        self.0.insert(name.clone(), mailbox);
        Some(name)
    }

    /// Closes all boxes of the browser that is away longest.
    fn close_abandoned(&mut self) {
        let away = self.0.values().filter_map(|b| Some((b.away_since?, &b.uaid)));
        if let Some((_, uaid)) = away.min() {
            let uaid = uaid.clone();
            self.0.retain(|_, mailbox| mailbox.uaid != uaid);
        }
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
            mailbox.away_since = None;
            mailbox.queue.iter_mut().for_each(|message| message.sent = false);
        }
        is_known
    }

    /// Notes that a connection has ended.
    pub(crate) fn disconnect(&mut self, connection: u64) {
        let own = self.0.values_mut().filter(|b| b.connection == connection);
        own.for_each(|mailbox| mailbox.away_since = Some(Instant::now()));
    }

    /// The key of the server that may send to a box.
    pub(crate) fn key(&self, name: &str) -> Result<Option<String>, NotQueued> {
        self.0.get(name).map(|b| b.key.clone()).ok_or(NotQueued::UnknownEndpoint)
    }

    /// Puts a message into a box, instead of one with the same topic. Returns its id.
    pub(crate) fn put(
        &mut self,
        name: &str,
        topic: Option<String>,
        ttl: Duration,
        data: String,
    ) -> Result<String, NotQueued> {
        let mailbox = self.0.get_mut(name).ok_or(NotQueued::UnknownEndpoint)?;
        let now = Instant::now();
        mailbox.queue.retain(|message| {
            message.ends > now && (topic.is_none() || message.topic != topic)
        });
        if mailbox.queue.len() >= QUEUE_LIMIT {
            return Err(NotQueued::QueueFull);
        }
        let version = draw_id(ID_LENGTH);
        let ends = now + ttl.max(HANDOVER_GRACE);
        let message = QueuedMessage {
            version: version.clone(),
            topic,
            ends,
            data,
            sent: false,
        };
        mailbox.queue.push(message);
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
        for Mailbox { channel, queue, connection: newest, .. } in own {
            if *newest != connection {
                return None;
            }
            for message in queue.iter_mut().filter(|m| m.ends > now && !m.sent) {
                message.sent = true;
                taken.push(Notification {
                    channel: channel.clone(),
                    version: message.version.clone(),
                    data: message.data.clone(),
                    headers: Headers { encoding: "aes128gcm" },
                });
            }
        }
        Some(taken)
    }

    /// Forgets a message that a browser has.
    pub(crate) fn acknowledge(&mut self, uaid: &str, version: &str) {
        for mailbox in self.0.values_mut().filter(|b| b.uaid == uaid) {
            mailbox.queue.retain(|message| message.version != version);
        }
    }
}
