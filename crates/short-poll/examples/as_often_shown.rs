//! # Short polling, as often shown
//!
//! A timer in the page that asks every second, and a server that answers with the
//! newest value. It works, until you look closer:
//!
//! - The server is not told what the page has, so it can't say what the page missed:
//!   what is published between two polls is never seen, and what is not new is sent
//!   again as if it were.
//! - `setInterval` does not wait for an answer. On a slow way questions pile up, each
//!   on a connection of its own, and an old answer may come last: the page goes back.
//!   (Where it may cache, Chromium asks one after the other; here it may not.)
//!
//! Run it: `cargo run -p short-poll --example short-poll-as-often-shown`, then open
//! <http://localhost:3101/> and look at the numbers. With `-- --every 200ms` they have
//! holes, with `-- --every 5s` they come again and again.

use std::process::ExitCode;

use actix_web::{
    HttpResponse,
    web::{self, Data, Html},
};
use feed::Feed;
use short_poll::Timings;
use stage::{Routes, Technique};

fn main() -> ExitCode {
    let shown = Technique {
        port: 3101,
        endpoints: &["/latest"],
        source: include_str!("as_often_shown.rs"),
        ..short_poll::TECHNIQUE
    };
    stage::main(shown, |feed, _: Timings| routes(feed))
}

/// Adds the page and `GET /latest`.
pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/", web::get().to(page)).route("/latest", web::get().to(latest));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

/// The newest sample, whoever asks, and whatever they have.
async fn latest(feed: Data<Feed>) -> HttpResponse {
    let newest = feed.since(None);
    let json: String = newest.samples.iter().map(|sample| &*sample.json).collect();
    HttpResponse::Ok().content_type("application/json").body(json)
}
