//! # HTTP streaming, as often shown
//!
//! The server writes a message, the page reads a chunk, and takes one for the other.
//! On loopback that is mostly true:
//!
//! - Nothing in the stream says where a message ends. A proxy, a slow network or two
//!   quick messages join and split chunks, and `JSON.parse` throws. A letter of two
//!   bytes may be split as well.
//! - There is no heartbeat and no end: a dead server looks like a quiet one.
//! - A cut is the end. The page does not ask again, and could not say where to go on.
//!
//! Run it: `cargo run -p http-stream --example http-stream-as-often-shown --
//! --every 2ms`, then open <http://localhost:3103/>: two samples soon share a chunk,
//! and the page stands still. It says why.

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
        port: 3103,
        source: include_str!("as_often_shown.rs"),
        ..http_stream::TECHNIQUE
    };
    stage::main(shown, |feed, _: Timings| routes(feed))
}

/// Adds the page and `GET /stream`.
pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/", web::get().to(page));
        app.route("/stream", web::get().to(http_stream));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

/// Answers with all that comes from now on, a chunk a sample.
async fn http_stream(feed: Data<Feed>) -> HttpResponse {
    let mut follower = feed.follow(None);
    let chunks = stream! {
        while let Some(batch) = follower.next().await {
            for sample in &batch.samples {
                yield Ok::<Bytes, Infallible>(sample.json.clone().into_bytes());
            }
        }
    };
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").streaming(chunks)
}
