//! # Long polling: ask once, be answered when there is news
//!
//! The client sends a request, and the server holds it until there is news, or for
//! 30 s. News is as fresh as the network allows, with nothing but plain requests.
//! What is published between two requests is not lost: the next one says which
//! sample the client has.
//!
//! ```text
//! server ──┬■■■■■■■●■┬■■■■■■■■■■■■■■■■┬■■●─   ● a sample is published
//!          │         │ 200            │ 204   ■ a request is held
//! client ──┴─────────┴────────────────┴────
//! ```
//!
//! On the wire (RFC 9112), a request that was held until there was news:
//!
//! ```text
//! GET /long-polling?after=k3f9-16 HTTP/1.1
//! Host: localhost:3002
//!
//! HTTP/1.1 200 OK
//! content-length: 69
//! content-type: application/json
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! [{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}]
//! ```
//!
//! After 30 s without news the response is 204, as in short polling. When the server
//! shuts down it is 503, with `Retry-After`: come back, but not at once.
//!
//! Run it: `cargo run -p long-poll`, then open <http://localhost:3002/>.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Query},
};
use feed::{Batch, Cursor, Feed};
use serde::Deserialize;
use stage::{Routes, Technique};
use tokio::time;

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "long-poll",
    port: 3002,
    endpoints: &["/long-polling"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How long to hold a request while there is no news; less than the shortest
    /// idle timeout on the path, and proxies often have 60 s
    #[arg(long, default_value = "30s", value_parser = stage::duration)]
    pub hold: Duration,
}

/// The query: the id of the last sample that the client has, to resume from there.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What every client is told at shutdown.
const BYE: &str = "the server is shutting down";

/// Adds `GET /long-polling`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let timings = Data::new(timings);
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone());
        app.service(web::resource("/long-polling").wrap(headers).get(answer));
    }
}

/// Answers when there is news: 200. After `--hold`: 204. At shutdown: 503. Actix
/// drops this future when the client disconnects.
async fn answer(
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
) -> HttpResponse {
    match time::timeout(timings.hold, feed.next(resume.after)).await {
        Ok(Some(batch)) => samples(&batch),
        Ok(None) => HttpResponse::ServiceUnavailable()
            .insert_header(("Retry-After", "2"))
            .body(BYE),
        Err(_elapsed) => HttpResponse::NoContent().finish(),
    }
}

/// A JSON array of samples. If some were missed, a header field says so:
/// `Feed-Gap: {"missed":12,"restarted":false,"id":"k3f9-29"}`.
fn samples(batch: &Batch) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(gap) = &batch.gap {
        response.insert_header(("Feed-Gap", gap.json()));
    }
    response.content_type("application/json").body(batch.framed(array))
}

/// The array, made once for all.
fn array(batch: &Batch) -> Bytes {
    let json: Vec<&str> = batch.samples.iter().map(|sample| &*sample.json).collect();
    ["[", &json.join(","), "]"].concat().into()
}
