//! The packets of MQTT 3.1.1, as far as this server speaks them: what a client sends
//! is decoded, what it is sent encoded.
//!
//! ```text
//! 82     0c       00 01   00 07 samples  00
//! │      │        │       │              └ the QoS that it asks for
//! │      │        │       └ a string: its length in two bytes, then UTF-8
//! │      │        └ packet id, which the SUBACK repeats
//! │      └ remaining length: seven bits a byte, the lowest first, up to four bytes
//! └ type 8 (SUBSCRIBE) and four flags, of which each type fixes its own
//! ```

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::topics::{self, BadTopic, Filter, Message};

/// Bytes of a packet, behind its type and its length. More than a message needs, and
/// few enough for hundreds of clients that each begin one.
pub(crate) const PACKET_BYTES: usize = 16 << 10;
/// Topic filters of a packet: more than a client may have, and few enough to look at
/// all of them for each retained message.
const PACKET_FILTERS_LIMIT: usize = 100;
/// Characters of a client id. Brokers must take 23; `mqtt.js` and `paho` draw 16 to
/// 22.
const CLIENT_ID_LIMIT: usize = 64;

/// The longest time that a client may send nothing: its keep alive may be longer, or 0,
/// which is none. A broker may end every client that seems to be gone (§3.1.2.10).
const IDLE_TIMEOUT_LIMIT: Duration = Duration::from_secs(3600);

pub(crate) const PINGRESP: Bytes = Bytes::from_static(&[0xd0, 0]);

/// Why a packet is not taken. The connection ends (MQTT 3.1.1 §4.8), since the
/// protocol has no packet that says so.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPacket {
    /// The fourth byte of the remaining length says that there is a fifth (§2.2.3).
    #[error("the remaining length has more than four bytes")]
    Length,
    #[error("a packet of {0} bytes: at most {PACKET_BYTES} are taken")]
    TooLarge(usize),
    /// §2.2.2, and the reserved bits of CONNECT and SUBSCRIBE.
    #[error("reserved bits are set, or not set as they must be")]
    ReservedBits,
    /// A type that no client sends, or not to this server: it publishes with QoS 0.
    #[error("packet type {0} is not expected from a client of QoS 0 and 1")]
    Type(u8),
    #[error("the packet ends before its last field, or goes on behind it")]
    Fields,
    /// §1.5.3
    #[error("a string that is not UTF-8, or has U+0000")]
    Text,
    #[error("QoS {0} is not taken: publish with 0 or 1")]
    Qos(u8),
    /// §2.3.1
    #[error("a packet id of 0")]
    PacketId,
    /// §3.1.2.1
    #[error("protocol name {0:?}, expected \"MQTT\"")]
    ProtocolName(String),
    #[error("the flags of CONNECT contradict each other")]
    ConnectFlags,
    /// §3.8.3, §3.10.3
    #[error("no topic filter in SUBSCRIBE or UNSUBSCRIBE")]
    NoFilter,
    #[error("a packet has at most {PACKET_FILTERS_LIMIT} topic filters")]
    TooManyFilters,
    #[error(transparent)]
    Topic(#[from] BadTopic),
}

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ClientPacket {
    Connect(Connect),
    /// With the id that a PUBACK is to repeat, if it has QoS 1.
    Publish(Message, Option<u16>),
    Subscribe(u16, Vec<Filter>),
    Unsubscribe(u16, Vec<Filter>),
    Ping,
    Disconnect,
}

/// CONNECT (§3.1). A user name and a password are read, and not asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Connect {
    /// What is wrong with it, to be told in the CONNACK.
    pub(crate) refused: Option<ConnectCode>,
    pub(crate) client_id: String,
    /// Whether the session ends with the connection.
    pub(crate) is_clean: bool,
    /// Seconds; 0 for none.
    pub(crate) keep_alive: u16,
    pub(crate) will: Option<Message>,
}

/// The return code of a CONNACK (§3.2.2.3) that says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectCode {
    #[error("this is a broker of MQTT 3.1.1, protocol level 4")]
    UnacceptableVersion = 1,
    #[error(
        "expected a client id of at most {CLIENT_ID_LIMIT} characters, or none and \
         a clean session"
    )]
    IdentifierRejected = 2,
    #[error("too many clients: try again later")]
    ServerUnavailable = 3,
}

/// Takes the bytes of WebSocket messages, which may hold several packets, or a part
/// of one (§6), and gives them packet by packet.
#[derive(Debug, Default)]
pub(crate) struct Decoder(BytesMut);

