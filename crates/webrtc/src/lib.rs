//! # WebRTC: two pages meet through a server, and then need none
//!
//! Two browsers can't find each other by themselves: each knows its own addresses and
//! keys, and the other has to be told. How, WebRTC leaves to us (*signalling*, RFC 8825
//! §3). Here it is a WebSocket that passes JSON between exactly two pages in a room. Once
//! they have connected, their samples go from page to page, over SCTP over DTLS over UDP
//! (RFC 8831), and this server may end.
//!
//! ```text
//! page A ──┬─ offer, candidates ─► server ─► page B     signalling, once
//!          │◄ answer, candidates ─ server ◄─┘
//!          ╞═ STUN ═ DTLS ═ SCTP ══════════► page B     samples, for as long as both live
//! ```
//!
//! On the wire: a handshake in HTTP, then frames (client to server always masked).
//!
//! ```text
//! GET /signal?room=BCDF HTTP/1.1
//! Host: localhost:3007
//! Upgrade: websocket
//! Connection: Upgrade
//! Sec-WebSocket-Version: 13
//! Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==
//! Origin: http://localhost:3007
//!
//! HTTP/1.1 101 Switching Protocols
//! connection: upgrade
//! upgrade: websocket
//! sec-websocket-accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Thu, 26 Nov 2026 20:38:16 GMT
//!
//! ◄ {"welcome":{"room":"BCDF","offer":true}}
//! ► {"description":{"type":"offer","sdp":"v=0…a=fingerprint:sha-256 4A:…"}}
//! ◄ {"description":{"type":"answer","sdp":"v=0…"}}
//! ► {"candidate":{"candidate":"candidate:1 1 udp 2113937151 3f…c2.local 54321 typ host"}}
//! ◄ {"candidate":null}
//! ◄ {"left":null}
//! ```
//!
//! Run it: `cargo run -p webrtc`, then open <http://localhost:3007/> twice.

mod messages;
mod relay;
mod rooms;

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
use feed::Feed;
use serde::Deserialize;
use stage::{End, Routes, Technique};
use tokio::{select, time};

use crate::{
    messages::ServerMessage,
    relay::reachable_ip,
    rooms::{Rooms, Seat},
};

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "webrtc",
    port: 3007,
    endpoints: &["/signal"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How often to ping a page; one that leaves two unanswered is closed
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
}

/// The query: the code of the room; without it, the page gets a new one.
#[derive(Debug, Deserialize)]
struct Join {
    room: Option<String>,
}

/// What every page is told at shutdown.
const BYE: &str = "the server is shutting down";

/// How long a message may be: a description has about 1000 bytes, a candidate 200.
const MESSAGE_BYTES: usize = 16 << 10;

/// Adds `GET /signal`. Of the feed it has only the end: the samples are the pages' own.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let (feed, timings) = (Data::new(feed), Data::new(timings));
    let rooms = Data::new(Rooms::default());
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone()).app_data(rooms.clone());
        app.service(web::resource("/signal").wrap(headers).get(signal));
    }
}

/// Upgrades the connection to a WebSocket that passes messages between two pages.
async fn signal(
    request: HttpRequest,
    body: Payload,
    join: Query<Join>,
    feed: Data<Feed>,
    timings: Data<Timings>,
    rooms: Data<Rooms>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, MESSAGE_BYTES)?;
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.max_frame_size(MESSAGE_BYTES).aggregate_continuations();
    let relay_ip = reachable_ip(request.app_config().local_addr());
    let seat = rooms.join(join.room.as_deref(), relay_ip);
    spawn(async move {
        let Err(End(reason)) = match seat {
            Ok(seat) => talk(&mut session, messages, seat, &feed, &timings).await,
            Err(refusal) => Err(End::because(1008, &refusal.to_string())),
        };
        let _ = session.close(reason).await; // It fails when the page has left.
    });
    Ok(response)
}

/// Runs one `/signal` connection: returns why it ended.
async fn talk(
    session: &mut Session,
    mut messages: Messages,
    mut seat: Seat,
    feed: &Feed,
    timings: &Timings,
) -> Result<Infallible, End> {
    let period = timings.heartbeat;
    let mut heartbeat = time::interval_at(time::Instant::now() + period, period);
    heartbeat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut unanswered_pings = 0;
    let mut closed = pin!(feed.closed());
    loop {
        select! {
            message = seat.next_message() => send(session, &message).await?,
            message = messages.recv() => match message.ok_or(Closed)?? {
                Message::Text(text) => if let Some(reply) = seat.handle(&text).await {
                    send(session, &reply).await?;
                },
                Message::Binary(_) => return Err(End::because(1003, "text only")),
                Message::Ping(payload) => session.pong(&payload).await?,
                Message::Pong(_) => unanswered_pings = 0,
                Message::Close(reason) => return Err(End(reason)),
            },
            _ = heartbeat.tick() => ping(session, &mut unanswered_pings).await?,
            () = &mut closed => return Err(End::because(1001, BYE)),
        }
    }
}

async fn send(session: &mut Session, message: &ServerMessage) -> Result<(), End> {
    match serde_json::to_string(message) {
        Ok(text) => Ok(session.text(text).await?),
        Err(error) => Err(End::because(1011, &error.to_string())),
    }
}

/// Pings the page, unless it has left two pings unanswered: then it is gone, and its
/// place in the room is free for its next connection.
async fn ping(session: &mut Session, unanswered_pings: &mut u8) -> Result<(), End> {
    if *unanswered_pings == 2 {
        return Err(End::because(1008, "two pings unanswered"));
    }
    *unanswered_pings += 1;
    Ok(session.ping(b"").await?)
}
