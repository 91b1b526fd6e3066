//! The five techniques on one feed and one port, as a process that can be killed: what
//! one of them says of a sample can be compared with what the others say. And the
//! same with a bug planted, which has to be found in each that has it.

use std::{net::Ipv4Addr, num::NonZeroUsize, time::Duration};

use actix_web::{
    HttpMessage, HttpResponse,
    dev::{Service, ServiceRequest},
    rt::spawn,
    web::{self, Data, Query},
};
use clap::ValueEnum;
use feed::{Cursor, Feed, Random};
use machine::{Program, ServerProcess, shield_from_ctrl_c};
use serde::Deserialize;
use stage::{Hosts, Pages, Routes};
use tokio::time;

use crate::error::Error;

/// A bug that a feed may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bug {
    /// Long polling reads the log, and subscribes after that.
    LostWakeUp,
    /// All five resume one sample too early.
    OffByOne,
    /// No technique announces what a client missed while it was away.
    UnannouncedGap,
}

/// Serves until SIGTERM: `each` samples at a time, `keep` of them kept.
pub(crate) async fn serve(
    every: Duration,
    each: usize,
    keep: NonZeroUsize,
    bug: Option<Bug>,
) -> Result<(), Error> {
    let shutdown = stage::interrupted()?;
    stage::raise_file_limit();
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0)?;
    stage::print_line(&format!(
        "http://localhost:{}/",
        listener.local_addr()?.port()
    ));
    let pages = Pages::find(None, sse::TECHNIQUE)?;
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
    let routes = routes(feed.clone(), every, bug);
    let server =
        stage::serve(listener, Hosts::default(), pages, feed, routes, shutdown);
    Ok(server?.await?)
}

fn routes(feed: Feed, every: Duration, bug: Option<Bug>) -> impl Routes {
    let (day, second) = (Duration::from_secs(86_400), Duration::from_secs(1));
    // Without samples, there is nothing else to do either.
    let heartbeat = second.max(every);
    let short = short_poll::routes(feed.clone(), short_poll::Timings {});
    let hold = Duration::from_secs(30);
    let long = long_poll::routes(feed.clone(), long_poll::Timings { hold });
    let timings = http_stream::Timings { lifetime: day, heartbeat };
    let stream = http_stream::routes(feed.clone(), timings);
    let timings = sse::Timings { heartbeat, weather: heartbeat };
    let events = sse::routes(feed.clone(), timings);
    let timings = websocket::Timings { heartbeat: heartbeat.max(15 * second) };
    let socket = websocket::routes(feed.clone(), timings);
    let five = move |app: &mut web::ServiceConfig| {
        short(app);
        long(app);
        stream(app);
        events(app);
        socket(app);
    };
    move |app| {
        let Some(bug) = bug else { return five(app) };
        let feed = feed.clone();
        app.app_data(Data::new(feed.clone()));
        if bug == Bug::LostWakeUp {
            // The first that is registered for a path is the one that answers.
            app.route("/long-polling", web::get().to(read_then_subscribe));
        }
        app.service(
            web::scope("")
                .wrap_fn(move |mut request, service| {
                    resume_elsewhere(&mut request, bug, &feed);
                    service.call(request)
                })
                .configure(&five),
        );
    }
}

#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// A bug: what is published between reading and subscribing wakes no client.
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

/// Two bugs: a client that comes back is not served from where it was, but from the sample
/// before; or from behind what it missed, and so is not told of that.
fn resume_elsewhere(request: &mut ServiceRequest, bug: Bug, feed: &Feed) {
    let field = request.headers().get("Last-Event-ID");
    let field = field.and_then(|id| id.to_str().ok()?.parse().ok());
    let query = Query::<Resume>::from_query(request.query_string());
    let Some(at) = field.or(query.ok().and_then(|query| query.after)) else {
        return;
    };
    let at = match bug {
        Bug::LostWakeUp => at,
        Bug::OffByOne => Cursor { seq: at.seq.saturating_sub(1), ..at },
        Bug::UnannouncedGap => {
            feed.since(Some(at)).gap.as_ref().map_or(at, |gap| gap.id)
        }
    };
    request.headers_mut().remove("Last-Event-ID");
    if let Ok(uri) = format!("{}?after={at}", request.path()).parse() {
        request.head_mut().uri = uri;
    }
}

/// Starts the five as a process of its own, on any core.
pub(crate) fn start_five(flags: &[&str]) -> Result<ServerProcess, Error> {
    let mut command = five(flags)?.command();
    Ok(ServerProcess::start(shield_from_ctrl_c(&mut command))?)
}

/// This program, as a server.
pub(crate) fn five(flags: &[&str]) -> Result<Program, Error> {
    Ok(Program::this()?.with(["--serve"]).with(flags))
}
