//! The readers' live stream, the same in both shapes: server-sent events, as in the
//! crate `sse`, where each step is explained.

use std::{convert::Infallible, process, time::Duration};

use actix_web::{
    Handler, HttpRequest, HttpResponse, Responder,
    web::{Bytes, Data},
};
use async_stream::stream;
use feed::{Feed, Follower};
use futures_core::Stream;
use serde::Serialize;
use tokio::{select, time};

/// How often a comment says that the stream is in use.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);

/// `GET /events`: the news, from the one after `Last-Event-ID` on.
pub(crate) async fn events(request: HttpRequest, feed: Data<Feed>) -> HttpResponse {
    let id = request.headers().get("Last-Event-ID");
    let cursor = id.and_then(|id| id.to_str().ok()?.parse().ok());
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(follow(feed.follow(cursor)))
}

fn follow(mut follower: Follower) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream! {
        // Milliseconds until the browser reconnects: random, so not all at once.
        let retry = rand::random_range(500..1500);
        yield Ok(format!("retry: {retry}\n\n").into());
        let mut heartbeat = time::interval(HEARTBEAT_INTERVAL);
        loop {
            let text: String = select! {
                batch = follower.next() => match batch {
                    Some(batch) => {
                        let gap = batch.gap.iter().map(|gap| {
                            format!("event: gap\nid: {}\ndata: {}\n\n", gap.id, gap.json())
                        });
                        let news = batch.samples.iter().map(|sample| {
                            format!("id: {}\ndata: {}\n\n", sample.id, sample.json)
                        });
                        gap.chain(news).collect()
                    }
                    None => break,
                },
                _ = heartbeat.tick() => ": heartbeat\n\n".into(),
            };
            yield Ok(text.into());
        }
        yield Ok("event: bye\ndata: restart\n\n".into());
    }
}

/// Where a part runs.
#[derive(Serialize)]
struct ProcessMessage {
    /// The name of its program.
    program: &'static str,
    /// The number of its process, which is another one after a restart.
    process: u32,
}

/// `GET /process`, `GET /likes/process` …: `{"program":"monolith","process":4711}`
pub(crate) fn process(program: &'static str) -> impl Handler<(), Output: Responder> {
    move || async move {
        let message = ProcessMessage { program, process: process::id() };
        HttpResponse::Ok().json(message)
    }
}
