//! The quiz' pages, the WebSocket on which they vote, and the results as events.

use std::{convert::Infallible, pin::pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    http::header,
    rt::spawn,
    web::{self, Bytes, Data, Payload, ServiceConfig},
};
use actix_ws::{AggregatedMessageStream as Messages, Session};
use async_stream::stream;
use feed::Feed;
use serde::{Deserialize, Serialize};
use stage::{End, get};
use tokio::{
    select,
    time::{Instant, MissedTickBehavior, interval_at},
};

use crate::{
    incoming,
    live::View,
    quiz::{Quiz, Vote},
    site::page,
};

/// The longest message that a page sends, in bytes: a vote has less than 150.
const MESSAGE_BYTES_LIMIT: usize = 1 << 10;

/// The time between two events `alive`: a page takes a longer silence for a dead
/// connection.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Adds the quiz. `/quiz/questions` includes the right answers, for learning alone;
/// while the room takes the quiz, only those of revealed questions.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(get("/quiz", page("quiz/index.html")))
        .service(get("/quiz/live", page("quiz/live.html")))
        .service(get("/quiz/wall", page("quiz/wall.html")))
        .service(get("/quiz/questions", questions))
        .service(web::resource("/quiz/vote").get(vote))
        .service(web::resource("/quiz/results").get(results))
        .service(get("/presenter/quiz", page("quiz/presenter.html")))
        .service(get("/presenter/quiz/wall", page("quiz/wall.html")))
        .service(get("/presenter/quiz/questions", all_questions))
        .service(get("/presenter/quiz.csv", csv));
}

async fn questions(quiz: Data<Quiz>, view: Data<View>) -> HttpResponse {
    HttpResponse::Ok().json(quiz.listed(view.room.is_at_quiz()))
}

async fn all_questions(quiz: Data<Quiz>) -> HttpResponse {
    HttpResponse::Ok().json(quiz.listed_for_presenter())
}

async fn csv(quiz: Data<Quiz>) -> Result<HttpResponse> {
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
        .body(quiz.csv()))
}

/// The newest results, and then each newer one. A page that has the newest already is told
/// nothing until there is a newer one.
async fn results(
    request: HttpRequest,
    quiz: Data<Quiz>,
    feed: Data<Feed>,
) -> HttpResponse {
    let mut newest = quiz.subscribe();
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
        let first = Instant::now() + KEEPALIVE_INTERVAL;
        let mut keepalive = interval_at(first, KEEPALIVE_INTERVAL);
        keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = select! {
                // The sender is the quiz's, and lives as long as we do.
                _ = newest.changed() => newest.borrow_and_update().text.clone(),
                _ = keepalive.tick() => Bytes::from_static(b"event: alive\ndata\n\n"),
                () = feed.closed() => break,
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

/// What a page sends.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClientMessage {
    Vote(Vote),
}

/// What it is sent.
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

/// Upgrades the connection to the WebSocket on which a page votes.
async fn vote(
    request: HttpRequest,
    body: Payload,
    quiz: Data<Quiz>,
    feed: Data<Feed>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, MESSAGE_BYTES_LIMIT)?;
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.aggregate_continuations();
    spawn(async move {
        let Err(End(reason)) = count(&quiz, &feed, &mut session, messages).await;
        let _ = session.close(reason).await; // It fails when the page has gone.
    });
    Ok(response)
}

/// Counts the votes of a page, until it disconnects or the workshop ends.
async fn count(
    quiz: &Quiz,
    feed: &Feed,
    session: &mut Session,
    mut messages: Messages,
) -> Result<Infallible, End> {
    let mut closed = pin!(feed.closed());
    loop {
        let message = select! {
            message = messages.recv() => message,
            () = &mut closed => {
                return Err(End::because(1001, "the workshop ends"));
            }
        };
        if let Some(text) = incoming::text(message, session).await? {
            // Two short fields: that can't fail.
            let answer = serde_json::to_string(&answer(quiz, text.as_ref()));
            session.text(answer.unwrap_or_default()).await?;
        }
    }
}

fn answer(quiz: &Quiz, text: &str) -> ServerMessage {
    let vote = match serde_json::from_str(text) {
        Ok(ClientMessage::Vote(vote)) => vote,
        Err(error) => {
            return ServerMessage::Error(format!("not understood: {error}"));
        }
    };
    match quiz.vote(&vote) {
        Ok(answer) => ServerMessage::Counted { question: vote.question, answer },
        Err(error) => ServerMessage::Error(error.to_string()),
    }
}
