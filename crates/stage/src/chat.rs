//! A room whose guests hear what any of them says: the part of a chat that is the
//! same however its messages travel. Both sides speak JSON:
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

/// What a guest may say, in characters.
const TEXT: usize = 280;
/// How long a name may be, in characters.
const NAME: usize = 24;
/// How often a guest may speak: twice a second; after a pause, five times at once.
const EACH: Duration = Duration::from_millis(500);
const BURST: u32 = 5;
/// How far above the newest guest's number a claimed one may be: no room lost more guests
/// than that, and a prank with "guest 4294967295" does not number all newcomers.
const CLAIM_LIMIT: u64 = 1000;
/// How many messages are kept for a guest who is slow to hear them.
const KEPT: usize = 64;

/// What a guest says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClientMessage {
    Say(String),
    Name(String),
}

/// What a guest hears.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum ServerMessage<'a> {
    /// To one guest: the name that it has now.
    Welcome { name: &'a str },
    /// To everyone.
    Said { number: u64, name: &'a str, text: &'a str },
    /// To one guest: what was wrong, and what was expected.
    Error(&'a str),
}

impl ServerMessage<'_> {
    #[expect(clippy::expect_used, reason = "only maps with odd keys fail")]
    fn json(&self) -> String {
        serde_json::to_string(self).expect("text and numbers are JSON")
    }
}

/// The room. A clone is another door to the same one.
#[derive(Debug, Clone)]
pub struct ChatRoom(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    guests: AtomicU64,
    /// The number of the last message, locked while it is sent: everybody hears
    /// the messages in the order of their numbers.
    said: Mutex<u64>,
    everyone: broadcast::Sender<ByteString>,
}

impl Default for ChatRoom {
    fn default() -> Self {
        let everyone = broadcast::Sender::new(KEPT);
        Self(Arc::new(Shared { guests: 0.into(), said: Mutex::new(0), everyone }))
    }
}

impl ChatRoom {
    /// Lets somebody in, as "guest 1", "guest 2" …
    #[must_use]
    pub fn join(&self) -> Guest {
        let number = self.0.guests.fetch_add(1, Ordering::Relaxed) + 1;
        Guest {
            room: self.0.clone(),
            heard: self.0.everyone.subscribe(),
            name: format!("guest {number}"),
            pace: Pace { even: Instant::now() },
        }
    }
}

/// Somebody in the room.
#[derive(Debug)]
pub struct Guest {
    room: Arc<Shared>,
    heard: broadcast::Receiver<ByteString>,
    name: String,
    pace: Pace,
}

impl Guest {
    /// What tells a guest its name: `{"welcome":{"name":"guest 3"}}`.
    #[must_use]
    pub fn welcome(&self) -> String {
        ServerMessage::Welcome { name: &self.name }.json()
    }

    /// Does what this guest asks for. Returns what it alone is to hear: its new
    /// name, or what was wrong.
    #[must_use]
    pub fn handle(&mut self, message: &str) -> Option<String> {
        let done = match serde_json::from_str(message) {
            Ok(ClientMessage::Say(text)) => self.say(&text).map(|()| None),
            Ok(ClientMessage::Name(name)) => {
                self.rename(&name).map(|()| Some(self.welcome()))
            }
            Err(error) => {
                Err(format!(r#"{error}: expected {{"say":"…"}} or {{"name":"…"}}"#))
            }
        };
        done.unwrap_or_else(|error| Some(ServerMessage::Error(&error).json()))
    }

    fn rename(&mut self, name: &str) -> Result<(), String> {
        self.name = within(name, NAME)?.to_owned();
        // A guest of a room that is gone asks for its name again: no newcomer gets it.
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

    fn say(&mut self, text: &str) -> Result<(), String> {
        let text = within(text, TEXT)?;
        if !self.pace.allows(Instant::now()) {
            return Err("too fast: expected 2 messages a second at most".into());
        }
        let mut said = self.room.said.lock().unwrap_or_else(PoisonError::into_inner);
        *said += 1;
        let message = ServerMessage::Said { number: *said, name: &self.name, text };
        // It fails when nobody is here to listen; but we are.
        let _ = self.room.everyone.send(message.json().into());
        Ok(())
    }

    /// Waits for the next message. A guest too many behind misses some, and sees that
    /// by their numbers. Cancel safe.
    pub async fn next_message(&mut self) -> ByteString {
        loop {
            match self.heard.recv().await {
                Ok(message) => return message,
                Err(RecvError::Lagged(_)) => {}
                // The room is as old as its guests, so it can't be gone.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// `text` without the blanks around it.
fn within(text: &str, most: usize) -> Result<&str, String> {
    let text = text.trim();
    let count = text.chars().count();
    if count > most {
        return Err(format!("{count} characters: expected {most} at most"));
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        let number = u32::from(control);
        return Err(format!("control character U+{number:04X}: expected text"));
    }
    if !text.chars().any(shows) {
        return Err(format!("nothing to see: expected 1 to {most} characters"));
    }
    Ok(text)
}

/// Whether a reader sees this character: it is no blank, and not one that Unicode has
/// displays ignore (its property `Default_Ignorable_Code_Point`).
fn shows(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// How often a guest may speak. (A leaky bucket that holds a moment, not a count.)
#[derive(Debug)]
struct Pace {
    /// When all that was allowed so far would have been said, evenly spread.
    even: Instant,
}

impl Pace {
    /// Whether to speak `now` is allowed; if so, it counts.
    fn allows(&mut self, now: Instant) -> bool {
        let even = self.even.max(now) + EACH;
        let allowed = even <= now + EACH * BURST;
        if allowed {
            self.even = even;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everyone_hears_each_message_with_its_name_and_number() {
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
    fn what_is_refused_says_what_was_expected() {
        let mut guest = ChatRoom::default().join();
        let mut refusal = |message: &str| guest.handle(message).unwrap_or_default();
        let say = |text: String| format!(r#"{{"say":"{text}"}}"#);
        assert!(refusal("hello").contains("expected {\\\"say\\\":"));
        assert!(refusal(r#"{"sing":"la"}"#).contains("unknown variant `sing`"));
        assert!(refusal(r#"{"say":1}"#).contains("expected a string"));
        assert!(refusal(&say(" ".into())).contains("1 to 280"));
        for unseen in ["\u{200b}", "\u{202e} \u{2060}", "\u{3164}", "\u{e0041}"] {
            assert!(refusal(&say(unseen.into())).contains("nothing to see"));
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

    #[test]
    fn a_burst_then_an_even_pace() {
        let start = Instant::now();
        let mut pace = Pace { even: start };
        let mut allowed =
            |millis| pace.allows(start + Duration::from_millis(millis));
        assert_eq!([0; 7].map(&mut allowed).iter().filter(|&&a| a).count(), 5);
        assert!(!allowed(400));
        assert!(allowed(600));
        assert!(!allowed(700));
        assert_eq!([9000; 7].map(&mut allowed).iter().filter(|&&a| a).count(), 5);
    }
}
