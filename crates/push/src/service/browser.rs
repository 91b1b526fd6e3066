//! One browser, over its WebSocket: subscribes, is sent what is in its boxes, acknowledges it.

use std::{convert::Infallible, pin::pin};

use actix_web::web::Data;
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    MessageStream, Session,
};
use stage::{End, draw_id};
use tokio::select;

use super::{
    mailboxes::ID_LENGTH,
    messages::{BrowserMessage, PING, ServiceMessage},
    shared::PushService,
};

/// A browser that is connected.
pub(crate) struct Browser {
    service: Data<PushService>,
    socket: Session,
    /// Drawn for this connection: the browser may have another one, newer or half dead.
    connection: u64,
    /// Its id, once it has said hello.
    uaid: Option<String>,
}

impl Browser {
    pub(crate) fn new(service: Data<PushService>, socket: Session) -> Self {
        Self { service, socket, connection: rand::random(), uaid: None }
    }

    /// Talks with it to the end, and says why that is the end.
    pub(crate) async fn serve(mut self, messages: MessageStream) {
        let Err(End(reason)) = self.talk(messages.aggregate_continuations()).await;
        self.service.mailboxes().disconnect(self.connection);
        // It fails when the browser is gone already.
        let _ = self.socket.close(reason).await;
    }

    /// Passes on what is in its boxes, and takes what it says: returns why it ended.
    async fn talk(&mut self, mut messages: Messages) -> Result<Infallible, End> {
        let service = self.service.clone();
        loop {
            // Subscribe, then look: a message that comes in between wakes us.
            let mut news = pin!(service.news.notified());
            news.as_mut().enable();
            if let Some(uaid) = &self.uaid {
                let taken = service.mailboxes().take(uaid, self.connection);
                let taken = taken.ok_or_else(|| {
                    End::because(1008, "a newer connection is open")
                })?;
                for message in &taken {
                    self.say(&ServiceMessage::Notification(message)).await?;
                }
            }
            select! {
                message = messages.recv() => {
                    match message.ok_or(Closed)?? {
                        Message::Text(text) => self.take(&text).await?,
                        Message::Close(reason) => return Err(End(reason)),
                        Message::Ping(payload) => self.socket.pong(&payload).await?,
                        _ => {}
                    }
                }
                () = news => {}
                () = service.feed.closed() => {
                    return Err(End::because(1001, "shutdown"));
                }
            }
        }
    }

    async fn take(&mut self, text: &str) -> Result<(), End> {
        if text == PING {
            return Ok(self.socket.text(PING).await?);
        }
        let message = serde_json::from_str(text);
        let message = message.map_err(|e| End::because(1007, &e.to_string()))?;
        match (message, self.uaid.clone()) {
            (BrowserMessage::Hello { uaid }, _) => self.greet(uaid).await,
            (_, None) => Err(End::because(1008, "expected hello first")),
            (BrowserMessage::Register { channel, key }, Some(uaid)) => {
                // Firefox writes it with the padding that a token's `k` has not.
                let key = key.map(|key| key.trim_end_matches('=').to_owned());
                let name = self.service.mailboxes().open(
                    &uaid,
                    self.connection,
                    channel.clone(),
                    key,
                );
                self.register(&channel, name).await
            }
            (BrowserMessage::Unregister { channel }, Some(uaid)) => {
                self.service.mailboxes().close(&uaid, &channel);
                let channel = &*channel;
                self.say(&ServiceMessage::Unregister { channel, status: 200 }).await
            }
            (BrowserMessage::Ack { updates }, Some(uaid)) => {
                let mut mailboxes = self.service.mailboxes();
                updates
                    .iter()
                    .for_each(|u| mailboxes.acknowledge(&uaid, &u.version));
                Ok(())
            }
            (BrowserMessage::Other, _) => Ok(()),
        }
    }

    /// Gives it an id, unless it has one that is known. Another one than before tells it
    /// that its subscriptions are gone.
    async fn greet(&mut self, known: Option<String>) -> Result<(), End> {
        let known = known
            .filter(|uaid| self.service.mailboxes().connect(uaid, self.connection));
        // An older connection of this browser ends now.
        self.service.news.notify_waiters();
        let uaid = known.unwrap_or_else(|| draw_id(ID_LENGTH));
        self.uaid = Some(uaid.clone());
        let uaid = &*uaid;
        self.say(&ServiceMessage::Hello { uaid, status: 200, use_webpush: true })
            .await
    }

    async fn register(
        &mut self,
        channel: &str,
        name: Option<String>,
    ) -> Result<(), End> {
        let status = if name.is_some() { 200 } else { 503 };
        let name = name.unwrap_or_default();
        let endpoint = &*format!("{}/endpoint/{name}", &*self.service.origin);
        self.say(&ServiceMessage::Register { channel, status, endpoint }).await
    }

    async fn say(&mut self, message: &ServiceMessage<'_>) -> Result<(), End> {
        Ok(self.socket.text(message.json()).await?)
    }
}
