//! # Server-Sent Events: a stream that the browser reads and resumes
//!
//! HTTP streaming with a standard for what is in the stream (WHATWG HTML §9.2). The
//! browser splits it into events, and when it ends or is cut, asks again by itself,
//! with the id of the last event it got. One way only: the server speaks.
//!
//! ```text
//! server ──┬──●─────●──●──   ┬─●────   ● a sample is published
//!          │   ╲     ╲  ╲  ✗ │  ╲      ✗ cut: back after `retry`,
//! client ──┴──────────────   ┴──────       with `Last-Event-ID`
//! ```
//!
//! On the wire, in chunks (RFC 9112 §7.1), here without their lengths:
//!
//! ```text
//! GET /api/v1/live-data HTTP/1.1
//! Host: localhost:3004
//! Last-Event-ID: k3f9-16
//!
//! HTTP/1.1 200 OK
//! transfer-encoding: chunked
//! content-type: text/event-stream
//! x-accel-buffering: no
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! retry: 2417
//!
//! id: k3f9-17
//! data: {"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}
//!
//! event: weather
//! id: k3f9-17
//! data: BERLIN 7.4
//! data: LONDON 9.1
//! data: PARIS 10.0
//!
//! : heartbeat
//!
//! ```
//!
//! An empty line ends an event. Without `event`, it is a `message`. A line that
//! begins with a colon is a comment, here one that keeps the connection in use.
//!
//! Run it: `cargo run -p sse`, then open <http://localhost:3004/>.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorBadRequest,
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Query},
};
use async_stream::stream;
use feed::{Batch, Cursor, Feed, Weather};
use serde::Deserialize;
use stage::{Routes, Technique};
use tokio::{select, time};

/// The name and the address of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "sse",
    port: 3004,
    endpoints: &["/api/v1/live-data"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How often to send a comment, so that proxies know that the stream is in use
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
    /// How often the weather changes
    #[arg(long, default_value = "3s", value_parser = stage::duration)]
    pub weather: Duration,
}

/// Where a client wants to go on that can't say it with `Last-Event-ID`.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// Adds `GET /api/v1/live-data`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let weather = Data::new(Weather::new(timings.weather));
    let timings = Data::new(timings);
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone());
        app.app_data(weather.clone());
        app.service(web::resource("/api/v1/live-data").wrap(headers).get(live_data));
    }
}

/// Answers with all that comes, as events; at shutdown, with a last one, `bye`.
async fn live_data(
    request: HttpRequest,
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
    weather: Data<Weather>,
) -> Result<HttpResponse> {
    let mut last = last_event_id(&request)?.or(resume.after);
    let mut follower = feed.follow(last);
    let mut weather = weather.follow();
    let events = stream! {
        // The browser waits as long as `retry` says, in ms, before it asks again:
        // not everybody at the same moment.
        let retry = format!("retry: {}\n\n", rand::random_range(2000..3000));
        yield Ok::<Bytes, Infallible>(retry.into());
        let mut heartbeat = time::interval(timings.heartbeat);
        heartbeat.reset();
        heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            let events = select! {
                batch = follower.next() => {
                    let Some(batch) = batch else { break };
                    last = batch.cursor();
                    samples(&batch)
                }
                weather = weather.next() => event("weather", last, &weather),
                _ = heartbeat.tick() => ": heartbeat\n\n".into(),
            };
            yield Ok(events.into());
        }
        yield Ok(event("bye", last, "shutdown").into());
    };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events))
}

/// The id of the last event that the browser got before it asked again. An empty one
/// is none (WHATWG HTML §9.2.6).
fn last_event_id(request: &HttpRequest) -> Result<Option<Cursor>> {
    let id = request.headers().get("Last-Event-ID").filter(|id| !id.is_empty());
    let id = id.map(|id| String::from_utf8_lossy(id.as_bytes()).parse());
    id.transpose().map_err(ErrorBadRequest)
}

/// An event a sample. If some were missed, an event `gap` before says so.
fn samples(batch: &Batch) -> String {
    let gap = batch.gap.iter().map(|gap| event("gap", Some(gap.id), &gap.json()));
    let samples = batch.samples.iter().map(|s| event("", Some(s.id), &s.json));
    gap.chain(samples).collect()
}

/// One event; without a name, a `message`. Whatever ends a line in `data` begins
/// another `data:` line, so that data can't forge a field; the browser joins the
/// lines with `\n`.
pub fn event(name: &str, id: Option<Cursor>, data: &str) -> String {
    let mut event = String::with_capacity(data.len() + 64);
    if !name.is_empty() {
        event.extend(["event: ", name, "\n"]);
    }
    if let Some(id) = id {
        event.extend(["id: ", &id.to_string(), "\n"]);
    }
    let data = data.replace("\r\n", "\n").replace('\r', "\n");
    event.extend(["data: ", &data.replace('\n', "\ndata: "), "\n\n"]);
    event
}
