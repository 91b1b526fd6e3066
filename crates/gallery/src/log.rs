//! # Log stream: the lines that a reader wants, at the pace of the reader
//!
//! The server sends what fits the query, and nothing queues up for a reader that is
//! slow: it reads on where it was and, when that is gone, is told how many lines it
//! missed.
//!
//! ```text
//! GET /log/events?level=warn&text=refused
//!
//! event: line
//! id: k3f9-17
//! data: {"id":"k3f9-17","at":1795…,"level":"WARN","target":"lens","text":"…"}
//!
//! event: gap
//! id: k3f9-529
//! data: {"missed":512,"restarted":false,"id":"k3f9-529"}
//!
//! id: k3f9-530
//!
//! ```
//!
//! The last one has no data: the browser dispatches nothing, and remembers the id.
//! It stands for lines that did not fit the query, so that a reader is not told that
//! it missed them.

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Bytes, Data, Json, Query},
};
use feed::{Batch, Feed};
use serde::Deserialize;
use stage::{LogLine, Routes, log_lines};

use self::filter::Filter;
use crate::{
    events::{Resume, event, gap, respond_framed},
    gallery::Gallery,
    headers::no_store,
    presenter::Authorized,
};

mod filter;

/// The most lines that the presenter may have written at once.
const BURST_LIMIT: usize = 10_000;

/// `{"count":1000}`: lines to be written.
#[derive(Deserialize)]
struct Burst {
    count: usize,
}

/// Adds `GET /log/events` and, for the presenter, `POST /log/lines`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    // A copy of the log, which ends with this server; the process may go on.
    let (lines, copying) = log_lines().branch();
    spawn(copying);
    let lines = Data::new(gallery.close_at_shutdown(lines));
    move |app| {
        let events = web::resource("/log/events").app_data(lines.clone());
        app.service(events.wrap(no_store()).get(follow));
        app.service(web::resource("/log/lines").wrap(no_store()).post(burst));
    }
}

/// The lines from where the reader was or, for a new one, all that are kept.
async fn follow(
    request: HttpRequest,
    resume: Query<Resume>,
    Query(filter): Query<Filter>,
    lines: Data<Feed>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let filter = filter.check()?;
    let cursor = resume.cursor(&request)?.unwrap_or_else(|| lines.oldest());
    let follower = lines.follow(Some(cursor));
    let frame = move |batch: &Batch| frame(batch, &filter);
    Ok(respond_framed(Bytes::new(), follower, gallery.flags.heartbeat, frame))
}

/// How many lines were missed, and an event for each that fits the query; the id
/// alone, if the last one does not.
fn frame(batch: &Batch, filter: &Filter) -> Bytes {
    let lines = batch.samples.iter().filter(|line| filter.matches(line));
    let lines = lines.map(|line| event(Some("line"), Some(line.id), &line.json));
    let skipped = batch.samples.last().filter(|last| !filter.matches(last));
    let skipped = skipped.map(|last| Bytes::from(format!("id: {}\n\n", last.id)));
    let events = gap(batch).into_iter().chain(lines).chain(skipped);
    events.collect::<Vec<_>>().concat().into()
}

/// Writes many lines at once, more than are kept: each reader is told how many it
/// missed.
async fn burst(_: Authorized, Json(Burst { count }): Json<Burst>) -> HttpResponse {
    for number in 1..=count.min(BURST_LIMIT) {
        let text = format!("line {number} of {count}");
        log_lines().publish_entry(&LogLine::new("INFO", "gallery", &text));
    }
    HttpResponse::NoContent().finish()
}
