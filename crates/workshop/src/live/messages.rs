//! The messages of pages and hub, as types.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    devices::{ConnectionInfo, Traffic},
    quiz,
};

/// What a page says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// It wants to be told of more, or of nothing more.
    Watch(Watch),
    /// It breaks what is its own.
    Try(Try),
    /// The presenter's.
    Command(Command),
}

/// It is answered: `{"done":7}` or `{"refused":{…}}`. What comes too late, after either
/// side stood still, is not done: nobody expects it any more.
#[derive(Debug, Deserialize)]
pub(super) struct Command {
    pub(super) id: u64,
    /// On the hub's clock, which the room tells: milliseconds.
    pub(super) until: u64,
    /// An [`Ask`]: what is wrong with it is told as a refusal of this number.
    pub(super) ask: Value,
}

/// What the presenter commands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    Set(Set),
    /// Every effect, everywhere.
    Off(True),
    Feed(Feed),
    Restart(String),
    /// Everyone is brought to a page.
    Here(String),
    /// Nobody is held at that page any more.
    Release(String),
    Slide(Option<String>),
    Allow(bool),
    /// The accounts begin anew.
    Reset(True),
    Quiz(quiz::Command),
}

/// What a page is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    Room(Value),
    Accounts(Value),
    Connection(&'a ConnectionInfo),
    Bytes(&'a Traffic),
    /// So many messages came too fast for this page.
    Skipped(u64),
    Error(String),
    /// The command of this number was done.
    Done(u64),
    /// The command of this number was not done.
    Refused {
        id: u64,
        why: String,
    },
    /// What an attendee tried was not done.
    NotTried {
        technique: String,
        effect: Value,
        why: String,
    },
}

/// JSON's `true`: what is asked for needs no more words.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
pub(super) struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> std::result::Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("expected true") }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Watch {
    pub(super) accounts: bool,
    /// The name of a technique.
    pub(super) wire: Option<String>,
    /// Its newest connection, if none is named.
    pub(super) connection: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Try {
    pub(super) technique: String,
    #[serde(flatten)]
    pub(super) effect: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Set {
    pub(super) technique: Option<String>,
    pub(super) client: Option<IpAddr>,
    pub(super) on: bool,
    #[serde(flatten)]
    pub(super) effect: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Feed {
    Paused(bool),
    Publish(u64),
    /// Milliseconds.
    Every(u64),
}
