//! # Exercise 9: resume a WebSocket
//!
//! Nothing comes back by itself here. A page that was cut off connects again and says
//! what it has, `/chat?after=k3f9-17`, but this server begins with the newest sample.
//!
//! **Task**: send what comes after that cursor. When some of it is not there any more,
//! say so before: `{"gap":{"missed":6,"restarted":false,"id":"k3f9-23"}}`.
//!
//! **Hint**: [`Feed::follow`] takes a cursor, and a batch has a gap, which has its
//! JSON.
//!
//! **Check**: `cargo test -p exercises e9 -- --ignored`

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use actix_ws::{CloseCode, Closed, Message, MessageStream, Session};
use feed::{Feed, Follower};
use stage::Routes;
use tokio::select;

use crate::Resume;

/// Adds `GET /chat`.
pub fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/chat", web::get().to(chat));
    }
}

async fn chat(
    request: HttpRequest,
    body: Payload,
    _resume: Query<Resume>,
    feed: Data<Feed>,
) -> Result<HttpResponse> {
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let follower = feed.follow(None);
    spawn(async move {
        if let Ok(code) = talk(&mut session, messages, follower).await {
            // A client that has left can't be told.
            let _ = session.close(Some(code.into())).await;
        }
    });
    Ok(response)
}

/// All that happens on a connection, until it ends: why it is closed, if it is not yet.
async fn talk(
    session: &mut Session,
    mut messages: MessageStream,
    mut follower: Follower,
) -> Result<CloseCode, Closed> {
    loop {
        select! {
            batch = follower.next() => {
                let Some(batch) = batch else { return Ok(CloseCode::Away) };
                for sample in batch.samples {
                    session.text(sample.json).await?;
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
