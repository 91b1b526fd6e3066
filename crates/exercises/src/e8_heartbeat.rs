//! # Exercise 8: notice a client that is gone
//!
//! A laptop behind a proxy falls asleep without closing its connection. The proxy answers
//! the kernel's own probes (TCP keep-alive), so the WebSocket stays open for ever, and
//! with it all that the server keeps for it.
//!
//! **Task**: send a ping every `heartbeat`. When two pings in a row are unanswered, close
//! with code 1008.
//!
//! **Hint**: a third branch of the `select!`: `_ = heartbeat.tick()`, of a
//! [`tokio::time::interval`]. The answer to a ping is a `Message::Pong`.
//!
//! **Check**: `cargo test -p exercises e8 -- --ignored`

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Payload},
};
use actix_ws::{CloseCode, Closed, Message, MessageStream, Session};
use feed::{Feed, Follower};
use stage::Routes;
use tokio::select;

/// Adds `GET /chat`.
pub fn routes(feed: Feed, heartbeat: Duration) -> impl Routes {
    let feed = Data::new(feed);
    let heartbeat = Data::new(heartbeat);
    move |app| {
        app.app_data(feed.clone()).app_data(heartbeat.clone());
        app.route("/chat", web::get().to(chat));
    }
}

async fn chat(
    request: HttpRequest,
    body: Payload,
    feed: Data<Feed>,
    heartbeat: Data<Duration>,
) -> Result<HttpResponse> {
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let follower = feed.follow(None);
    spawn(async move {
        if let Ok(code) = talk(&mut session, messages, follower, **heartbeat).await {
            // A client that has left can't be told.
            let _ = session.close(Some(code.into())).await;
        }
    });
    Ok(response)
}

/// Sends and answers until the connection ends. Returns the code to close it with, if it
/// is still open.
async fn talk(
    session: &mut Session,
    mut messages: MessageStream,
    mut follower: Follower,
    _heartbeat: Duration,
) -> Result<CloseCode, Closed> {
    loop {
        select! {
            batch = follower.next() => {
                let Some(batch) = batch else { return Ok(CloseCode::Away) };
                for sample in &batch.samples {
                    session.text(sample.json.clone()).await?;
                }
            }
            message = messages.recv() => match message {
                Some(Ok(Message::Ping(payload))) => session.pong(&payload).await?,
                Some(Ok(Message::Close(_))) => return Ok(CloseCode::Normal),
                Some(Ok(_)) => {}
                Some(Err(_)) => return Ok(CloseCode::Protocol),
                None => return Err(Closed),
            },
        }
    }
}
