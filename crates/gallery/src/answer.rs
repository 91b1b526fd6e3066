//! # Answer, word by word: server-sent events as the response to a POST
//!
//! How language models answer (this one is simulated). An `EventSource` can only GET, so the
//! page asks with `fetch` and splits the events by itself. A page that was reloaded goes on
//! where it was; *Cancel* ends the work, and not only the connection.
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

use std::{
    collections::VecDeque, convert::Infallible, num::NonZeroUsize, sync::Mutex,
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Result,
    error::{ErrorBadRequest, ErrorNotFound},
    http::header,
    rt::spawn,
    web::{self, Data, Json, Path, Query},
};
use async_stream::stream;
use feed::{Feed, Follower, Random};
use serde::Deserialize;
use stage::{Routes, printable};
use tokio::{
    select,
    time::{Instant, sleep},
};

use crate::{
    events::{Resume, framed, json, publish},
    gallery::{Gallery, lock},
    headers::no_store,
};

/// How long a question may be, in characters.
const QUESTION_LIMIT: usize = 200;
/// How many answers are kept; one more, and the oldest ends.
const ANSWERS_CAPACITY: usize = 100;
/// How many words of an answer are kept: all of them.
const WORDS_CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
/// The work goes on without a reader for as long as so many words take: a reload is quicker.
const ABANDONED_WORDS: u32 = 60;

/// What the simulated model knows.
const TEXT: &str = "I am simulated, and I know one thing: how this answer reaches you. \
    Your browser sent a POST, and its response has not ended yet. Each word is an event \
    with an id. If the page is reloaded now, it asks again with the id of the last word, \
    and I go on where you were. If you press Cancel, I stop working, which is what saves \
    money. If you only close the page, nobody tells me: ten seconds later I notice that \
    nobody reads, and stop, too. An EventSource could do none of this with a POST, so the \
    page splits the stream by itself, in ten lines. With polling, the words would come in \
    lumps; a WebSocket would do, and would have to be told how to resume.";

/// The answers by their ids, which only those who asked know.
#[derive(Default)]
struct Answers(Mutex<VecDeque<(String, Feed)>>);

/// `{"question":"What is SSE?"}`
#[derive(Deserialize)]
struct Question {
    question: String,
}

/// Adds `/answer/questions`.
pub(crate) fn routes(_: &Gallery) -> impl Routes + use<> {
    let answers = Data::new(Answers::default());
    move |app| {
        app.app_data(answers.clone());
        let all = web::resource("/answer/questions").wrap(no_store());
        let one = web::resource("/answer/questions/{id}").wrap(no_store());
        app.service(all.post(ask)).service(one.get(go_on).delete(cancel));
    }
}

/// Begins an answer, and follows it in the same response.
async fn ask(
    Json(Question { question }): Json<Question>,
    answers: Data<Answers>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let question = printable(&question, QUESTION_LIMIT).map_err(ErrorBadRequest)?;
    let (id, words) = answers.begin(question);
    spawn(work(words.clone(), gallery));
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/answer/questions/{id}")));
    let start = words.oldest();
    Ok(follow(response, words.follow(Some(start))))
}

/// Follows an answer from where the page was; without that, from its start.
async fn go_on(
    request: HttpRequest,
    resume: Query<Resume>,
    id: Path<String>,
    answers: Data<Answers>,
) -> Result<HttpResponse> {
    let words = answers.find(&id)?;
    let cursor = resume.cursor(&request)?.unwrap_or_else(|| words.oldest());
    Ok(follow(HttpResponse::Ok(), words.follow(Some(cursor))))
}

/// Ends the work on an answer.
async fn cancel(id: Path<String>, answers: Data<Answers>) -> Result<HttpResponse> {
    end(&answers.find(&id)?, "cancelled");
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

/// Publishes word after word, until somebody ends that or nobody reads any more.
async fn work(words: Feed, gallery: Data<Gallery>) {
    let (mean, mut random) = (gallery.flags.words, Random::new(None));
    let mut read = Instant::now(); // when somebody was there to read, last
    for word in TEXT.split_ascii_whitespace() {
        select! {
            () = sleep(random.pause(mean)) => {}
            () = gallery.closed() => return words.close(),
            () = words.closed() => return,
        }
        if words.followers() > 0 {
            read = Instant::now();
        } else if read.elapsed() > mean * ABANDONED_WORDS {
            return end(&words, "abandoned");
        }
        publish(&words, "word", &word);
    }
    end(&words, "complete");
}

/// Says why an answer ends, once.
fn end(words: &Feed, reason: &str) {
    if !words.is_closed() {
        publish(words, "end", &reason);
        words.close();
    }
}

impl Answers {
    fn begin(&self, question: &str) -> (String, Feed) {
        let id = format!("{:032x}", rand::random::<u128>());
        let words =
            Feed::new(WORDS_CAPACITY, &format!("question {}", json(&question)));
        let mut answers = lock(&self.0);
        answers.push_back((id.clone(), words.clone()));
        if answers.len() > ANSWERS_CAPACITY
            && let Some((_, oldest)) = answers.pop_front()
        {
            end(&oldest, "cancelled");
        }
        (id, words)
    }

    fn find(&self, id: &str) -> Result<Feed> {
        let answers = lock(&self.0);
        let answer = answers.iter().find(|(known, _)| known == id);
        let gone = || {
            ErrorNotFound(
                "no such answer: the server restarted, or has had many others since; ask again",
            )
        };
        answer.map(|(_, words)| words.clone()).ok_or_else(gone)
    }
}
