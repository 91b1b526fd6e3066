//! # Server-sent events, as often shown
//!
//! Events without ids, and a page that closes the stream at the first error. It
//! throws away what SSE is chosen for:
//!
//! - `onerror` is also how the browser tells that it is about to reconnect. A page
//!   that calls `close()` there ends that, and stays silent for good.
//! - Even without that `close()`: an event without an id leaves the browser nothing
//!   to send as `Last-Event-ID`, and the server has no way to go on. What is
//!   published while the line is cut is lost.
//! - There is no comment now and then: a proxy closes what is silent for a minute.
//!
//! Run it: `cargo run -p sse --example sse-as-often-shown`, then open
//! <http://localhost:3104/>, end the server with Ctrl-C and start it again.

use std::{convert::Infallible, process::ExitCode};

use actix_web::{
    HttpResponse,
    web::{self, Bytes, Data, Html},
};
use async_stream::stream;
use feed::Feed;
use stage::{Routes, Technique};

#[derive(Debug, Clone, clap::Args)]
struct Timings {}

fn main() -> ExitCode {
    let shown = Technique {
        port: 3104,
        source: include_str!("as_often_shown.rs"),
        ..sse::TECHNIQUE
    };
    stage::main(shown, |feed, _: Timings| routes(feed))
}

/// Adds the page and `GET /api/v1/live-data`.
pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/", web::get().to(page));
        app.route("/api/v1/live-data", web::get().to(live_data));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

/// Answers with all that comes from now on, an event a sample.
async fn live_data(feed: Data<Feed>) -> HttpResponse {
    let mut follower = feed.follow(None);
    let events = stream! {
        while let Some(batch) = follower.next().await {
            for sample in &batch.samples {
                let event = format!("data: {}\n\n", sample.json);
                yield Ok::<Bytes, Infallible>(event.into());
            }
        }
    };
    HttpResponse::Ok().content_type("text/event-stream").streaming(events)
}
