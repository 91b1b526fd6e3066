//! What a client sends: WebSocket messages, whose bytes are one stream of packets. A
//! packet may begin in one message and end in the next (MQTT 3.1.1 §6).

use std::time::{Duration, Instant};

use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    MessageStream, Session as Socket,
};
use stage::{End, RateLimit};

use crate::packets::{BadPacket, ClientPacket, ConnectCode, Decoder};

/// How often a client may send a packet, and how many at once: its device has much to
/// say when it connects again.
const PACKET_INTERVAL: Duration = Duration::from_millis(10);
const BURST_LIMIT: u32 = 1500;

/// The packets of one client, and the answers to its WebSocket pings.
pub(crate) struct Incoming {
    messages: Messages,
    socket: Socket,
    decoder: Decoder,
    rate: RateLimit,
}

impl Incoming {
    pub(crate) fn new(messages: MessageStream, socket: &Socket) -> Self {
        let (messages, socket) =
            (messages.aggregate_continuations(), socket.clone());
        let rate = RateLimit::new(PACKET_INTERVAL, BURST_LIMIT);
        Self { messages, socket, decoder: Decoder::default(), rate }
    }

    /// Waits for the next packet. Cancel safe: what has come of it is kept.
    ///
    /// # Errors
    /// When the connection has ended, or is to end because of what came.
    pub(crate) async fn next(&mut self) -> Result<ClientPacket, End> {
        loop {
            if let Some(packet) = self.decoder.next()? {
                let is_allowed = self.rate.allows(Instant::now());
                return is_allowed.then_some(packet).ok_or_else(too_many_packets);
            }
            match self.messages.recv().await.ok_or(Closed)?? {
                Message::Binary(bytes) => self.decoder.push(&bytes),
                Message::Text(_) => {
                    return Err(End::because(1003, "expected binary messages"));
                }
                Message::Ping(payload) => self.socket.pong(&payload).await?,
                Message::Pong(_) => {}
                Message::Close(reason) => return Err(End(reason)),
            }
        }
    }
}

fn too_many_packets() -> End {
    let expected = format!("expected one every {PACKET_INTERVAL:?} on average");
    End::because(1008, &format!("too many packets: {expected}"))
}

/// A Close frame has room for why the packet is not taken: 123 bytes.
impl From<BadPacket> for End {
    fn from(bad: BadPacket) -> Self {
        let code = match bad {
            BadPacket::TooLarge(_) => 1009,
            BadPacket::TooManyFilters => 1008,
            _ => 1002,
        };
        Self::because(code, &bad.to_string())
    }
}

/// Told in the CONNACK before, too.
impl From<ConnectCode> for End {
    fn from(code: ConnectCode) -> Self {
        Self::because(1008, &code.to_string())
    }
}
