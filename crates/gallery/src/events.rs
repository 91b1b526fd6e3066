//! What all applications with server-sent events share: how they begin, go on and end. The
//! technique itself is explained in the crate `sse`.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result, error::ErrorBadRequest, web::Bytes,
};
use async_stream::stream;
use feed::{Batch, Cursor, Feed, Follower, Sample};
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use tokio::{select, time};

pub(crate) use sse::event;

/// The query of a page that begins a new `EventSource`, and so can't set `Last-Event-ID`.
#[derive(Debug, Deserialize)]
pub(crate) struct Resume {
    after: Option<Cursor>,
}

impl Resume {
    /// Where the client was: `Last-Event-ID`, which the browser sends by itself, or else
    /// the query.
    ///
    /// # Errors
    /// A 400 when it is no cursor.
    pub(crate) fn cursor(&self, request: &HttpRequest) -> Result<Option<Cursor>> {
        let id = request.headers().get("Last-Event-ID").filter(|id| !id.is_empty());
        let id = id.map(|id| String::from_utf8_lossy(id.as_bytes()).parse());
        Ok(id.transpose().map_err(ErrorBadRequest)?.or(self.after))
    }
}

/// Publishes an event to all that follow the log: its name, and its data as JSON.
pub(crate) fn publish(log: &Feed, name: &str, data: &impl Serialize) {
    log.publish(&format!("{name} {}", json(data)));
}

/// As JSON. What the applications send is text and numbers: that can't fail.
pub(crate) fn json(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// What an entry of a log says, without its number and time.
pub(crate) fn text(sample: &Sample) -> String {
    #[derive(Deserialize)]
    struct Entry {
        data: String,
    }
    let entry = serde_json::from_str(&sample.json);
    entry.map_or_else(|_| String::new(), |Entry { data }| data)
}

/// How much a client has missed for good, if anything: announced before what is left.
pub(crate) fn gap(batch: &Batch) -> Option<Bytes> {
    let gap = batch.gap.as_ref()?;
    Some(event(Some("gap"), Some(gap.id), &gap.json()))
}

/// Events that were published, framed once for all clients.
pub(crate) fn framed(batch: &Batch) -> Bytes {
    let events = batch.samples.iter().map(|sample| {
        let text = text(sample);
        let (name, data) = text.split_once(' ').unwrap_or(("message", &text));
        event(Some(name), Some(sample.id), data)
    });
    gap(batch).into_iter().chain(events).collect::<Vec<_>>().concat().into()
}

/// A response that is a stream of events: `first`, then all that `follower` is given, until
/// the server shuts down. A comment every `heartbeat` keeps the connection in use.
pub(crate) fn respond(
    first: Bytes,
    follower: Follower,
    heartbeat: Duration,
) -> HttpResponse {
    respond_framed(first, follower, heartbeat, |batch| batch.framed(framed))
}

/// The same, with what `frame` makes of the events for this client.
pub(crate) fn respond_framed(
    first: Bytes,
    follower: Follower,
    heartbeat: Duration,
    frame: impl Fn(&Batch) -> Bytes + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(follow(first, follower, heartbeat, frame))
}

fn follow(
    first: Bytes,
    mut follower: Follower,
    heartbeat: Duration,
    frame: impl Fn(&Batch) -> Bytes + 'static,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream! {
        // Random, so that a room does not reconnect all at once.
        let retry = format!("retry: {}\n\n", rand::random_range(1000..2000));
        yield Ok([retry.as_bytes(), &first].concat().into());
        let mut heartbeat =
            time::interval_at(time::Instant::now() + heartbeat, heartbeat);
        heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            yield Ok(select! {
                batch = follower.next() => match batch {
                    Some(batch) => frame(&batch),
                    None => break,
                },
                _ = heartbeat.tick() => ": heartbeat\n\n".into(),
            });
        }
        yield Ok(event(Some("bye"), follower.cursor(), "shutdown"));
    }
}
