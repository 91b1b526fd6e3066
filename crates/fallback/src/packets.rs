//! The packets of Engine.IO v4, and those of Socket.IO v5 inside of its messages, as far
//! as this server speaks them: what a client sends is decoded, what it is sent encoded.
//!
//! ```text
//!  4   2   0   ["say","hello"]
//!  │   │   │   └ JSON: the name of the event, and its arguments
//!  │   │   └──── the id that the acknowledgement is to have: 43 0 ["hello"]
//!  │   └──────── Socket.IO: 0 connect, 1 disconnect, 2 event, 3 ack, 4 connect error
//!  └──────────── Engine.IO: 0 open, 1 close, 2 ping, 3 pong, 4 message, 5 upgrade, 6 noop
//! ```

use std::time::Duration;

use feed::Batch;
use serde::{Deserialize, Serialize};

/// Stands between the packets of one HTTP body. A WebSocket needs none: one frame, one
/// packet.
pub(crate) const SEPARATOR: char = '\x1e';

pub(crate) const CLOSE: &str = "1";
pub(crate) const PING: &str = "2";
pub(crate) const PONG: &str = "3";
pub(crate) const PROBE: &str = "2probe";
pub(crate) const PROBE_ANSWER: &str = "3probe";
pub(crate) const UPGRADE: &str = "5";
pub(crate) const NOOP: &str = "6";

/// Why a packet is not taken. The session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPacket {
    /// A binary packet of Engine.IO, or a binary event or acknowledgement.
    #[error("binary is not taken here: send text")]
    Binary,
    /// No packet that a client sends, in this place.
    #[error("not understood: expected packets of Engine.IO 4 and Socket.IO 5")]
    Malformed,
    /// More acknowledgements wait for the client than are kept.
    #[error("too many packets wait: poll before you send more")]
    TooMany,
}

/// What a Socket.IO packet of a client says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ClientMessage {
    /// `0`, or `0{"pid":…,"offset":…}`
    Connect(Recovery),
    /// `0/admin,`: another namespace than `/`.
    ConnectTo(String),
    /// `1`
    Disconnect,
    /// `2["say","hello"]`, or `20["say","hello"]`, which is to be acknowledged.
    Say { text: String, ack: Option<u64> },
    /// An event or acknowledgement that nobody here waits for.
    Other,
}

/// What a client that was connected before sends along, to be given what it has missed
/// (Socket.IO's connection state recovery): its private id, and its cursor.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Recovery {
    #[serde(default)]
    pub(crate) pid: Option<String>,
    #[serde(default)]
    pub(crate) offset: Option<String>,
}

/// Decodes what is behind the `4` of a message.
pub(crate) fn decode(message: &str) -> Result<ClientMessage, BadPacket> {
    let (kind, rest) = message.split_at_checked(1).ok_or(BadPacket::Malformed)?;
    if matches!(kind, "5" | "6") {
        return Err(BadPacket::Binary);
    }
    let (namespace, rest) = match rest.split_once(',') {
        Some((name, rest)) if is_namespace(name) => (name, rest),
        _ if is_namespace(rest) => (rest, ""),
        _ => ("/", rest),
    };
    let json = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let id = &rest[..rest.len() - json.len()];
    let ack = if id.is_empty() { None } else { Some(parse_id(id)?) };
    match kind {
        "0" if namespace != "/" => Ok(ClientMessage::ConnectTo(namespace.into())),
        "0" if rest.is_empty() => Ok(ClientMessage::Connect(Recovery::default())),
        "0" => Ok(ClientMessage::Connect(parse(rest)?)),
        _ if namespace != "/" => Err(BadPacket::Malformed),
        "1" if rest.is_empty() => Ok(ClientMessage::Disconnect),
        "2" => event(json, ack),
        "3" => parse::<Vec<serde_json::Value>>(json).map(|_| ClientMessage::Other),
        _ => Err(BadPacket::Malformed),
    }
}

fn is_namespace(text: &str) -> bool {
    text.starts_with('/')
}

fn event(json: &str, ack: Option<u64>) -> Result<ClientMessage, BadPacket> {
    match serde_json::from_str::<(String, String)>(json) {
        Ok((name, text)) if name == "say" => Ok(ClientMessage::Say { text, ack }),
        _ => match parse::<Vec<serde_json::Value>>(json)?.first() {
            Some(name) if name.is_string() || name.is_number() => {
                Ok(ClientMessage::Other)
            }
            _ => Err(BadPacket::Malformed),
        },
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, BadPacket> {
    serde_json::from_str(json).map_err(|_| BadPacket::Malformed)
}

fn parse_id(digits: &str) -> Result<u64, BadPacket> {
    digits.parse().map_err(|_| BadPacket::Malformed)
}

/// The first packet of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Open<'a> {
    pub(crate) sid: &'a str,
    /// The transports to try next.
    pub(crate) upgrades: &'a [&'a str],
    #[serde(serialize_with = "milliseconds")]
    pub(crate) ping_interval: Duration,
    #[serde(serialize_with = "milliseconds")]
    pub(crate) ping_timeout: Duration,
    /// How many bytes of packets one request or frame may have.
    pub(crate) max_payload: usize,
}

fn milliseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_millis().try_into().unwrap_or(u64::MAX))
}

/// What a client is told once it is connected. The `pid` that it has sent: nothing that
/// it has missed is lost.
#[derive(Debug, Serialize)]
pub(crate) struct Connected<'a> {
    pub(crate) sid: &'a str,
    pub(crate) pid: &'a str,
}

/// Why a client is not connected.
#[derive(Debug, Serialize)]
struct ConnectError<'a> {
    message: &'a str,
}

pub(crate) fn open(open: &Open<'_>) -> String {
    format!("0{}", json(open))
}

pub(crate) fn connected(connected: &Connected<'_>) -> String {
    format!("40{}", json(connected))
}

pub(crate) fn invalid_namespace(namespace: &str) -> String {
    format!("44{namespace},{}", json(&ConnectError { message: "Invalid namespace" }))
}

pub(crate) fn ack(id: u64, text: &str) -> String {
    format!("43{id}{}", json(&[text]))
}

/// The samples as events. Each has the client's next cursor as its last argument, which
/// is where Socket.IO puts the offset of a message.
pub(crate) fn events(batch: &Batch) -> Vec<String> {
    let gap = batch
        .gap
        .iter()
        .map(|gap| format!(r#"42["gap",{},"{}"]"#, gap.json(), gap.id));
    let samples = batch
        .samples
        .iter()
        .map(|sample| format!(r#"42["sample",{},"{}"]"#, sample.json, sample.id));
    gap.chain(samples).collect()
}

/// These types have nothing that JSON can't say.
fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}
