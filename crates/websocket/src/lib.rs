//! # WebSocket: both may speak at any time
//!
//! An HTTP request asks to change the protocol of its own connection, and after the
//! response, messages travel both ways in frames of 2 to 14 bytes plus payload (RFC
//! 6455). Nothing else comes with it: heartbeats, reconnecting, resuming, the check
//! of `Origin` and the limits of what a client may send are all ours to do.
//!
//! ```text
//! server ──┬──●─────●─────┬───●──●──┬──   ● a sample is published
//!          │   ╲     ╲   ╱│╲   ╲  ╲ ╱     ╱ what a client says
//! client ──┴────────────╱─┴─────────┴──     goes to everyone
//! ```
//!
//! On the wire: a handshake in HTTP, then frames (client to server always masked).
//!
//! ```text
//! GET /chat?after=k3f9-16 HTTP/1.1
//! Host: localhost:3005
//! Upgrade: websocket
//! Connection: Upgrade
//! Sec-WebSocket-Version: 13
//! Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==
//! Sec-WebSocket-Protocol: chat
//! Origin: http://localhost:3005
//!
//! HTTP/1.1 101 Switching Protocols
//! connection: upgrade
//! upgrade: websocket
//! sec-websocket-accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=
//! sec-websocket-protocol: chat
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! ◄ 81 1e  {"welcome":{"name":"guest 1"}}
//! ◄ 81 43  {"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}
//! ► 81 8f + mask  {"say":"hello"}
//! ◄ 81 35  {"said":{"number":1,"name":"guest 1","text":"hello"}}
//! ◄ 89 00  ping        ► 8a 80 + mask  pong
//! ◄ 81 12  {"heartbeat":true}
//! ► 88 82 + mask  close 1000        ◄ 88 02  close 1000
//! ```
//!
//! `GET /echo` returns every message as it came, up to 1 MiB.
//!
//! Run it: `cargo run -p websocket`, then open <http://localhost:3005/>.

use std::{convert::Infallible, pin::pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    middleware::DefaultHeaders,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    Session,
};
use feed::{Batch, Cursor, Feed, Follower};
use serde::Deserialize;
use stage::{ChatRoom, End, Guest, Routes, Technique};
use tokio::{select, time};

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "websocket",
    port: 3005,
    endpoints: &["/chat", "/echo"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How often to ping a client; one that leaves two unanswered is closed
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
}

/// The query: the id of the last sample that the client has, to resume from there.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What every client is told at shutdown.
const BYE: &str = "the server is shutting down";

/// Adds `GET /chat` and `GET /echo`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let timings = Data::new(timings);
    let room = Data::new(ChatRoom::default());
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone()).app_data(room.clone());
        app.service(web::resource("/chat").wrap(headers.clone()).get(chat));
        app.service(web::resource("/echo").wrap(headers).get(echo));
    }
}

/// Upgrades the connection to a WebSocket that sends samples and every chat message.
async fn chat(
    request: HttpRequest,
    body: Payload,
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
    room: Data<ChatRoom>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    // A message has 4 KiB at most: 280 characters fit, however they are escaped.
    let body = stage::limit_frames(&request, body, 4 << 10)?;
    let (response, mut session, messages) =
        actix_ws::handle_with_protocols(&request, body, &["chat"])?;
    let mut messages = messages.aggregate_continuations();
    let (follower, guest) = (feed.follow(resume.after), room.join());
    spawn(async move {
        let period = timings.heartbeat;
        let talk = talk(&mut session, &mut messages, follower, guest, period);
        let Err(End(reason)) = talk.await;
        let _ = session.close(reason).await; // It fails when the client has left.
    });
    Ok(response)
}

/// Runs one `/chat` connection: returns why it ended.
async fn talk(
    session: &mut Session,
    messages: &mut Messages,
    mut follower: Follower,
    mut guest: Guest,
    period: Duration,
) -> Result<Infallible, End> {
    let mut heartbeat = time::interval_at(time::Instant::now() + period, period);
    heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut unanswered_pings = 0;
    session.text(guest.welcome()).await?;
    loop {
        select! {
            batch = follower.next() => match batch {
                Some(batch) => samples(session, &batch).await?,
                None => return Err(End::because(1001, BYE)),
            },
            said = guest.next_message() => session.text(said).await?,
            message = messages.recv() => match message.ok_or(Closed)?? {
                Message::Text(text) => if let Some(reply) = guest.handle(&text) {
                    session.text(reply).await?;
                },
                Message::Binary(_) => return Err(End::because(1003, "text only")),
                Message::Ping(payload) => session.pong(&payload).await?,
                Message::Pong(_) => unanswered_pings = 0,
                Message::Close(reason) => return Err(End(reason)),
            },
            _ = heartbeat.tick() => ping(session, &mut unanswered_pings).await?,
        }
    }
}

/// Sends each sample as a message. If some were missed, a message before says so:
/// `{"gap":{"missed":12,"restarted":false,"id":"k3f9-29"}}`.
async fn samples(session: &mut Session, batch: &Batch) -> Result<(), Closed> {
    if let Some(gap) = &batch.gap {
        session.text(format!(r#"{{"gap":{}}}"#, gap.json())).await?;
    }
    for sample in &batch.samples {
        session.text(sample.json.clone()).await?;
    }
    Ok(())
}

/// Pings the client, unless it has left two pings unanswered. A browser answers
/// pings without telling the page, so the page gets a message, too.
async fn ping(session: &mut Session, unanswered_pings: &mut u8) -> Result<(), End> {
    if *unanswered_pings == 2 {
        return Err(End::because(1008, "two pings unanswered"));
    }
    *unanswered_pings += 1;
    session.ping(b"").await?;
    Ok(session.text(r#"{"heartbeat":true}"#).await?)
}

/// Upgrades the connection to a WebSocket that returns every message as it came.
async fn echo(
    request: HttpRequest,
    body: Payload,
    feed: Data<Feed>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, 1 << 20)?;
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let mut messages = messages.max_frame_size(1 << 20).aggregate_continuations();
    spawn(async move {
        let Err(End(reason)) = repeat(&mut session, &mut messages, &feed).await;
        let _ = session.close(reason).await; // It fails when the client has left.
    });
    Ok(response)
}

/// Runs one `/echo` connection: returns why it ended.
async fn repeat(
    session: &mut Session,
    messages: &mut Messages,
    feed: &Feed,
) -> Result<Infallible, End> {
    let mut closed = pin!(feed.closed());
    loop {
        select! {
            message = messages.recv() => match message.ok_or(Closed)?? {
                Message::Text(text) => session.text(text).await?,
                Message::Binary(bytes) => session.binary(bytes).await?,
                Message::Ping(payload) => session.pong(&payload).await?,
                Message::Pong(_) => {}
                Message::Close(reason) => return Err(End(reason)),
            },
            () = &mut closed => return Err(End::because(1001, BYE)),
        }
    }
}
