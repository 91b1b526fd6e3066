//! A chat room: the part of a chat that is the same however its messages travel. What one
//! guest says, all are sent. Messages are JSON in both directions:
//!
//! ```text
//! ► {"say":"hello"}      ◄ {"said":{"number":7,"name":"guest 3","text":"hello"}}
//! ► {"name":"Ada"}       ◄ {"welcome":{"name":"Ada"}}
//! ► {"sing":"la"}        ◄ {"error":"unknown variant `sing`, …"}
//! ```

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytestring::ByteString;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    rate_limit::RateLimit,
    text::{BadText, printable},
};

/// How long a message may be, in characters.
const TEXT_LIMIT: usize = 280;
/// How long a name may be, in characters.
const NAME_LIMIT: usize = 24;
/// A guest may send two messages a second and, after a pause, five at once.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(500);
const BURST_LIMIT: u32 = 5;
/// How far above the newest guest's number the number in a name may be. Guests ask
/// for their old names after a restart, and no chat had more guests than this; a
/// prank such as "guest 4294967295" must not raise the numbers of all later guests.
const CLAIM_LIMIT: u64 = 1000;
/// How many messages are kept for a guest that is slow to take them.
const MESSAGE_CAPACITY: usize = 64;

/// What a guest sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClientMessage {
    Say(String),
    Name(String),
}

/// What a guest is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum ServerMessage<'a> {
    /// To one guest: the name that it has now.
    Welcome { name: &'a str },
    /// To all guests.
    Said { number: u64, name: &'a str, text: &'a str },
    /// To one guest: what was wrong, and what was expected.
    Error(&'a str),
}

impl ServerMessage<'_> {
    #[expect(
        clippy::expect_used,
        reason = "fails only for maps with keys other than strings"
    )]
    fn json(&self) -> String {
        serde_json::to_string(self).expect("text and numbers are JSON")
    }
}

/// The room, shared: a clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct ChatRoom(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The highest number that a guest was given or claims in its name. `join`
    /// counts it up; `rename` raises it. It never goes down, so no two guests get
    /// the same number.
    guests: AtomicU64,
    /// The number of the last message. `say` counts it up, and holds the lock while it
    /// sends, so that all guests get the messages in the order of their numbers.
    last_number: Mutex<u64>,
    /// Sent to by `say`; each guest has a receiver of it from `join` on.
    messages: broadcast::Sender<ByteString>,
}

impl Default for ChatRoom {
    fn default() -> Self {
        let messages = broadcast::Sender::new(MESSAGE_CAPACITY);
        Self(Arc::new(Shared {
            guests: 0.into(),
            last_number: Mutex::new(0),
            messages,
        }))
    }
}

impl ChatRoom {
    /// Adds a guest, with the name "guest 1", "guest 2" …
    #[must_use]
    pub fn join(&self) -> Guest {
        let number = self.0.guests.fetch_add(1, Ordering::Relaxed) + 1;
        Guest {
            room: self.0.clone(),
            messages: self.0.messages.subscribe(),
            name: format!("guest {number}"),
            rate: RateLimit::new(MESSAGE_INTERVAL, BURST_LIMIT),
        }
    }
}

/// One connection's place in the room.
#[derive(Debug)]
pub struct Guest {
    room: Arc<Shared>,
    /// What all guests are sent, as far as this one has not taken it yet.
    messages: broadcast::Receiver<ByteString>,
    /// "guest 3", until its guest sends another one.
    name: String,
    rate: RateLimit,
}

impl Guest {
    /// What tells a guest its name: `{"welcome":{"name":"guest 3"}}`.
    #[must_use]
    pub fn welcome(&self) -> String {
        ServerMessage::Welcome { name: &self.name }.json()
    }

    /// Handles a message of this guest. Returns the reply that it alone is sent: its new
    /// name, or what was wrong.
    #[must_use]
    pub fn handle(&mut self, message: &str) -> Option<String> {
        let done = match serde_json::from_str(message) {
            Ok(ClientMessage::Say(text)) => self.say(&text).map(|()| None),
            Ok(ClientMessage::Name(name)) => {
                self.rename(&name).map(|()| Some(self.welcome()))
            }
            Err(error) => Err(error.into()),
        };
        done.unwrap_or_else(|error| {
            Some(ServerMessage::Error(&error.to_string()).json())
        })
    }

