//! # Web Push: a message for a page that is closed
//!
//! The browser keeps one connection to its maker's push service, for all sites. A
//! page subscribes once, and gives us an endpoint there. We POST to it, encrypted
//! for that browser alone; the service passes it on and wakes the page's service
//! worker, which shows a notification. A click opens the page, and it asks for what
//! it has missed.
//!
//! ```text
//! server ───┬─────●─────────────────────┬───   ● a sample is pushed
//!           │      ╲ POST               │ GET /missed?after=…
//! service ──┼───┬───●─────────┬─────────┼───   the browser keeps a WebSocket open
//!           │   │ endpoint     ╲        │
//! browser ──┴───┴───────────────■───────┴───   ■ service worker: a notification
//!       subscribe    closed         click
//! ```
//!
//! On the wire (RFC 8030), what this server sends to an endpoint, and an answer:
//!
//! ```text
//! POST /endpoint/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV HTTP/1.1
//! host: push.example.net
//! ttl: 3600
//! urgency: high
//! topic: sample
//! content-encoding: aes128gcm
//! authorization: vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.…, k=BA1Hxzyi…
//! content-length: 172
//!
//! salt, record size, key, {"id":"k3f9-17",…} encrypted          (encryption.rs)
//!
//! HTTP/1.1 201 Created
//! ```
//!
//! A page has four requests: what key to subscribe with, its subscription, what it
//! has missed, and the presenter's wish to push a sample.
//!
//! ```text
//! GET /key                     {"key":"BA1Hxzyi…","service":null}
//! POST /subscription           {"endpoint":"https://…","keys":{"p256dh":"…",…}}
//! GET /missed?after=k3f9-16    [{"id":"k3f9-17","seq":17,…}], or 204
//! POST /push/k3f9-17           [{"service":"push.example.net","status":201,…}]
//! ```
//!
//! Run it: `cargo run -p push`, then open <http://localhost:3009/>. Without
//! internet: `scripts/push-demo`, with a push service of our own (service.rs).

mod delivery;
mod encryption;
mod endpoint;
mod outcome;
mod refusal;
mod secret_file;
mod service;
mod state;
mod subscription;
mod vapid;

use std::time::{Duration, Instant};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    middleware::DefaultHeaders,
    web::{self, Data, Json, Path, Query},
};
use feed::{Cursor, Feed, Sample};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use stage::{Routes, Technique};

use crate::{
    delivery::Answer,
    outcome::{NotSent, Outcome, Report},
    refusal::Refusal,
    state::Subscriber,
    subscription::{Subscription, SubscriptionMessage},
};
pub use crate::{service::Origin, state::State};

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "push",
    port: 3009,
    endpoints: &["/key", "/subscription", "/missed", "/push"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How long a push service keeps a message for a browser that is away
    #[arg(long, default_value = "1h", value_parser = stage::duration)]
    pub ttl: Duration,
    /// Folder for what is kept across restarts: the server's key, the subscriptions
    #[arg(long, value_name = "FOLDER", default_value = "workshop-state")]
    #[arg(value_parser = State::open)]
    pub state_dir: State,
    /// Be a push service, too, that browsers reach at this origin of this machine
    #[arg(long, value_name = "ORIGIN")]
    pub push_service: Option<Origin>,
}

/// Adds the endpoints of the page and, if there is one, those of the push service.
pub fn routes(feed: Feed, options: Options) -> impl Routes {
    options.state_dir.load(options.push_service.as_deref());
    let service = options.push_service.clone().map(|o| service::routes(o, &feed));
    let (feed, options) = (Data::new(feed), Data::new(options));
    move |app| {
        let at = |path| {
            let headers = DefaultHeaders::new()
                .add(("Cache-Control", "no-store"))
                .add(("X-Content-Type-Options", "nosniff"));
            web::resource(path).wrap(headers)
        };
        app.app_data(feed.clone()).app_data(options.clone());
        app.service(at("/key").get(key));
        app.service(at("/subscription").post(subscribe));
        app.service(at("/missed").get(missed));
        app.service(at("/push/{id}").post(push));
        service.iter().for_each(|service| service(app));
    }
}

