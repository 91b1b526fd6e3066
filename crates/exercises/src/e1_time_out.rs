//! # Exercise 1: make the long poll time out
//!
//! This long poll holds a request until there is a new sample, however long that takes.
//! A proxy in between often waits for a minute only, and then answers 504 (Gateway
//! Timeout) itself.
//!
//! **Task**: when no sample came within `hold`, answer 204. The client then sends the
//! next request.
//!
//! **Hint**: [`tokio::time::timeout`] takes a time and a future.
//!
//! **Check**: `cargo test -p exercises e1 -- --ignored`

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{self, Data, Query},
};
use feed::Feed;
use stage::Routes;

use crate::{Resume, samples};

/// Adds `GET /long-polling`.
pub fn routes(feed: Feed, hold: Duration) -> impl Routes {
    let feed = Data::new(feed);
    let hold = Data::new(hold);
    move |app| {
        app.app_data(feed.clone()).app_data(hold.clone());
        app.route("/long-polling", web::get().to(answer));
    }
}

async fn answer(
    resume: Query<Resume>,
    feed: Data<Feed>,
    _hold: Data<Duration>,
) -> HttpResponse {
    match feed.next(resume.after).await {
        Some(batch) => samples(&batch),
        None => HttpResponse::ServiceUnavailable().finish(),
    }
}
