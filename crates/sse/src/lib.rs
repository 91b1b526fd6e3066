//! # Server-sent events: a stream that the browser reads and resumes
//!
//! HTTP streaming with a standard for what is in the stream (WHATWG HTML §9.2). The
//! browser splits it into events, and when it ends or is cut, reconnects by itself,
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
use feed::{Batch, Cursor, Feed, Follower, Weather};
use futures_core::Stream;
use serde::Deserialize;
use stage::{Routes, Technique};
use tokio::{select, time};

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "sse",
    port: 3004,
    endpoints: &["/api/v1/live-data"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags. Unlike HTTP streaming, it has no `--lifetime`: after
/// each end, the browser would wait as long as `retry` says.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How often to send a comment, so that proxies know that the stream is in use
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
    /// How often the weather changes
    #[arg(long, default_value = "3s", value_parser = stage::duration)]
    pub weather: Duration,
}

/// The query: the id of the last sample that the client has, to resume from there.
/// (A page that makes a new `EventSource` can't set `Last-Event-ID`.)
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What every client is told at shutdown.
const BYE: &str = "shutdown";

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
        app.service(web::resource("/api/v1/live-data").wrap(headers).get(answer));
    }
}

/// Answers with a stream of events: one for each sample, and each change of weather.
async fn answer(
    request: HttpRequest,
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
    weather: Data<Weather>,
) -> Result<HttpResponse> {
    let follower = feed.follow(last_event_id(&request)?.or(resume.after));
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(follow(follower, weather.follow(), timings)))
}

/// The id of the last event that the browser got before it reconnected. An empty id
/// counts as no id (WHATWG HTML §9.2.6).
fn last_event_id(request: &HttpRequest) -> Result<Option<Cursor>> {
    let id = request.headers().get("Last-Event-ID").filter(|id| !id.is_empty());
    let id = id.map(|id| String::from_utf8_lossy(id.as_bytes()).parse());
    id.transpose().map_err(ErrorBadRequest)
}

/// The events of a response, which ends at shutdown, with `BYE`. Actix drops this
/// stream when the client disconnects.
fn follow(
    mut follower: Follower,
    mut weather: Weather,
    timings: Data<Timings>,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream! {
        // Milliseconds until the browser reconnects: random, so not all at once.
        yield Ok(format!("retry: {}\n\n", rand::random_range(2000..3000)).into());
        let period = timings.heartbeat;
        let mut heartbeat = time::interval_at(time::Instant::now() + period, period);
        heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            let bytes = select! {
                batch = follower.next() => match batch {
                    Some(batch) => batch.framed(samples),
                    None => break,
                },
                w = weather.next() => event(Some("weather"), follower.cursor(), &w),
                _ = heartbeat.tick() => ": heartbeat\n\n".into(),
            };
            yield Ok(bytes);
        }
        yield Ok(event(Some("bye"), follower.cursor(), BYE));
    }
}

/// An event for each sample, made once for all. An event `gap` says what was missed.
fn samples(batch: &Batch) -> Bytes {
    let gap = batch.gap.iter().map(|g| event(Some("gap"), Some(g.id), &g.json()));
    let samples = batch.samples.iter().map(|s| event(None, Some(s.id), &s.json));
    gap.chain(samples).collect::<Vec<_>>().concat().into()
}

/// One event; without a name, a `message`. Each line of `data` has a `data:` of its
/// own, so that data can't forge a field; the browser joins them with `\n`.
pub fn event(name: Option<&str>, id: Option<Cursor>, data: &str) -> Bytes {
    let mut event = String::with_capacity(data.len() + 64);
    event.extend(name.map(|name| format!("event: {name}\n")));
    event.extend(id.map(|id| format!("id: {id}\n")));
    let lines = data.split("\r\n").flat_map(|text| text.split('\n'));
    let lines = lines.flat_map(|text| text.split('\r'));
    event.extend(lines.flat_map(|line| ["data: ", line, "\n"]));
    (event + "\n").into()
}
