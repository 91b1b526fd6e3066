//! # Short polling: ask again and again
//!
//! The client sends a request at an interval, and the server answers at once, with
//! what is new or with nothing. The server knows nothing about its clients, so any
//! server can do it. The price: news is half an interval old on average, and while
//! there is none, every response is empty.
//!
//! ```text
//! server ──┬──────●─────┬──────┬──●─●─────┬──   ● a sample is published
//!          │ 204        │ 200  │ 204      │ 200
//! client ──┴────────────┴──────┴──────────┴──
//! ```
//!
//! On the wire (RFC 9112), a poll with news and one without:
//!
//! ```text
//! GET /short-polling?after=k3f9-16 HTTP/1.1
//! Host: localhost:3001
//!
//! HTTP/1.1 200 OK
//! content-length: 69
//! content-type: application/json
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! [{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}]
//!
//! GET /short-polling?after=k3f9-17 HTTP/1.1
//! Host: localhost:3001
//!
//! HTTP/1.1 204 No Content
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:18 GMT
//! ```
//!
//! Run it: `cargo run -p short-poll`, then open <http://localhost:3001/>.

use actix_web::{
    HttpResponse,
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Query},
};
use feed::{Batch, Cursor, Feed};
use serde::Deserialize;
use stage::{Routes, Technique};

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "short-poll",
    port: 3001,
    endpoints: &["/short-polling"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags: none, because the interval is the client's.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {}

/// The query: the id of the last sample that the client has, to resume from there.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// Adds `GET /short-polling`.
pub fn routes(feed: Feed, _timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone());
        app.service(web::resource("/short-polling").wrap(headers).get(answer));
    }
}

/// Answers at once: 200 with what is new, or 204.
async fn answer(resume: Query<Resume>, feed: Data<Feed>) -> HttpResponse {
    let batch = feed.since(resume.after);
    if batch.is_empty() {
        HttpResponse::NoContent().finish()
    } else {
        samples(&batch)
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
