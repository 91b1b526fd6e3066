//! Topics: their names, the filters by which clients subscribe (MQTT 3.1.1 §4.7),
//! and the newest message of each, for those that subscribe later.
//!
//! ```text
//! room/ada/says        a name: levels between slashes
//! room/+/says          a filter: any one level
//! room/#               and any number of them, none as well: also `room`
//! ```

use std::{collections::VecDeque, str::FromStr};

use bytes::Bytes;

/// The topic of the samples, to which the server alone publishes.
pub(crate) const SAMPLES: &str = "samples";
/// Bytes of a topic or a filter. The protocol allows 65 535; each client keeps
/// several.
pub(crate) const TOPIC_BYTES: usize = 256;
/// Retained messages, and the bytes of all of them. When there is one more, the
/// oldest goes.
const RETAINED_LIMIT: usize = 1000;
const RETAINED_BYTES: usize = 1 << 20;

/// Why a topic name or filter is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadTopic {
    #[error("an empty topic: it has at least one character")]
    Empty,
    #[error("a topic of {0} bytes: at most {TOPIC_BYTES} are taken")]
    TooLong(usize),
    #[error("{0:?} is a filter: publish to a topic without + and #")]
    Wildcard(String),
    #[error("{0:?} is no filter: + takes a whole level, and # the last one")]
    Filter(String),
}

/// Whether a message can be published to this topic.
///
/// # Errors
/// When it is empty, too long, or a filter.
pub(crate) fn check_name(topic: &str) -> Result<(), BadTopic> {
    check_length(topic)?;
    match topic.contains(['+', '#']) {
        true => Err(BadTopic::Wildcard(topic.into())),
        false => Ok(()),
    }
}

fn check_length(topic: &str) -> Result<(), BadTopic> {
    match topic.len() {
        0 => Err(BadTopic::Empty),
        1..=TOPIC_BYTES => Ok(()),
        length => Err(BadTopic::TooLong(length)),
    }
}

/// A topic filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter(String);

impl FromStr for Filter {
    type Err = BadTopic;

    fn from_str(filter: &str) -> Result<Self, BadTopic> {
        check_length(filter)?;
        let mut levels = filter.split('/').rev();
        let is_last = |level: &str| level == "#" || is_level(level);
        let is_filter = levels.next().is_some_and(is_last) && levels.all(is_level);
        if is_filter {
            Ok(Self(filter.into()))
        } else {
            Err(BadTopic::Filter(filter.into()))
        }
    }
}

fn is_level(level: &str) -> bool {
    level == "+" || !level.contains(['+', '#'])
}

impl Filter {
    /// Whether a message of this topic is for a client that subscribed with this filter.
    pub(crate) fn matches(&self, topic: &str) -> bool {
        // Topics of the server itself are asked for by name (§4.7.2).
        if topic.starts_with('$') && self.0.starts_with(['+', '#']) {
            return false;
        }
        let mut levels = topic.split('/');
        for wanted in self.0.split('/') {
            match (wanted, levels.next()) {
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (wanted, Some(level)) if wanted == level => {}
                _ => return false,
            }
        }
        levels.next().is_none()
    }
}

/// What is published, by a PUBLISH or by a will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    /// Whether it is kept for those that subscribe later.
    pub(crate) is_retained: bool,
}

/// The newest retained message of each topic.
#[derive(Debug, Default)]
pub(crate) struct Retained {
    /// In the order in which they came. Changed by `keep` alone.
    messages: VecDeque<Message>,
    /// Bytes of all topics and payloads.
    bytes: usize,
}

impl Retained {
    /// Keeps a message instead of the one before of its topic. An empty one is not
    /// kept.
    pub(crate) fn keep(&mut self, message: &Message) {
        self.messages.retain(|kept| kept.topic != message.topic);
        if !message.payload.is_empty() {
            // Its own copy: a slice would keep all that came with it.
            let payload = Bytes::copy_from_slice(&message.payload);
            self.messages.push_back(Message { payload, ..message.clone() });
        }
        self.bytes = self.messages.iter().map(size).sum();
        while self.messages.len() > RETAINED_LIMIT || self.bytes > RETAINED_BYTES {
            self.bytes -= self.messages.pop_front().as_ref().map_or(0, size);
        }
    }

    /// Those that at least one of these filters matches.
    pub(crate) fn matching(
        &self,
        filters: &[&Filter],
    ) -> impl Iterator<Item = &Message> {
        let is_asked_for =
            |topic: &str| filters.iter().any(|filter| filter.matches(topic));
        self.messages.iter().filter(move |message| is_asked_for(&message.topic))
    }
}

fn size(message: &Message) -> usize {
    message.topic.len() + message.payload.len()
}
