//! The five techniques on one feed and one port, as a process that can be killed: what
//! one of them says of a sample can be compared with what the others say. And the
//! same with a bug planted, which has to be found.

use std::{io, net::Ipv4Addr, num::NonZeroUsize, time::Duration};

use actix_web::{
    HttpResponse,
    rt::spawn,
    web::{self, Bytes, Data, Query},
};
use async_stream::stream;
use clap::ValueEnum;
use feed::{Batch, Cursor, Feed, Random};
use serde::Deserialize;
use stage::{Pages, Routes};
use tokio::time;

/// A bug that a feed may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bug {
    /// Long polling reads the log, and subscribes after that.
    LostWakeUp,
    /// A stream resumes one sample too early.
    OffByOne,
    /// A stream does not tell what it left out.
    UnannouncedGap,
}

/// Serves until SIGTERM: `each` samples at a time, `keep` of them kept.
pub(crate) async fn serve(
    every: Duration,
    each: usize,
    keep: NonZeroUsize,
    bug: Option<Bug>,
) -> io::Result<()> {
    let shutdown = stage::interrupted()?;
    stage::raise_file_limit();
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0)
        .map_err(|error| io::Error::other(error.to_string()))?;
    stage::say(&format!("http://localhost:{}/", listener.local_addr()?.port()));
    let pages = Pages::find(None, sse::TECHNIQUE)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let mut random = Random::new(None);
    let feed = Feed::new(keep, &random.data());
    let publishing = feed.clone();
    spawn(async move {
        if each == 1 {
            return publishing.publish_at_random(every, random).await;
        }
        let mut ticks = time::interval(every);
        while !publishing.is_closed() {
            ticks.tick().await;
            (0..each).for_each(|_| publishing.publish(&random.data()));
        }
    });
    let routes = routes(feed.clone(), bug);
    let server = stage::serve(listener, pages, feed, routes, shutdown);
    server.map_err(|error| io::Error::other(error.to_string()))?.await
}

fn routes(feed: Feed, bug: Option<Bug>) -> impl Routes {
    let (day, heartbeat) = (Duration::from_secs(86_400), Duration::from_secs(1));
    let short = short_poll::routes(feed.clone(), short_poll::Timings {});
    let hold = Duration::from_secs(30);
    let long = long_poll::routes(feed.clone(), long_poll::Timings { hold });
    let timings = http_stream::Timings { lifetime: day, heartbeat };
    let stream = http_stream::routes(feed.clone(), timings);
    let timings = sse::Timings { heartbeat, weather: heartbeat };
    let events = sse::routes(feed.clone(), timings);
    let timings = websocket::Timings { heartbeat: Duration::from_secs(15) };
    let socket = websocket::routes(feed.clone(), timings);
    move |app| {
        // The first that is registered for a path is the one that answers.
        if let Some(bug) = bug {
            app.app_data(Data::new(feed.clone())).app_data(Data::new(bug));
            if bug == Bug::LostWakeUp {
                app.route("/long-polling", web::get().to(read_then_subscribe));
            } else {
                app.route("/stream", web::get().to(wrong_stream));
            }
        }
        short(app);
        long(app);
        stream(app);
        events(app);
        socket(app);
    }
}

#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// A bug: what is published between reading and subscribing wakes nobody.
async fn read_then_subscribe(
    resume: Query<Resume>,
    feed: Data<Feed>,
) -> HttpResponse {
    loop {
        let batch = feed.since(resume.after);
        if !batch.is_empty() {
            let each: Vec<&str> = batch.samples.iter().map(|s| &*s.json).collect();
            return HttpResponse::Ok().body(format!("[{}]", each.join(",")));
        }
        // A server has other things to do in between, too.
        time::sleep(Duration::from_millis(5)).await;
        if feed.next(feed.since(None).cursor()).await.is_none() {
            return HttpResponse::ServiceUnavailable().finish();
        }
    }
}

/// Two bugs: it resumes too early, or does not tell of a gap.
async fn wrong_stream(
    resume: Query<Resume>,
    feed: Data<Feed>,
    bug: Data<Bug>,
) -> HttpResponse {
    let mut after = resume.after;
    if let Some(after) = after.as_mut().filter(|_| **bug == Bug::OffByOne) {
        after.seq = after.seq.saturating_sub(1);
    }
    let mut follower = feed.follow(after);
    HttpResponse::Ok().streaming(stream! {
        while let Some(Batch { gap, samples }) = follower.next().await {
            let mut lines = String::new();
            if let Some(gap) = gap.filter(|_| **bug != Bug::UnannouncedGap) {
                lines += &format!("{{\"gap\":{}}}\n", gap.json());
            }
            lines.extend(samples.iter().map(|sample| format!("{}\n", sample.json)));
            yield Ok::<_, std::convert::Infallible>(Bytes::from(lines));
        }
    })
}
