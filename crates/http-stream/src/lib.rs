//! # HTTP streaming: one answer that goes on
//!
//! The client asks once, and the answer has no end: each sample is written to it as
//! it is published. A body of unknown length is sent in chunks (RFC 9112 §7.1), each
//! behind its length in hex. But chunks are how bytes travel, not where messages
//! end: proxies and browsers cut and join them. So each sample is a line.
//!
//! ```text
//! server ──┬──●─────●──●───────────●──   ● a sample is published
//!          │   ╲     ╲  ╲           ╲
//! client ──┴──────────────────────────
//! ```
//!
//! On the wire (RFC 9112):
//!
//! ```text
//! GET /stream?after=k3f9-16 HTTP/1.1
//! Host: localhost:3003
//!
//! HTTP/1.1 200 OK
//! transfer-encoding: chunked
//! content-type: text/plain; charset=utf-8
//! x-accel-buffering: no
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! 44
//! {"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}
//!
//! 1
//!
//!
//! 0
//!
//! ```
//!
//! The empty line is a heartbeat. The chunk of length 0 ends the answer after
//! `--lifetime`: a client that does not get it was cut off. Either way, the client
//! asks for the next answer with the id of the last line it got.
//!
//! Run it: `cargo run -p http-stream`, then open <http://localhost:3003/>.

use std::{convert::Infallible, pin::pin, time::Duration};

use actix_web::{
    HttpResponse,
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Query},
};
use async_stream::stream;
use feed::{Batch, Cursor, Feed};
use serde::Deserialize;
use stage::{Routes, Technique};
use tokio::{select, time};

/// The name and the address of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "http-stream",
    port: 3003,
    endpoints: &["/stream"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How long an answer goes on until the client has to ask again
    #[arg(long, default_value = "60s", value_parser = stage::duration)]
    pub lifetime: Duration,
    /// How often to send an empty line, so that proxies and clients know that
    /// the other side is there; the page gives up after 40 s of silence
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
}

/// Where a client wants to go on.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// Adds `GET /stream`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let timings = Data::new(timings);
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone());
        app.service(web::resource("/stream").wrap(headers).get(http_stream));
    }
}

/// Answers with all that comes, for `--lifetime`; at shutdown, with a last line.
async fn http_stream(
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
) -> HttpResponse {
    let mut follower = feed.follow(resume.after);
    let lines = stream! {
        let mut end = pin!(time::sleep(timings.lifetime));
        let mut heartbeat = time::interval(timings.heartbeat);
        heartbeat.reset();
        heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            let lines = select! {
                batch = follower.next() => {
                    let Some(batch) = batch else { break };
                    samples(&batch)
                }
                _ = heartbeat.tick() => "\n".into(),
                () = &mut end => return,
            };
            yield Ok::<Bytes, Infallible>(lines.into());
        }
        yield Ok("{\"bye\":\"shutdown\"}\n".into());
    };
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(lines)
}

/// A line a sample. If some were missed, a line before says so:
/// `{"gap":{"missed":12,"restarted":false,"id":"k3f9-29"}}`.
fn samples(batch: &Batch) -> String {
    let mut lines = String::new();
    if let Some(gap) = &batch.gap {
        lines.extend(["{\"gap\":", &gap.json(), "}\n"]);
    }
    for sample in &batch.samples {
        lines.extend([&sample.json, "\n"]);
    }
    lines
}
