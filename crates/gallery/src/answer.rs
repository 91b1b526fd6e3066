//! # Answer, word by word: server-sent events as the response to a POST
//!
//! How language models answer (this one is simulated). An `EventSource` can only
//! GET, so the page asks with `fetch` and splits the events by itself. A page that
//! was reloaded goes on where it was; *Cancel* ends the work, and not only the
//! connection.
//!
//! ```text
//! POST /answer/questions                     201 Created
//! {"question":"What is SSE?"}                Location: /answer/questions/5d1c…
//!                                            Content-Type: text/event-stream
//! GET /answer/questions/5d1c…?after=k3f9-17
//! DELETE /answer/questions/5d1c…             event: word
//!                                            id: k3f9-18
//!                                            data: "stream"
//!
//!                                            event: end
//!                                            id: k3f9-71
//!                                            data: "complete"
//! ```

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Result,
    http::header,
    rt::spawn,
    web::{self, Data, Json, Path, Query},
};
use async_stream::stream;
use feed::Follower;
use serde::Deserialize;
use stage::{Routes, printable};

use self::model::{Answers, generate};
use crate::{
    clients::device,
    events::{Resume, framed},
    gallery::Gallery,
    headers::no_store,
    limits::Limits,
};

mod model;

/// How long a question may be, in characters.
const QUESTION_LIMIT: usize = 200;

/// `{"question":"What is SSE?"}`
#[derive(Deserialize)]
struct Question {
    question: String,
}

/// Adds `/answer/questions`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let limits = Limits::new(Duration::from_secs(2), 10);
    let answers = Data::new(Answers::new(limits));
    let counted = answers.clone();
    gallery.count(move || counted.read());
    move |app| {
        app.app_data(answers.clone());
        let all = web::resource("/answer/questions").wrap(no_store());
        let one = web::resource("/answer/questions/{id}").wrap(no_store());
        app.service(all.post(ask)).service(one.get(resume).delete(cancel));
    }
}

/// Begins an answer, and follows it in the same response.
async fn ask(
    request: HttpRequest,
    Json(Question { question }): Json<Question>,
    answers: Data<Answers>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let question = printable(&question, QUESTION_LIMIT)?;
    answers.limits.check(&request)?;
    let (id, words) = answers.begin(question, device(&request))?;
    spawn(generate(words.clone(), answers, gallery));
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/answer/questions/{id}")));
    let start = words.oldest();
    Ok(follow(response, words.follow(Some(start))))
}

/// Follows an answer from where the page was; without that, from its start.
async fn resume(
    request: HttpRequest,
    query: Query<Resume>,
    id: Path<String>,
    answers: Data<Answers>,
) -> Result<HttpResponse> {
    let words = answers.find(&id)?;
    let cursor = query.cursor(&request)?.unwrap_or_else(|| words.oldest());
    Ok(follow(HttpResponse::Ok(), words.follow(Some(cursor))))
}

/// Ends the work on an answer.
async fn cancel(id: Path<String>, answers: Data<Answers>) -> Result<HttpResponse> {
    answers.end(&answers.find(&id)?, "cancelled");
    Ok(HttpResponse::NoContent().finish())
}

fn follow(mut response: HttpResponseBuilder, mut words: Follower) -> HttpResponse {
    let events = stream! {
        while let Some(batch) = words.next().await {
            yield Ok::<_, Infallible>(batch.framed(framed));
        }
    };
    response
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events)
}
