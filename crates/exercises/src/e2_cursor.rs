//! # Exercise 2: only what is new
//!
//! This short poll answers with the newest sample, whatever the client has. Of several
//! samples between two requests only the last one is sent, and when there was none, the
//! client is sent again what it has.
//!
//! **Task**: answer with all samples after the cursor in `?after=`, and with 204 when
//! there are none.
//!
//! **Hint**: [`Feed::since`] takes a cursor, and a batch knows whether it is empty.
//!
//! **Check**: `cargo test -p exercises e2 -- --ignored`

use actix_web::{
    HttpResponse,
    web::{self, Data, Query},
};
use feed::Feed;
use stage::Routes;

use crate::{Resume, samples};

/// Adds `GET /short-polling`.
pub fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/short-polling", web::get().to(answer));
    }
}

async fn answer(_resume: Query<Resume>, feed: Data<Feed>) -> HttpResponse {
    samples(&feed.since(None))
}
