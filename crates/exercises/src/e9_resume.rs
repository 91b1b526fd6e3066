//! # Exercise 9: resume a WebSocket
//!
//! A browser does not connect a WebSocket again by itself. The page does, and sends its
//! cursor, `/chat?after=k3f9-17`, but this server begins with the newest sample.
//!
//! **Task**: send the samples after that cursor. When the log does not have all of them
//! any more, announce that first: `{"gap":{"missed":6,"restarted":false,"id":"k3f9-23"}}`.
//!
//! **Hint**: [`Feed::follow`] takes a cursor. A batch may have a `gap`, and `gap.json()`
//! is what is between the outer braces.
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

/// Sends and answers until the connection ends. Returns the code to close it with, if it
/// is still open.
async fn talk(
    session: &mut Session,
    mut messages: MessageStream,
    mut follower: Follower,
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