impl Decoder {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next packet, once it is complete.
    ///
    /// # Errors
    /// When it is none that a client may send. Nothing behind it can be decoded.
    pub(crate) fn next(&mut self) -> Result<Option<ClientPacket>, BadPacket> {
        let Some((header, length)) = remaining_length(&self.0)? else {
            return Ok(None);
        };
        if length > PACKET_BYTES {
            return Err(BadPacket::TooLarge(length));
        }
        if self.0.len() < header + length {
            return Ok(None);
        }
        let mut packet = self.0.split_to(header + length).freeze();
        let first = packet[0];
        packet.advance(header);
        decode(first, packet).map(Some)
    }
}

/// How many bytes the fixed header has, and how many follow it; nothing, if it is
/// not complete.
fn remaining_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, BadPacket> {
    let mut length = 0;
    for (index, byte) in bytes.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((index + 2, length)));
        }
    }
    if bytes.len() > 4 { Err(BadPacket::Length) } else { Ok(None) }
}

fn decode(first: u8, packet: Bytes) -> Result<ClientPacket, BadPacket> {
    let (kind, flags) = (first >> 4, first & 0x0f);
    let expected = match kind {
        3 => flags,
        8 | 10 => 0b0010,
        1 | 12 | 14 => 0,
        _ => return Err(BadPacket::Type(kind)),
    };
    if flags != expected {
        return Err(BadPacket::ReservedBits);
    }
    let mut fields = Fields(packet);
    let packet = match kind {
        1 => ClientPacket::Connect(connect(&mut fields)?),
        3 => publish_of(flags, &mut fields)?,
        8 => ClientPacket::Subscribe(
            fields.packet_id()?,
            fields.filters(|fields| match fields.byte()? {
                0..=2 => Ok(()),
                _ => Err(BadPacket::ReservedBits),
            })?,
        ),
        10 => ClientPacket::Unsubscribe(
            fields.packet_id()?,
            fields.filters(|_| Ok(()))?,
        ),
        12 => ClientPacket::Ping,
        _ => ClientPacket::Disconnect,
    };
    if fields.0.is_empty() { Ok(packet) } else { Err(BadPacket::Fields) }
}

fn connect(fields: &mut Fields) -> Result<Connect, BadPacket> {
    let (name, level) = (fields.string()?, fields.byte()?);
    match (name.as_str(), level) {
        ("MQTT", 4) => {}
        // MQTT 3.1 and 5.0: they understand the answer.
        ("MQIsdp", 3) | ("MQTT", _) => {
            fields.0.clear();
            return Ok(Connect::refused(ConnectCode::UnacceptableVersion));
        }
        _ => return Err(BadPacket::ProtocolName(name)),
    }
    let flags = fields.byte()?;
    let has = |bit: u8| flags & bit != 0;
    let (will_qos, has_user, has_password) = (flags >> 3 & 3, has(0x80), has(0x40));
    if has(0x01) {
        return Err(BadPacket::ReservedBits);
    }
    if !has_user && has_password || !has(0x04) && (will_qos != 0 || has(0x20)) {
        return Err(BadPacket::ConnectFlags);
    }
    let keep_alive = fields.number()?;
    let client_id = fields.string()?;
    let will = match has(0x04) {
        true => Some(Message {
            topic: fields.topic()?,
            payload: fields.field()?,
            is_retained: has(0x20),
        }),
        false => None,
    };
    if will_qos > 2 {
        return Err(BadPacket::Qos(will_qos));
    }
    if has_user {
        fields.string()?;
    }
    if has_password {
        fields.field()?;
    }
    let is_clean = has(0x02);
    let is_id = !client_id.is_empty() || is_clean;
    let refused = (!is_id || client_id.chars().count() > CLIENT_ID_LIMIT)
        .then_some(ConnectCode::IdentifierRejected);
    Ok(Connect { refused, client_id, is_clean, keep_alive, will })
}

impl Connect {
    /// How long the client may send nothing: one and a half times its keep alive
    /// (§3.1.2.10).
    pub(crate) fn idle_timeout(&self) -> Duration {
        match Duration::from_millis(1500 * u64::from(self.keep_alive)) {
            Duration::ZERO => IDLE_TIMEOUT_LIMIT,
            timeout => timeout.min(IDLE_TIMEOUT_LIMIT),
        }
    }

