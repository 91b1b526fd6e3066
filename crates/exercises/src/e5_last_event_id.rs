//! # Exercise 5: go on where the stream was cut
//!
//! Each event has an id, and a browser whose stream was cut connects again by itself,
//! with the last id in the field `Last-Event-ID`. This server does not read the field, so
//! what was published in between is lost.
//!
//! **Task**: send the samples after that id. A client without the field gets the newest
//! sample, as before.
//!
//! **Hint**: `request.headers().get("Last-Event-ID")`; a [`Cursor`](feed::Cursor)
//! can be parsed.
//!
//! **Check**: `cargo test -p exercises e5 -- --ignored`

use std::convert::Infallible;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, Data},
};
use async_stream::stream;
use feed::Feed;
use stage::Routes;

/// Adds `GET /api/v1/live-data`.
pub fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/api/v1/live-data", web::get().to(answer));
    }
}

async fn answer(_request: HttpRequest, feed: Data<Feed>) -> HttpResponse {
    let mut follower = feed.follow(None);
    let events = stream! {
        while let Some(batch) = follower.next().await {
            for sample in &batch.samples {
                let event = format!("id: {}\ndata: {}\n\n", sample.id, sample.json);
                yield Ok::<Bytes, Infallible>(event.into());
            }
        }
    };
    HttpResponse::Ok().content_type("text/event-stream").streaming(events)
}
