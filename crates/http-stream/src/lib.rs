//! # HTTP streaming: one response that goes on
//!
//! The client sends one request, and the response has no end: each sample is written
//! to it as it is published. A body of unknown length is sent in chunks (RFC 9112
//! §7.1), each behind its length in hex. But chunks are how bytes travel, not where
//! messages end: proxies and browsers split and join them. So each sample is a line.
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
//! The empty line is a heartbeat. The chunk of length 0 ends the response after
//! `--lifetime`: a client that does not get it was cut off. Either way, the client's
//! next request has the id of the last sample it got.
//!
//! Run it: `cargo run -p http-stream`, then open <http://localhost:3003/>.

use std::{convert::Infallible, pin::pin, time::Duration};

use actix_web::{
    HttpResponse,
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Query},
};
use async_stream::stream;
use feed::{Batch, Cursor, Feed, Follower};
use futures_core::Stream;
use serde::Deserialize;
use stage::{Routes, Technique};
use tokio::{select, time};

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "http-stream",
    port: 3003,
    endpoints: &["/stream"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How long a response goes on until the client has to send another request
    #[arg(long, default_value = "60s", value_parser = stage::duration)]
    pub lifetime: Duration,
    /// How often to send an empty line, so that proxies and clients know that the
    /// server is there; the page gives up after 40 s of silence
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
}

/// The query: the id of the last sample that the client has, to resume from there.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What every client is told at shutdown.
const BYE: &str = r#"{"bye":"shutdown"}"#;

/// Adds `GET /stream`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let timings = Data::new(timings);
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone());
        app.service(web::resource("/stream").wrap(headers).get(answer));
    }
}

/// Answers with a stream of lines, one for each sample.
async fn answer(
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
) -> HttpResponse {
    let follower = feed.follow(resume.after);
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(follow(follower, timings))
}

/// The lines of a response, which ends after `--lifetime`, or at shutdown, with
/// `BYE`. Actix drops this stream when the client disconnects.
fn follow(
    mut follower: Follower,
    timings: Data<Timings>,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream! {
        let period = timings.heartbeat;
        let mut heartbeat = time::interval_at(time::Instant::now() + period, period);
        heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        let mut end = pin!(time::sleep(timings.lifetime));
        loop {
            let bytes = select! {
                batch = follower.next() => match batch {
                    Some(batch) => batch.framed(samples),
                    None => break,
                },
                _ = heartbeat.tick() => "\n".into(),
                () = &mut end => return,
            };
            yield Ok(bytes);
        }
        yield Ok(format!("{BYE}\n").into());
    }
}

/// One line for each sample, made once for all. If some were missed, a line before
/// says so: `{"gap":{"missed":12,"restarted":false,"id":"k3f9-29"}}`.
fn samples(batch: &Batch) -> Bytes {
    let gap = batch.gap.iter().map(|g| format!("{{\"gap\":{}}}\n", g.json()));
    let samples = batch.samples.iter().map(|s| [&*s.json, "\n"].concat());
    gap.chain(samples).collect::<Vec<_>>().concat().into()
}
