//! # Mail: a request that is held until there is a letter
//!
//! Each inbox is a log, and the page of its owner says which letter it has. So a
//! letter that comes between two polls, or while the phone sleeps, is in the next
//! answer.
//!
//! ```text
//! ada's phone             bob's phone
//! GET /mail/letters?inbox=ada&after=k3f9-4
//!   ■ held                POST /mail/letters
//!   ■                     {"key":"4f1c","from":"bob","to":"ada","text":"Hi"}
//! 200 OK                  201 Created
//! [{"id":"k3f9-5","from":"bob","text":"Hi","at":1795207096301}]
//! ```

use actix_web::{
    HttpRequest, HttpResponse, Result,
    web::{self, Data, Json, Query},
};
use feed::{Batch, Cursor};
use serde::Deserialize;
use stage::Routes;
use tokio::{select, time::sleep};

use self::inboxes::{Inboxes, Sent};
use crate::{gallery::Gallery, headers::no_store, presenter::by_presenter};

mod inboxes;

/// What a page waits for: letters to `inbox` after the one that it has.
#[derive(Deserialize)]
struct Poll {
    inbox: String,
    after: Option<Cursor>,
}

/// Adds `/mail/letters` and `/mail/inboxes`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let inboxes = Data::new(Inboxes::new());
    let counted = inboxes.clone();
    gallery.count(move || counted.held());
    move |app| {
        app.app_data(inboxes.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/mail/letters").get(poll).post(send));
        let clear = by_presenter(Inboxes::clear);
        app.service(resource("/mail/inboxes").get(names).delete(clear));
    }
}

/// Answers when there is a letter: 200. Without one: 204. At shutdown: 503.
async fn poll(
    request: HttpRequest,
    poll: Query<Poll>,
    inboxes: Data<Inboxes>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let letters = inboxes.open(&poll.inbox, &request)?;
    let after = poll.after.unwrap_or(letters.oldest());
    Ok(select! {
        batch = letters.next(Some(after)) => match batch {
            Some(batch) => deliver(&batch),
            None => HttpResponse::NoContent().finish(), // Deleted: ask again.
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
    inboxes: Data<Inboxes>,
) -> Result<HttpResponse> {
    inboxes.put(&sent, &request)?;
    Ok(HttpResponse::Created().finish())
}

/// The names of all inboxes, to choose from.
async fn names(inboxes: Data<Inboxes>) -> HttpResponse {
    HttpResponse::Ok().json(inboxes.names())
}
