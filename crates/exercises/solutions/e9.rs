//! Exercise 9: the same cursor as in all techniques. What can't be sent any more is
//! announced, so that the client knows of the gap.

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use actix_ws::{CloseCode, Closed, Message, MessageStream, Session};
use exercises::Resume;
use feed::{Feed, Follower};
use stage::Routes;
use tokio::select;

pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/chat", web::get().to(chat));
    }
}

async fn chat(
    request: HttpRequest,
    body: Payload,
    resume: Query<Resume>,
    feed: Data<Feed>,
) -> Result<HttpResponse> {
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let follower = feed.follow(resume.after);
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
                if let Some(gap) = &batch.gap {
                    let gap = format!(r#"{{"gap":{}}}"#, gap.json());
                    session.text(gap).await?;
                }
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
