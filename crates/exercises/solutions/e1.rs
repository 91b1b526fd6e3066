//! Exercise 1: `timeout` limits the wait. The future that it drops leaves nothing behind
//! in the feed.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{self, Data, Query},
};
use exercises::{Resume, samples};
use feed::Feed;
use stage::Routes;
use tokio::time::timeout;

pub(crate) fn routes(feed: Feed, hold: Duration) -> impl Routes {
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
    hold: Data<Duration>,
) -> HttpResponse {
    match timeout(**hold, feed.next(resume.after)).await {
        Ok(Some(batch)) => samples(&batch),
        Ok(None) => HttpResponse::ServiceUnavailable().finish(),
        Err(_elapsed) => HttpResponse::NoContent().finish(),
    }
}
