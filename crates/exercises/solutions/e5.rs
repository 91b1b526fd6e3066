//! Exercise 5: the browser sends the last id, and the log has the rest. A malformed id is
//! ignored here; the real server answers 400.

use std::convert::Infallible;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, Data},
};
use async_stream::stream;
use feed::{Cursor, Feed};
use stage::Routes;

pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/api/v1/live-data", web::get().to(answer));
    }
}

async fn answer(request: HttpRequest, feed: Data<Feed>) -> HttpResponse {
    let id = request.headers().get("Last-Event-ID");
    let last: Option<Cursor> = id.and_then(|id| id.to_str().ok()?.parse().ok());
    let mut follower = feed.follow(last);
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
