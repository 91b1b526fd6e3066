//! What a client sends: WebSocket messages, whose bytes are one stream of packets. A
//! packet may begin in one message and end in the next (MQTT 3.1.1 §6).

use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    MessageStream, Session as Socket,
};
use stage::End;

use crate::packets::{BadPacket, ClientPacket, ConnectCode, Decoder};

/// The packets of one client, and the answers to its WebSocket pings.
pub(crate) struct Incoming {
    messages: Messages,
    socket: Socket,
    decoder: Decoder,
}

impl Incoming {
    pub(crate) fn new(messages: MessageStream, socket: &Socket) -> Self {
        let (messages, socket) =
            (messages.aggregate_continuations(), socket.clone());
        Self { messages, socket, decoder: Decoder::default() }
    }

    /// Waits for the next packet. Cancel safe: what has come of it is kept.
    ///
    /// # Errors
    /// When the connection has ended, or is to end because of what came.
    pub(crate) async fn next(&mut self) -> Result<ClientPacket, End> {
        loop {
            if let Some(packet) = self.decoder.next()? {
                return Ok(packet);
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

/// A Close frame has room for why the packet is not taken: 123 bytes.
impl From<BadPacket> for End {
    fn from(bad: BadPacket) -> Self {
        let code = if matches!(bad, BadPacket::TooLarge(_)) { 1009 } else { 1002 };
        Self::because(code, &bad.to_string())
    }
}

/// Told in the CONNACK before, too.
impl From<ConnectCode> for End {
    fn from(code: ConnectCode) -> Self {
        Self::because(1008, &code.to_string())
    }
}