    fn rename(&mut self, name: &str) -> Result<(), Rejection> {
        self.name = printable(name, NAME_LIMIT)?.to_owned();
        // After a restart, guests ask for their old names again: no new guest may
        // get the same number.
        let guests = &self.room.guests;
        let newest = guests.load(Ordering::Relaxed);
        let number = self.name.strip_prefix("guest ").map(str::parse::<u64>);
        if let Some(Ok(number)) = number
            && number <= newest.saturating_add(CLAIM_LIMIT)
        {
            guests.fetch_max(number, Ordering::Relaxed);
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<(), Rejection> {
        let text = printable(text, TEXT_LIMIT)?;
        if !self.rate.allows(Instant::now()) {
            return Err(Rejection::TooFast);
        }
        let last = &self.room.last_number;
        let mut number = last.lock().unwrap_or_else(PoisonError::into_inner);
        *number += 1;
        let message =
            ServerMessage::Said { number: *number, name: &self.name, text };
        // It fails without receivers; but this guest has one.
        let _ = self.room.messages.send(message.json().into());
        Ok(())
    }

    /// Waits for the next message. A guest that is more than 64 messages behind
    /// misses some, which their numbers show. Cancel safe.
    pub async fn next_message(&mut self) -> ByteString {
        loop {
            match self.messages.recv().await {
                Ok(message) => return message,
                Err(RecvError::Lagged(_)) => {}
                // This guest holds the room, so it can't be gone.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// Why a message is rejected.
#[derive(Debug, thiserror::Error)]
enum Rejection {
    #[error(r#"{0}: expected {{"say":"…"}} or {{"name":"…"}}"#)]
    Malformed(#[from] serde_json::Error),
    #[error("too fast: expected 2 messages a second at most")]
    TooFast,
    #[error(transparent)]
    Text(#[from] BadText),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_guests_get_each_message_with_its_name_and_number() {
        let room = ChatRoom::default();
        let (mut ada, mut bob) = (room.join(), room.join());
        assert_eq!(bob.welcome(), r#"{"welcome":{"name":"guest 2"}}"#);
        let welcome = ada.handle(r#"{"name":" Ada "}"#).unwrap();
        assert_eq!(welcome, r#"{"welcome":{"name":"Ada"}}"#);
        assert_eq!(ada.handle(r#"{"say":"hello"}"#), None);
        assert_eq!(bob.handle(r#"{"say":"\"hi\""}"#), None);
        for guest in [&mut ada, &mut bob] {
            let first = r#"{"said":{"number":1,"name":"Ada","text":"hello"}}"#;
            assert_eq!(guest.next_message().await, first);
            let second = r#"{"said":{"number":2,"name":"guest 2","text":"\"hi\""}}"#;
            assert_eq!(guest.next_message().await, second);
        }
    }

    #[test]
    fn a_rejected_message_says_what_was_expected() {
        let mut guest = ChatRoom::default().join();
        let mut refusal = |message: &str| guest.handle(message).unwrap_or_default();
        let say = |text: String| format!(r#"{{"say":"{text}"}}"#);
        assert!(refusal("hello").contains("expected {\\\"say\\\":"));
        assert!(refusal(r#"{"sing":"la"}"#).contains("unknown variant `sing`"));
        assert!(refusal(r#"{"say":1}"#).contains("expected a string"));
        assert!(refusal(&say(" ".into())).contains("1 to 280"));
        for unseen in ["\u{200b}", "\u{202e} \u{2060}", "\u{3164}", "\u{e0041}"] {
            assert!(refusal(&say(unseen.into())).contains("no visible character"));
            let name = format!(r#"{{"name":"{unseen}"}}"#);
            assert!(refusal(&name).contains("1 to 24"), "{unseen:?}");
        }
        assert!(refusal(&say(r"red \u001b[31m".into())).contains("U+001B"));
        assert_eq!(refusal(&say("\u{1f469}\u{200d}\u{1f467}".into())), "");
        assert!(refusal(&say("é".repeat(281))).contains("281 characters"));
        assert_eq!(refusal(&say("é".repeat(280))), "");
        let name = format!(r#"{{"name":"{}"}}"#, "x".repeat(25));
        assert!(refusal(&name).contains("24 at most"));
    }

    #[test]
    fn a_guest_of_the_room_before_keeps_its_name_and_is_the_only_one() {
        let room = ChatRoom::default();
        let welcome = room.join().handle(r#"{"name":"guest 7"}"#).unwrap();
        assert_eq!(welcome, r#"{"welcome":{"name":"guest 7"}}"#);
        assert_eq!(room.join().welcome(), r#"{"welcome":{"name":"guest 8"}}"#);
        let _ = room.join().handle(r#"{"name":"guest 99999999999999999999"}"#);
        assert_eq!(room.join().welcome(), r#"{"welcome":{"name":"guest 10"}}"#);
        // What is far above the others is a prank: it is a name, and counts nobody.
        let mut prankster = room.join();
        for prank in [u64::from(u32::MAX), 10u64.pow(17), 12 + CLAIM_LIMIT] {
            let name = format!(r#"{{"name":"guest {prank}"}}"#);
            let welcome = format!(r#"{{"welcome":{{"name":"guest {prank}"}}}}"#);
            assert_eq!(prankster.handle(&name), Some(welcome));
        }
        assert_eq!(room.join().welcome(), r#"{"welcome":{"name":"guest 12"}}"#);
    }
}
