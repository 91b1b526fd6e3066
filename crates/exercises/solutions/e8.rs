//! Exercise 8: a ping every `heartbeat`, and a count of those unanswered. Any pong resets
//! the count: the client is there.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Payload},
};
use actix_ws::{CloseCode, Closed, Message, MessageStream, Session};
use feed::{Feed, Follower};
use stage::Routes;
use tokio::{select, time};

pub(crate) fn routes(feed: Feed, heartbeat: Duration) -> impl Routes {
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
    heartbeat: Duration,
) -> Result<CloseCode, Closed> {
    let mut heartbeat =
        time::interval_at(time::Instant::now() + heartbeat, heartbeat);
    // After a delay, missed ticks are not made up for by several pings at once.
    heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut unanswered = 0;
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
                Some(Ok(Message::Pong(_))) => unanswered = 0,
                Some(Ok(Message::Close(_))) => return Ok(CloseCode::Normal),
                Some(Ok(_)) => {}
                Some(Err(_)) => return Ok(CloseCode::Protocol),
                None => return Err(Closed),
            },
            _ = heartbeat.tick() => {
                if unanswered == 2 {
                    return Ok(CloseCode::Policy);
                }
                unanswered += 1;
                session.ping(b"").await?;
            }
        }
    }
}
