//! # Long polling, as often shown
//!
//! A request is held, and a timer looks every 5 s whether the data is another than
//! the one that was sent last, to whomever. It looks like long polling:
//!
//! - A sample waits for the next tick: as late as short polling every 5 s.
//! - The one `latest_data` is everybody's. Whoever looks first takes the news; the
//!   others find nothing new and are told so, with 204.
//! - What comes between two ticks, or between two requests, is never seen.
//!
//! Run it: `cargo run -p long-poll --example long-poll-as-often-shown`, then open
//! <http://localhost:3102/> in two windows: each number appears in one of them.

use std::{
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    web::{self, Data, Html},
};
use feed::Feed;
use stage::{Routes, Technique};
use tokio::time::{interval, timeout};

fn main() -> ExitCode {
    let shown = Technique {
        port: 3102,
        source: include_str!("as_often_shown.rs"),
        ..long_poll::TECHNIQUE
    };
    stage::main(shown, routes)
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Timings {
    /// How often to look whether there is something new
    #[arg(long, default_value = "5s", value_parser = stage::duration)]
    pub(crate) tick: Duration,
    /// How long to hold a request while there is nothing new
    #[arg(long, default_value = "30s", value_parser = stage::duration)]
    pub(crate) hold: Duration,
}

/// Adds the page and `GET /long-polling`.
pub(crate) fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let timings = Data::new(timings);
    let latest_data = Data::new(Mutex::new("initial data".to_owned()));
    move |app| {
        app.app_data(feed.clone()).app_data(timings.clone());
        app.app_data(latest_data.clone());
        app.route("/", web::get().to(page));
        app.route("/long-polling", web::get().to(long_polling));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

/// Answers at a tick at which `latest_data` is not the newest any more.
async fn long_polling(
    feed: Data<Feed>,
    timings: Data<Timings>,
    latest_data: Data<Mutex<String>>,
) -> HttpResponse {
    let look = async {
        let mut tick = interval(timings.tick);
        tick.reset();
        loop {
            tick.tick().await;
            let new_data = newest(&feed);
            let mut latest_data =
                latest_data.lock().unwrap_or_else(PoisonError::into_inner);
            if new_data != *latest_data {
                latest_data.clone_from(&new_data);
                return new_data;
            }
        }
    };
    match timeout(timings.hold, look).await {
        Ok(json) => HttpResponse::Ok().content_type("application/json").body(json),
        Err(_elapsed) => HttpResponse::NoContent().finish(),
    }
}

fn newest(feed: &Feed) -> String {
    feed.since(None).samples.iter().map(|sample| &*sample.json).collect()
}
