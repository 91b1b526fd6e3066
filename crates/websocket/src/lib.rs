//! # WebSocket: both may speak at any time
//!
//! An HTTP request asks to change the protocol of its own connection, and from the
//! answer on, messages travel both ways in frames of 2 to 14 bytes plus payload
//! (RFC 6455). Nothing comes back by itself here: heartbeat, reconnection, resuming,
//! who may connect and how much they may send are all ours to do.
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

use std::{pin::pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    middleware::DefaultHeaders,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, CloseCode,
    CloseReason, Closed, Session,
};
use feed::{Cursor, Feed, Follower};
use serde::Deserialize;
use stage::{ChatRoom, Guest, Routes, Technique};
use tokio::{select, time};

/// The name and the address of this technique.
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

/// Where a client wants to go on.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What everybody is told in the end.
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

/// Becomes a WebSocket that pushes samples, and what anybody says.
async fn chat(
    request: HttpRequest,
    body: Payload,
    resume: Query<Resume>,
    feed: Data<Feed>,
    timings: Data<Timings>,
    room: Data<ChatRoom>,
) -> Result<HttpResponse> {
    // At most 4 KiB: 280 characters fit into it, however they are escaped.
    let body = stage::guard(&request, body, 4 << 10)?;
    let (response, mut session, messages) =
        actix_ws::handle_with_protocols(&request, body, &["chat"])?;
    let messages = messages.aggregate_continuations();
    let (follower, guest) = (feed.follow(resume.after), room.join());
    spawn(async move {
        let talk = talk(&mut session, messages, follower, guest, timings.heartbeat);
        let reason = talk.await.unwrap_or(None);
        // A client that has left can't be told.
        let _ = session.close(reason).await;
    });
    Ok(response)
}

/// All that happens on a `/chat`, until it ends: with a reason to close it, or
/// because it is closed.
async fn talk(
    session: &mut Session,
    mut messages: Messages,
    mut follower: Follower,
    mut guest: Guest,
    heartbeat: Duration,
) -> Result<Option<CloseReason>, Closed> {
    let mut heartbeat = time::interval(heartbeat);
    heartbeat.reset();
    heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut unanswered = 0;
    session.text(guest.welcome()).await?;
    loop {
        select! {
            batch = follower.next() => {
                let Some(batch) = batch else { return Ok(close(1001, BYE)) };
                if let Some(gap) = &batch.gap {
                    session.text(format!(r#"{{"gap":{}}}"#, gap.json())).await?;
                }
                for sample in batch.samples {
                    session.text(sample.json).await?;
                }
            }
            said = guest.next_message() => session.text(said).await?,
            message = messages.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    if let Some(reply) = guest.handle(&text) {
                        session.text(reply).await?;
                    }
                }
                Some(Ok(Message::Binary(_))) => return Ok(close(1003, "text only")),
                Some(Ok(Message::Ping(payload))) => session.pong(&payload).await?,
                Some(Ok(Message::Pong(_))) => unanswered = 0,
                Some(Ok(Message::Close(reason))) => return Ok(reason),
                Some(Err(error)) => return Ok(Some(stage::close_reason(&error))),
                None => return Err(Closed),
            },
            _ = heartbeat.tick() => {
                if unanswered == 2 {
                    return Ok(close(1008, "two pings unanswered"));
                }
                unanswered += 1;
                session.ping(b"").await?;
                // The browser answers a ping and tells the page nothing: for the
                // page, a message.
                session.text(r#"{"heartbeat":true}"#).await?;
            }
        }
    }
}

/// Becomes a WebSocket that returns every message as it came.
async fn echo(
    request: HttpRequest,
    body: Payload,
    feed: Data<Feed>,
) -> Result<HttpResponse> {
    let body = stage::guard(&request, body, 1 << 20)?;
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.max_frame_size(1 << 20).aggregate_continuations();
    spawn(async move {
        let reason = repeat(&mut session, messages, &feed).await.unwrap_or(None);
        let _ = session.close(reason).await;
    });
    Ok(response)
}

/// All that happens on an `/echo`, until it ends.
async fn repeat(
    session: &mut Session,
    mut messages: Messages,
    feed: &Feed,
) -> Result<Option<CloseReason>, Closed> {
    let mut closed = pin!(feed.closed());
    loop {
        select! {
            message = messages.recv() => match message {
                Some(Ok(Message::Text(text))) => session.text(text).await?,
                Some(Ok(Message::Binary(bytes))) => session.binary(bytes).await?,
                Some(Ok(Message::Ping(payload))) => session.pong(&payload).await?,
                Some(Ok(Message::Pong(_))) => {}
                Some(Ok(Message::Close(reason))) => return Ok(reason),
                Some(Err(error)) => return Ok(Some(stage::close_reason(&error))),
                None => return Err(Closed),
            },
            () = &mut closed => return Ok(close(1001, BYE)),
        }
    }
}

/// What a Close frame says. Codes: RFC 6455 §7.4.1.
fn close(code: u16, why: &str) -> Option<CloseReason> {
    Some((CloseCode::from(code), why).into())
}
