//! The messages of pages and hub, as types.

use std::net::IpAddr;

use actix_ws::{Closed, Session};
use lens::{Account, Effect};
use notes::TalkPath;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::room_state::RoomState;
use crate::{
    devices::{ConnectionInfo, Traffic},
    quiz,
    techniques::ByTechnique,
};

/// What a page sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// What it wants to be told from now on, besides the messages `room`.
    Watch(Watch),
    /// An attendee breaks, or mends, a connection of their own.
    Try(Try),
    /// The presenter's.
    Command(Command),
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

/// If it can't be done, the answer is `not_tried`, with its technique and effect.
#[derive(Debug, Deserialize)]
pub(super) struct Try {
    pub(super) technique: String,
    #[serde(flatten)]
    pub(super) effect: EffectOrOff,
}

/// An effect, or `"effect":"off"`.
#[derive(Debug)]
pub(super) struct EffectOrOff {
    /// As it came, for the answer.
    pub(super) name: Value,
    pub(super) effect: serde_json::Result<Option<Effect>>,
}

impl<'de> Deserialize<'de> for EffectOrOff {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(from)?;
        let name = fields.get("effect").cloned().unwrap_or_default();
        let effect = match &name {
            Value::String(name) if name == "off" => Ok(None),
            _ => serde_json::from_value(Value::Object(fields)).map(Some),
        };
        Ok(Self { name, effect })
    }
}

/// The answer is `{"done":7}` or `{"refused":{…}}`. A command that arrives after
/// `until`, because the page, the network or the hub was stopped, is refused: its
/// effect would surprise everybody.
#[derive(Debug, Deserialize)]
pub(super) struct Command {
    pub(super) id: u64,
    /// Milliseconds on the hub's clock, which the messages `room` tell.
    pub(super) until: u64,
    /// If it can't be parsed, the command is refused by its `id`.
    #[serde(rename = "ask")]
    pub(super) action: Lenient<Action>,
}

/// A part of a message whose error is kept, so that the rest can be read and the
/// answer can name the message.
#[derive(Debug)]
pub(super) struct Lenient<T>(pub(super) serde_json::Result<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Value::deserialize(from).map(|value| Self(serde_json::from_value(value)))
    }
}

/// What the presenter commands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Set(Set),
    /// Removes every effect.
    Off(True),
    Feed(FeedAction),
    Restart(String),
    /// Brings everyone to this page.
    #[serde(rename = "here")]
    Bring(String),
    /// Repeats an invitation of before a restart.
    #[serde(rename = "here_again")]
    BringAgain(Invitation),
    /// Lets everyone browse freely again, if this is still the page.
    Release(String),
    /// Turns to a slide; without one, closes the slides on every device.
    Slide(Option<String>),
    /// Chooses the length of the talk: at which slides it stops.
    Path(TalkPath),
    Allow(bool),
    /// Resets the counters to 0.
    Reset(True),
    Quiz(quiz::Command),
}

/// To a page, with its number.
#[derive(Debug, Deserialize)]
pub(super) struct Invitation {
    pub(super) page: String,
    pub(super) brought: u64,
}

/// Adds or removes an effect for a technique, or all, and a device, or all.
#[derive(Debug, Deserialize)]
pub(super) struct Set {
    pub(super) technique: Option<String>,
    pub(super) client: Option<IpAddr>,
    pub(super) on: bool,
    #[serde(flatten)]
    pub(super) effect: Lenient<Effect>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FeedAction {
    Paused(bool),
    Publish(u64),
    /// Milliseconds.
    Every(u64),
}

/// JSON's `true`, for actions without parameters.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
pub(super) struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("expected true") }
    }
}

/// What a page is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    Room(RoomState),
    Accounts(&'a ByTechnique<Account>),
    Connection(&'a ConnectionInfo),
    Bytes(&'a Traffic),
    /// How many messages came too fast for this page, and were left out.
    Skipped(u64),
    Error(String),
    /// The command of this number was executed.
    Done(u64),
    /// The command of this number was refused.
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

impl ServerMessage<'_> {
    /// Sends it as a text message.
    ///
    /// # Errors
    /// When the page has gone.
    pub(super) async fn send(&self, session: &mut Session) -> Result<(), Closed> {
        match serde_json::to_string(self) {
            Ok(message) => session.text(message).await,
            // Serialising fails only for maps whose keys are not strings.
            Err(_) => Ok(()),
        }
    }
}
