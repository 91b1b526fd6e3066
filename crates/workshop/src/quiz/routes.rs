use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    http::header,
    rt::spawn,
    web::{self, Bytes, Data, Payload, ServiceConfig},
};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, CloseCode,
    CloseReason, Closed, Session,
};
use async_stream::stream;
use serde::{Deserialize, Serialize};
use stage::get;
use tokio::{
    select,
    time::{MissedTickBehavior, interval},
};

use super::Vote;
use crate::{hub::Hub, pages::page};

/// The longest message that a page sends, in bytes: a vote has less than 150.
const MESSAGE: usize = 1 << 10;

/// How often results come, even if they are what they were: a page takes silence for a
/// dead connection.
const ALIVE: Duration = Duration::from_secs(10);

/// Adds the quiz. `/quiz/questions` says what is right while the room is not asked, to
/// learn alone; while it is asked, only of what was revealed.
pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(get("/quiz", page("quiz.html")))
        .service(get("/quiz/live", page("quiz-live.html")))
        .service(get("/quiz/wall", page("quiz-wall.html")))
        .service(get("/quiz/questions", questions))
        .service(web::resource("/quiz/vote").get(vote))
        .service(web::resource("/quiz/results").get(results))
        .service(get("/presenter/quiz", page("quiz-presenter.html")))
        .service(get("/presenter/quiz/wall", page("quiz-wall.html")))
        .service(get("/presenter/quiz/questions", all_questions))
        .service(get("/presenter/quiz.csv", csv));
}

async fn questions(hub: Data<Hub>) -> HttpResponse {
    HttpResponse::Ok().json(hub.quiz.listed(false))
}

async fn all_questions(hub: Data<Hub>) -> HttpResponse {
    HttpResponse::Ok().json(hub.quiz.listed(true))
}

async fn csv(hub: Data<Hub>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present",
        ))
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=quiz.csv",
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(hub.quiz.csv()))
}

/// The newest results, and then each newer one. A page that has the newest already is told
/// nothing until there is a newer one.
async fn results(request: HttpRequest, hub: Data<Hub>) -> HttpResponse {
    let mut newest = hub.quiz.newest.subscribe();
    let last = request.headers().get("Last-Event-ID").cloned();
    let known = last.is_some_and(|last| last == newest.borrow().id.as_str());
    let events = stream! {
        // Not everybody comes back in the same instant.
        let retry = rand::random_range(1000..2000);
        yield Ok::<Bytes, Infallible>(format!("retry: {retry}\n\n").into());
        if !known {
            let event = newest.borrow_and_update().text.clone();
            yield Ok(event);
        }
        let mut alive = interval(ALIVE);
        alive.reset();
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = select! {
                // The sender is the quiz's, and lives as long as we do.
                _ = newest.changed() => newest.borrow_and_update().text.clone(),
                _ = alive.tick() => Bytes::from_static(b"event: alive\ndata\n\n"),
                () = hub.feed.closed() => break,
            };
            yield Ok(event);
        }
    };
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events)
}

/// What a page says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClientMessage {
    Vote(Vote),
}

/// What it is told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ServerMessage {
    /// This answer counts.
    Counted {
        question: String,
        answer: usize,
    },
    Error(String),
}

/// Becomes the WebSocket on which a page votes.
async fn vote(
    request: HttpRequest,
    body: Payload,
    hub: Data<Hub>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, MESSAGE)?;
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.aggregate_continuations();
    spawn(async move {
        let reason = count(&hub, &mut session, messages).await.unwrap_or(None);
        let _ = session.close(reason).await; // It fails when the page has gone.
    });
    Ok(response)
}

/// Counts what a page says until it ends: with a reason to close it, or because it is
/// closed.
async fn count(
    hub: &Hub,
    session: &mut Session,
    mut messages: Messages,
) -> Result<Option<CloseReason>, Closed> {
    let mut closed = std::pin::pin!(hub.feed.closed());
    loop {
        let message = select! {
            message = messages.recv() => message,
            () = &mut closed => {
                let why = (CloseCode::Away, "the workshop ends");
                return Ok(Some(why.into()));
            }
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                // Two short fields: that can't fail.
                let answer = serde_json::to_string(&answer(hub, &text));
                session.text(answer.unwrap_or_default()).await?;
            }
            Some(Ok(Message::Binary(_))) => {
                return Ok(Some((CloseCode::Unsupported, "text only").into()));
            }
            Some(Ok(Message::Ping(payload))) => session.pong(&payload).await?,
            Some(Ok(Message::Pong(_))) => {}
            Some(Ok(Message::Close(reason))) => return Ok(reason),
            Some(Err(error)) => return Ok(stage::End::from(error).0),
            None => return Err(Closed),
        }
    }
}

fn answer(hub: &Hub, text: &str) -> ServerMessage {
    let vote = match serde_json::from_str(text) {
        Ok(ClientMessage::Vote(vote)) => vote,
        Err(error) => {
            return ServerMessage::Error(format!("not understood: {error}"));
        }
    };
    match hub.quiz.vote(&vote) {
        Ok(answer) => ServerMessage::Counted { question: vote.question, answer },
        Err(error) => ServerMessage::Error(error),
    }
}
