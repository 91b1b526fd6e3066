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

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorNotFound,
    web::{self, Data, Json, Query},
};
use feed::{Batch, Cursor, Feed};
use serde::Deserialize;
use stage::{Routes, printable};
use tokio::{select, time::sleep};

use self::inboxes::Inboxes;
use crate::{
    clients::device, gallery::Gallery, headers::no_store, limits::Limits,
    presenter::Authorized,
};

mod inboxes;

const NAME_LIMIT: usize = 24;
const TEXT_LIMIT: usize = 280;
const KEY_LIMIT: usize = 40;

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

struct Mail {
    inboxes: Inboxes,
    limits: Limits,
}

/// Adds `/mail/letters` and `/mail/inboxes`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let limits = Limits::new(Duration::from_secs(2), 10);
    let mail = Data::new(Mail { inboxes: Inboxes::new(), limits });
    let counted = mail.clone();
    gallery.count(move || counted.inboxes.held());
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
    let letters = open(&request, &poll.inbox, &mail)?;
    let after = poll.after.unwrap_or(letters.oldest());
    Ok(select! {
        batch = letters.next(Some(after)) => match batch {
            Some(batch) => deliver(&batch),
            None => HttpResponse::NoContent().finish(), // Deleted: the next poll is told.
        },
        () = sleep(gallery.flags.hold) => HttpResponse::NoContent().finish(),
        () = gallery.closed() => HttpResponse::ServiceUnavailable()
            .insert_header(("Retry-After", "2"))
            .body("the server is shutting down"),
    })
}

/// The inbox of a name, which is opened when it is asked for first.
fn open(request: &HttpRequest, name: &str, mail: &Mail) -> Result<Feed> {
    let name = printable(name, NAME_LIMIT)?;
    if let Some(letters) = mail.inboxes.find(name) {
        return Ok(letters);
    }
    mail.limits.check(request)?;
    Ok(mail.inboxes.open(name, device(request))?)
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
    let key = printable(&key, KEY_LIMIT)?;
    let from = printable(&from, NAME_LIMIT)?;
    let text = printable(&text, TEXT_LIMIT)?;
    mail.limits.check(&request)?;
    match mail.inboxes.put(to.trim(), key.to_owned(), from, text) {
        true => Ok(HttpResponse::Created().finish()),
        false => Err(ErrorNotFound(
            "no inbox has this name: its owner has to open it first",
        )),
    }
}

async fn names(mail: Data<Mail>) -> HttpResponse {
    HttpResponse::Ok().json(mail.inboxes.names())
}

/// The presenter deletes all letters and inboxes.
async fn clear(_: Authorized, mail: Data<Mail>) -> HttpResponse {
    mail.inboxes.clear();
    HttpResponse::NoContent().finish()
}