    fn refused(code: ConnectCode) -> Self {
        let client_id = String::new();
        let refused = Some(code);
        Self { refused, client_id, is_clean: true, keep_alive: 0, will: None }
    }
}

fn publish_of(flags: u8, fields: &mut Fields) -> Result<ClientPacket, BadPacket> {
    let (is_repeated, qos, is_retained) =
        (flags & 8 != 0, flags >> 1 & 3, flags & 1 != 0);
    if qos > 1 {
        return Err(BadPacket::Qos(qos));
    }
    if is_repeated && qos == 0 {
        return Err(BadPacket::ReservedBits);
    }
    let topic = fields.topic()?;
    let id = if qos == 1 { Some(fields.packet_id()?) } else { None };
    let payload = std::mem::take(&mut fields.0);
    Ok(ClientPacket::Publish(Message { topic, payload, is_retained }, id))
}

/// What of a packet is not read yet.
struct Fields(Bytes);

impl Fields {
    fn take(&mut self, count: usize) -> Result<Bytes, BadPacket> {
        if self.0.len() < count {
            return Err(BadPacket::Fields);
        }
        Ok(self.0.split_to(count))
    }

    fn byte(&mut self) -> Result<u8, BadPacket> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Result<u16, BadPacket> {
        Ok(self.take(2)?.get_u16())
    }

    fn packet_id(&mut self) -> Result<u16, BadPacket> {
        match self.number()? {
            0 => Err(BadPacket::PacketId),
            id => Ok(id),
        }
    }

    /// Bytes behind their length.
    fn field(&mut self) -> Result<Bytes, BadPacket> {
        let length = self.number()?;
        self.take(length.into())
    }

    fn string(&mut self) -> Result<String, BadPacket> {
        let text = String::from_utf8(self.field()?.into());
        text.ok().filter(|text| !text.contains('\0')).ok_or(BadPacket::Text)
    }

    fn topic(&mut self) -> Result<String, BadPacket> {
        let topic = self.string()?;
        topics::check_name(&topic)?;
        Ok(topic)
    }

    /// Topic filters up to the end of the packet, each with what is behind it.
    fn filters(
        &mut self,
        mut behind: impl FnMut(&mut Self) -> Result<(), BadPacket>,
    ) -> Result<Vec<Filter>, BadPacket> {
        let mut filters = Vec::new();
        while !self.0.is_empty() {
            if filters.len() == PACKET_FILTERS_LIMIT {
                return Err(BadPacket::TooManyFilters);
            }
            filters.push(self.string()?.parse()?);
            behind(self)?;
        }
        if filters.is_empty() { Err(BadPacket::NoFilter) } else { Ok(filters) }
    }
}

/// CONNACK: whether the broker had a session of this client, or why it says no.
pub(crate) fn connack(answer: Result<bool, &ConnectCode>) -> Bytes {
    let (is_present, code) = match answer {
        Ok(is_present) => (is_present.into(), 0),
        Err(code) => (0, *code as u8),
    };
    packet(0x20, vec![is_present, code])
}

/// SUBACK: for each filter its code (§3.9.3).
pub(crate) fn suback(id: u16, codes: &[u8]) -> Bytes {
    packet(0x90, id.to_be_bytes().iter().chain(codes).copied().collect())
}

pub(crate) fn unsuback(id: u16) -> Bytes {
    packet(0xb0, id.to_be_bytes().into())
}

pub(crate) fn puback(id: u16) -> Bytes {
    packet(0x40, id.to_be_bytes().into())
}

/// PUBLISH with QoS 0. `is_retained` only for a client that has just subscribed
/// (§3.3.1.3).
pub(crate) fn publish(topic: &str, payload: &[u8], is_retained: bool) -> Bytes {
    // A topic of this server has at most `topics::TOPIC_BYTES`.
    let length = u16::try_from(topic.len()).unwrap_or(u16::MAX);
    let mut fields = length.to_be_bytes().to_vec();
    fields.extend(topic.bytes());
    fields.extend(payload);
    packet(0x30 | u8::from(is_retained), fields)
}

fn packet(first: u8, fields: Vec<u8>) -> Bytes {
    let mut packet = BytesMut::with_capacity(fields.len() + 5);
    packet.put_u8(first);
    let mut length = fields.len();
    while length > 0x7f {
        packet.put_u8(length as u8 | 0x80);
        length >>= 7;
    }
    packet.put_u8(length as u8);
    packet.extend(fields);
    packet.freeze()
}

#[cfg(test)]
mod tests;
