//! # Mail: a request that is held until there is a letter
//!
//! Each inbox is a log, and the page of its owner says which letter it has. So a letter that
//! comes between two polls, or while the phone sleeps, is in the next answer.
//!
//! ```text
//! ada's phone                          bob's phone
//! GET /mail/letters?inbox=ada&after=k3f9-4
//!   ■ held                             POST /mail/letters
//!   ■                                  {"key":"4f1c","from":"bob","to":"ada","text":"Hi"}
//! 200 OK                               201 Created
//! [{"id":"k3f9-5","from":"bob","text":"Hi","at":1795207096301}]
//! ```

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::{ErrorBadRequest, ErrorInsufficientStorage, ErrorNotFound},
    web::{self, Data, Json, Query},
};
use feed::{Batch, Cursor, Feed, unix_millis};
use serde::{Deserialize, Serialize};
use stage::{Routes, printable};
use tokio::{select, time::sleep};

use crate::{
    gallery::Gallery, headers::no_store, limits::Limits, presenter::Presenter,
};

/// How many inboxes there are at most, and what each of them keeps.
const INBOXES_LIMIT: usize = 200;
const INBOX_CAPACITY: NonZeroUsize = NonZeroUsize::new(50).unwrap();
const INBOX_BYTES: usize = 32 << 10;
const NAME_LIMIT: usize = 24;
const TEXT_LIMIT: usize = 280;

/// What a page waits for: letters to `inbox` after the one that it has.
#[derive(Deserialize)]
struct Poll {
    inbox: String,
    after: Option<Cursor>,
}

/// What a page sends. It draws the key: a letter that is sent again, because its answer was
/// lost, has the same one.
#[derive(Deserialize)]
struct Sent {
    key: String,
    from: String,
    to: String,
    text: String,
}

/// What is kept in an inbox, and delivered with an id.
#[derive(Serialize)]
struct Letter<'a> {
    from: &'a str,
    text: &'a str,
    /// Unix milliseconds.
    at: u64,
}

struct Inbox {
    letters: Feed,
    /// Of the newest letters, so that none is delivered twice.
    keys: VecDeque<String>,
}

struct Mail {
    /// By name. Made by the first poll of their owner, gone when the presenter clears them.
    inboxes: Mutex<HashMap<String, Inbox>>,
    limits: Limits,
}

/// Adds `/mail/letters` and `/mail/inboxes`.
pub(crate) fn routes(_gallery: &Gallery) -> impl Routes + use<> {
    let mail = Data::new(Mail {
        inboxes: Mutex::default(),
        limits: Limits::new(Duration::from_secs(2), 10),
    });
    move |app| {
        app.app_data(mail.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/mail/letters").get(poll).post(send));
        app.service(resource("/mail/inboxes").get(names).delete(clear));
    }
}

/// Answers when there is a letter: 200. Without one for so long: 204. At shutdown: 503.
async fn poll(
    request: HttpRequest,
    poll: Query<Poll>,
    mail: Data<Mail>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let letters = mail.open(&request, &poll.inbox)?;
    let after = poll.after.unwrap_or(letters.oldest());
    Ok(select! {
        batch = letters.next(Some(after)) => match batch {
            Some(batch) => deliver(&batch),
            None => HttpResponse::NoContent().finish(), // Cleared: the next poll is told.
        },
        () = sleep(gallery.flags.hold) => HttpResponse::NoContent().finish(),
        () = gallery.closed() => HttpResponse::ServiceUnavailable()
            .insert_header(("Retry-After", "2"))
            .body("the server is shutting down"),
    })
}

/// A JSON array. If letters were missed or the inbox is a new one, a field says so.
fn deliver(batch: &Batch) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(gap) = &batch.gap {
        response.insert_header(("Feed-Gap", gap.json()));
    }
    let letters: Vec<&str> =
        batch.samples.iter().map(|letter| &*letter.json).collect();
    response
        .content_type("application/json")
        .body(format!("[{}]", letters.join(",")))
}

/// Puts a letter into an inbox, whether its owner is there or not: 201.
async fn send(
    request: HttpRequest,
    sent: Json<Sent>,
    mail: Data<Mail>,
) -> Result<HttpResponse> {
    let Sent { key, from, to, text } = sent.into_inner();
    printable(&key, 40).map_err(ErrorBadRequest)?;
    let from = printable(&from, NAME_LIMIT).map_err(ErrorBadRequest)?;
    let text = printable(&text, TEXT_LIMIT).map_err(ErrorBadRequest)?;
    mail.limits.check(&request)?;
    let mut inboxes = mail.inboxes();
    let inbox = inboxes.get_mut(to.trim()).ok_or_else(|| {
        ErrorNotFound("no inbox has this name: its owner has to open it first")
    })?;
    if !inbox.keys.contains(&key) {
        inbox.letters.publish_entry(&Letter { from, text, at: unix_millis() });
        inbox.keys.push_back(key);
        if inbox.keys.len() > INBOX_CAPACITY.get() {
            inbox.keys.pop_front();
        }
    }
    Ok(HttpResponse::Created().finish())
}

/// The names of all inboxes, to choose from.
async fn names(mail: Data<Mail>) -> HttpResponse {
    let mut names: Vec<String> = mail.inboxes().keys().cloned().collect();
    names.sort();
    HttpResponse::Ok().json(names)
}

/// Burns all letters.
async fn clear(
    request: HttpRequest,
    mail: Data<Mail>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    mail.inboxes().drain().for_each(|(_, inbox)| inbox.letters.close());
    Ok(HttpResponse::NoContent().finish())
}

impl Mail {
    fn inboxes(&self) -> MutexGuard<'_, HashMap<String, Inbox>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The letters of an inbox. A new one has a letter of the postmaster.
    fn open(&self, request: &HttpRequest, name: &str) -> Result<Feed> {
        let name = printable(name, NAME_LIMIT).map_err(ErrorBadRequest)?;
        let mut inboxes = self.inboxes();
        if let Some(inbox) = inboxes.get(name) {
            return Ok(inbox.letters.clone());
        }
        self.limits.check(request)?;
        if inboxes.len() == INBOXES_LIMIT {
            return Err(ErrorInsufficientStorage(
                "there are as many inboxes as this server keeps",
            ));
        }
        let text = "Your inbox is open: tell others its name.";
        let first = Letter { from: "postmaster", text, at: unix_millis() };
        let letters = Feed::of_entries(INBOX_CAPACITY, INBOX_BYTES, &first);
        let inbox = Inbox { letters: letters.clone(), keys: VecDeque::new() };
        inboxes.insert(name.to_owned(), inbox);
        Ok(letters)
    }
}
