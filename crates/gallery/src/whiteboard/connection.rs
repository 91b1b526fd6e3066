//! A connection of the whiteboard, with what every WebSocket has to do: the crate `websocket`
//! explains it. A page that sends too fast is slowed down, not cut off.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, Result, web::Payload};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    ProtocolError, Session,
};
use bytestring::ByteString;
use feed::Batch;
use stage::End;
use tokio::{
    select,
    time::{self, Instant, Interval, MissedTickBehavior},
};

use super::{board::FRAME_INTERVAL, messages::ServerMessage};
use crate::events::json;

/// How many bytes a message may have, and how many messages of a page are taken in one frame
/// of the board. More wait in TCP.
const MESSAGE_BYTES: usize = 1 << 10;
const MESSAGES_PER_FRAME: u32 = 8;

pub(super) struct Connection {
    session: Session,
    messages: Messages,
    heartbeat: Interval,
    unanswered_pings: u8,
    /// How many messages are taken until the next `refill`.
    quota: u32,
    refill: Interval,
}

/// What a connection has to answer next.
pub(super) enum Event {
    Message(Option<Result<Message, ProtocolError>>),
    HeartbeatDue,
}

impl Connection {
    /// Upgrades a request of an own page.
    ///
    /// # Errors
    /// When it is of another page, or no handshake.
    pub(super) fn accept(
        request: &HttpRequest,
        body: Payload,
        heartbeat: Duration,
    ) -> Result<(HttpResponse, Self)> {
        stage::same_origin(request)?;
        stage::strict_handshake(request)?;
        let body = stage::limit_frames(request, body, MESSAGE_BYTES)?;
        let (response, session, messages) = actix_ws::handle(request, body)?;
        let connection = Self {
            session,
            messages: messages.aggregate_continuations(),
            heartbeat: interval(Instant::now() + heartbeat, heartbeat),
            unanswered_pings: 0,
            quota: MESSAGES_PER_FRAME,
            refill: interval(Instant::now(), FRAME_INTERVAL),
        };
        Ok((response, connection))
    }

    /// Waits for what is to be answered. Cancel safe: intervals keep their time meanwhile.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            select! {
                message = self.messages.recv(), if self.quota > 0 => {
                    return Event::Message(message);
                }
                _ = self.refill.tick(), if self.quota < MESSAGES_PER_FRAME => {
                    self.quota = MESSAGES_PER_FRAME;
                }
                _ = self.heartbeat.tick() => return Event::HeartbeatDue,
            }
        }
    }

    /// Answers an event by itself, unless it is a text: that is returned.
    ///
    /// # Errors
    /// When the connection has ended, or has to.
    pub(super) async fn answer(
        &mut self,
        event: Event,
    ) -> Result<Option<ByteString>, End> {
        match event {
            Event::HeartbeatDue => self.ping().await?,
            Event::Message(message) => match message.ok_or(Closed)?? {
                Message::Text(text) => {
                    self.quota -= 1;
                    return Ok(Some(text));
                }
                Message::Binary(_) => return Err(End::because(1003, "text only")),
                Message::Ping(payload) => self.session.pong(&payload).await?,
                Message::Pong(_) => self.unanswered_pings = 0,
                Message::Close(reason) => return Err(End(reason)),
            },
        }
        Ok(None)
    }

    /// Pings the page, unless it has left two pings unanswered. Its browser answers without
    /// telling it, so the page gets a message, too.
    async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered_pings == 2 {
            return Err(End::because(1008, "two pings unanswered"));
        }
        self.unanswered_pings += 1;
        self.session.ping(b"").await?;
        Ok(self.send(ServerMessage::Heartbeat(true)).await?)
    }

    pub(super) async fn send(
        &mut self,
        message: ServerMessage,
    ) -> Result<(), Closed> {
        self.session.text(json(&message)).await
    }

    /// Sends what is new on the board; each entry was made to text once, for all pages. `gap`:
    /// the page has missed what is no longer kept, or the board of another run, and begins
    /// anew.
    ///
    /// # Errors
    /// When there is nothing, since the log is closed.
    pub(super) async fn send_batch(
        &mut self,
        batch: Option<Arc<Batch>>,
    ) -> Result<(), End> {
        let shutdown = || End::because(1001, "the server is shutting down");
        let batch = batch.ok_or_else(shutdown)?;
        if let Some(gap) = &batch.gap {
            self.session.text(format!(r#"{{"gap":{}}}"#, gap.json())).await?;
        }
        for entry in &batch.samples {
            self.session.text(entry.json.clone()).await?;
        }
        Ok(())
    }

    pub(super) async fn close(self, End(reason): End) {
        let _ = self.session.close(reason).await; // It fails when the client has left.
    }
}

/// A tick that comes late delays those after it.
fn interval(start: Instant, period: Duration) -> Interval {
    let mut interval = time::interval_at(start, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
