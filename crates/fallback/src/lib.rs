//! # Fallback: long polling first, a WebSocket as soon as one works
//!
//! What Socket.IO does, in its own protocol (Engine.IO 4 below, Socket.IO 5 on top). A
//! session begins with requests that pass everywhere. Beside them the client tries a
//! WebSocket; when a probe has come back through it, the session moves there. Where no
//! Upgrade passes, it stays with polling, and nobody notices but in latency.
//!
//! ```text
//! server ──┬■■■●┬■■■■●┬■■■■┬──────┬───●──●─   ● a sample is published
//!          │    │     │    │3probe│    ╲  ╲   ■ a poll is held
//! client ──┴────┴──┬──┴────┴─ 5 ──┴───────────
//!                  └ WebSocket: 2probe
//! ```
//!
//! On the wire: a GET opens the session, a POST sends, a GET receives. `␞` is 0x1E.
//!
//! ```text
//! GET /socket.io/?EIO=4&transport=polling HTTP/1.1
//! Host: localhost:3010
//!
//! HTTP/1.1 200 OK
//! content-length: 118
//! content-type: text/plain; charset=UTF-8
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! 0{"sid":"…","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":16384}
//!
//! ► POST …&sid=…  40                      ◄ ok
//! ► GET …&sid=…                           ◄ 40{"sid":"…","pid":"…"}␞42["sample",{…},"k3f9-17"]
//! ► POST …&sid=…  420["say","hello"]      ◄ ok, and in the next poll 430["hello"]
//! ► GET …&transport=websocket&sid=…       ◄ 101
//! ► 2probe  ◄ 3probe, and the held poll is answered with 6  ► 5, and all goes through here
//! ◄ 2 ping  ► 3 pong
//! ```
//!
//! The samples of a gap are lost, unless the client says on connecting where it was:
//! `40{"pid":"…","offset":"k3f9-17"}`. That is our cursor.
//!
//! Run it: `cargo run -p fallback`, then open <http://localhost:3010/>.

use std::convert::Infallible;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    http::Method,
    middleware::DefaultHeaders,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    Session as Socket,
};
use feed::Feed;
use serde::Deserialize;
use stage::{End, Routes, Technique};
use tokio::sync::mpsc;

use crate::{
    packets::BadPacket,
    refusal::Refusal,
    session::{Input, PAYLOAD_BYTES},
    sessions::{Sessions, receive},
};

pub use crate::timings::Timings;

mod packets;
mod refusal;
mod session;
mod sessions;
mod timings;

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "fallback",
    port: 3010,
    endpoints: &["/socket.io/"],
    source: include_str!("lib.rs"),
};

/// The query of every request.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(rename = "EIO")]
    version: Option<String>,
    transport: Option<String>,
    sid: Option<String>,
}

/// Adds `/socket.io/`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let sessions = Data::new(Sessions::new(feed, timings));
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(sessions.clone());
        app.service(web::resource("/socket.io/").wrap(headers).to(answer));
    }
}

/// Every request: by its transport, its `sid` and its method.
async fn answer(
    request: HttpRequest,
    body: Payload,
    asked: Query<Asked>,
    sessions: Data<Sessions>,
) -> Result<HttpResponse> {
    let known = asked.version.as_deref() == Some("4");
    let sid = asked.sid.as_deref().filter(|sid| !sid.is_empty());
    match (asked.transport.as_deref(), sid, request.method()) {
        (Some("websocket"), Some(sid), _) => {
            let inbox = sessions.find(sid)?;
            upgrade(&request, body, Some(inbox), &sessions).await
        }
        (Some("polling"), Some(sid), method) => {
            let inbox = sessions.find(sid)?;
            let text = match *method {
                _ if !known => Err(Refusal::BadRequest),
                Method::GET => receive(&inbox, Input::Poll).await,
                Method::POST => send(body, &inbox).await,
                _ => Err(Refusal::BadRequest),
            };
            Ok(plain(text?))
        }
        (Some("polling" | "websocket"), None, method) if method != Method::GET => {
            Err(Refusal::BadHandshakeMethod.into())
        }
        (Some("websocket"), None, _) if known => {
            upgrade(&request, body, None, &sessions).await
        }
        (Some("polling"), None, _) if known => {
            stage::same_origin(&request).map_err(Refusal::Forbidden)?;
            let inbox = sessions.open(&["websocket"])?;
            Ok(plain(receive(&inbox, Input::Poll).await?))
        }
        (Some("polling" | "websocket"), None, _) => {
            Err(Refusal::UnsupportedVersion.into())
        }
        _ => Err(Refusal::UnknownTransport.into()),
    }
}

/// A POST: packets of the client, which it may send while a poll is held. Only a page of
/// this server can have read the `sid`, so it stands for the check of `Origin`.
async fn send(
    body: Payload,
    inbox: &mpsc::Sender<Input>,
) -> Result<String, Refusal> {
    let body = body.to_bytes_limited(PAYLOAD_BYTES).await;
    let body = body.map_err(|_| Refusal::TooLarge(PAYLOAD_BYTES))?;
    let body = body.map_err(|_| Refusal::BadRequest)?;
    let text = str::from_utf8(&body).map_err(|_| BadPacket::Binary)?.to_owned();
    receive(inbox, |reply| Input::Post(text, reply)).await
}

fn plain(packets: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=UTF-8").body(packets)
}

/// Upgrades the connection to a WebSocket: the session's next transport or, without
/// `sid`, the first and only one of a new session.
async fn upgrade(
    request: &HttpRequest,
    body: Payload,
    inbox: Option<mpsc::Sender<Input>>,
    sessions: &Sessions,
) -> Result<HttpResponse> {
    stage::same_origin(request).map_err(Refusal::Forbidden)?;
    stage::strict_handshake(request).map_err(|_| Refusal::BadRequest)?;
    let body = stage::limit_frames(request, body, PAYLOAD_BYTES)?;
    let (response, mut socket, messages) = actix_ws::handle(request, body)?;
    let messages = messages.aggregate_continuations();
    let link = socket.clone();
    let inbox = match inbox {
        Some(inbox) => inbox,
        None => sessions.open(&[])?,
    };
    receive(&inbox, |reply| Input::Socket(link, reply)).await?;
    spawn(async move {
        let Err(End(reason)) = read(&inbox, &mut socket, messages).await;
        // Both fail when the client or the session is gone already.
        let _ = socket.close(reason).await;
        let _ = inbox.send(Input::SocketEnded).await;
    });
    Ok(response)
}

/// Hands a WebSocket's packets to the session, one a frame: returns why it ended.
async fn read(
    inbox: &mpsc::Sender<Input>,
    socket: &mut Socket,
    mut messages: Messages,
) -> Result<Infallible, End> {
    loop {
        let input = match messages.recv().await.ok_or(Closed)?? {
            Message::Text(text) => Input::Frame(text.to_string()),
            Message::Binary(_) => {
                return Err(End::because(1003, &BadPacket::Binary.to_string()));
            }
            Message::Close(reason) => return Err(End(reason)),
            Message::Ping(payload) => {
                socket.pong(&payload).await?;
                continue;
            }
            Message::Pong(_) => continue,
        };
        inbox.send(input).await.map_err(|_| End(None))?;
    }
}