/// What a page needs to subscribe, and whether there is a push service here.
#[derive(Debug, Serialize)]
struct KeyMessage<'a> {
    key: String,
    service: Option<&'a str>,
}

async fn key(options: Data<Options>) -> HttpResponse {
    let key = options.state_dir.key().public();
    let service = options.push_service.as_deref();
    HttpResponse::Ok().json(KeyMessage { key, service })
}

/// Keeps a subscription, which a page sends each time that it is opened.
async fn subscribe(
    request: HttpRequest,
    message: Json<SubscriptionMessage>,
    options: Data<Options>,
) -> Result<HttpResponse, Refusal> {
    stage::same_origin(&request)?;
    let allowed = options.push_service.as_deref();
    let subscription = Subscription::check(message.into_inner(), allowed).await?;
    let peer = request.peer_addr().map(|peer| device::of(peer.ip()));
    options.state_dir.subscribe(subscription, peer).await?;
    Ok(HttpResponse::Created().finish())
}

/// The query: the id of the last sample that the page has, to go on from there.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What a page has missed while it was closed: at once, as in short polling.
async fn missed(resume: Query<Resume>, feed: Data<Feed>) -> HttpResponse {
    let batch = feed.since(resume.after);
    if batch.is_empty() {
        return HttpResponse::NoContent().finish();
    }
    let mut response = HttpResponse::Ok();
    if let Some(gap) = &batch.gap {
        response.insert_header(("Feed-Gap", gap.json()));
    }
    let json: Vec<&str> = batch.samples.iter().map(|sample| &*sample.json).collect();
    response.content_type("application/json").body(format!("[{}]", json.join(",")))
}

/// Pushes a sample to all that are subscribed, and tells how each endpoint answered.
async fn push(
    request: HttpRequest,
    id: Path<Cursor>,
    feed: Data<Feed>,
    options: Data<Options>,
) -> Result<HttpResponse, Refusal> {
    stage::same_origin(&request)?;
    refusal::only_this_machine(request.peer_addr())?;
    let before = Cursor { seq: id.seq.saturating_sub(1), ..*id };
    let batch = feed.since(Some(before));
    let sample = batch.samples.iter().find(|sample| sample.id == *id);
    let sample = sample.ok_or(Refusal::NoSample)?;
    let subscribers = options.state_dir.subscribers();
    let sent = subscribers.iter().map(|to| send(sample, to, &options));
    Ok(HttpResponse::Ok().json(join_all(sent).await))
}

/// Sends a sample to one endpoint, and does what its answer asks for.
async fn send(sample: &Sample, to: &Subscriber, options: &Options) -> Report {
    let (begin, state) = (Instant::now(), &options.state_dir);
    let endpoint = &to.subscription.endpoint;
    let outcome = match to.held_for() {
        Some(wait) => Outcome::Held { wait },
        None => post(sample, &to.subscription, options).await.into(),
    };
    match outcome {
        Outcome::Gone { .. } => state.forget(endpoint).await,
        Outcome::Later { wait, .. } => state.hold(endpoint, wait),
        _ => state.count_failures(endpoint, &outcome).await,
    }
    Report::new(endpoint.origin(), outcome, begin.elapsed())
}

/// The one request of this technique (RFC 8030 §5): signed, encrypted, with an end.
async fn post(
    sample: &Sample,
    to: &Subscription,
    options: &Options,
) -> Result<Answer, NotSent> {
    let key = options.state_dir.key();
    let token = key.authorization(&to.endpoint.origin())?;
    let body = encryption::encrypt(sample.json.as_bytes(), &to.keys)?;
    let ttl = options.ttl.as_secs().to_string();
    let fields = [
        ("ttl", &*ttl),      // how many seconds the service keeps it
        ("urgency", "high"), // it may wake a device that saves its battery
        ("topic", "sample"), // it replaces the one before, if that still waits
        ("content-encoding", "aes128gcm"),
        ("authorization", &token),
    ];
    let allowed = options.push_service.as_deref();
    Ok(delivery::post(&to.endpoint, &fields, body, allowed).await?)
}
