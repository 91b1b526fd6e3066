//! Exercise 2: the client sends its cursor, and the log has what comes after it. The
//! server still keeps nothing for a client.

use actix_web::{
    HttpResponse,
    web::{self, Data, Query},
};
use exercises::{Resume, samples};
use feed::Feed;
use stage::Routes;

pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/short-polling", web::get().to(answer));
    }
}

async fn answer(resume: Query<Resume>, feed: Data<Feed>) -> HttpResponse {
    let batch = feed.since(resume.after);
    if batch.is_empty() {
        HttpResponse::NoContent().finish()
    } else {
        samples(&batch)
    }
}
