//! # MQTT: topics, and a broker between all
//!
//! Clients publish messages to topics and subscribe to them, and know nothing of
//! each other. A broker is between: it keeps the newest message of a topic for those
//! that come later (retained), and publishes, for a client whose connection is lost,
//! the message that it left for this (its will). Browsers speak it inside a
//! WebSocket (MQTT 3.1.1 §6).
//!
//! ```text
//! broker ──┬──────┬──────●──●───●────────╳─   ● a sample: a message to `samples`
//!          │╲     │╲ ╲    ╲  ╲   ╲        ╲   ╲ CONNACK, SUBACK, what is retained,
//! client ──┴─╲────┴─╲─╲────────────────────     and the will of another client
//!       CONNECT  SUBSCRIBE
//! ```
//!
//! On the wire: a handshake with the subprotocol `mqtt`, then packets in binary
//! messages.
//!
//! ```text
//! GET /mqtt HTTP/1.1
//! Host: localhost:3011
//! Upgrade: websocket
//! Connection: Upgrade
//! Sec-WebSocket-Version: 13
//! Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==
//! Sec-WebSocket-Protocol: mqtt
//!
//! HTTP/1.1 101 Switching Protocols
//! connection: upgrade
//! upgrade: websocket
//! sec-websocket-accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=
//! sec-websocket-protocol: mqtt
//! cache-control: no-store
//! x-content-type-options: nosniff
//! date: Fri, 20 Nov 2026 20:38:16 GMT
//!
//! ► 10 23  CONNECT MQTT 4, keep alive 30 s, id ada, will room/ada: fell off
//! ◄ 20 02 00 00  CONNACK
//! ► 82 0c 00 01 …  SUBSCRIBE 1: samples     ◄ 90 03 00 01 00  SUBACK 1
//! ◄ 31 4e …  PUBLISH samples, retained: {"id":"k3f9-16",…}
//! ◄ 30 4e …  PUBLISH samples: {"id":"k3f9-17",…}
//! ► 32 … 00 02 …  PUBLISH 2, QoS 1           ◄ 40 02 00 02  PUBACK 2
//! ► c0 00  PINGREQ   ◄ d0 00  PINGRESP       ► e0 00  DISCONNECT
//! ```
//!
//! This broker sends with QoS 0, at most once: what is published while a client is
//! away is lost to it, but for the retained message. There is no cursor in MQTT.
//!
//! Run it: `cargo run -p mqtt`, then open <http://localhost:3011/>.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorBadRequest,
    http::header::SEC_WEBSOCKET_PROTOCOL,
    middleware::DefaultHeaders,
    rt::spawn,
    web::{self, Bytes, Data, Payload},
};
use actix_ws::Session as Socket;
use feed::Feed;
use stage::{End, Routes, Technique};
use tokio::{
    select,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    incoming::Incoming,
    packets::{ClientPacket, PINGRESP},
    samples::Samples,
    sessions::{Client, Sessions},
};

mod incoming;
mod packets;
mod samples;
mod sessions;
mod topics;

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "mqtt",
    port: 3011,
    endpoints: &["/mqtt"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How long a client may take from the handshake to its CONNECT
    #[arg(long, default_value = "10s", value_parser = stage::duration)]
    pub connect_timeout: Duration,
}

/// Adds `GET /mqtt`.
pub fn routes(feed: Feed, timings: Timings) -> impl Routes {
    let feed = Data::new(feed);
    let timings = Data::new(timings);
    let sessions = Data::new(Sessions::default());
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(feed.clone()).app_data(timings.clone());
        app.app_data(sessions.clone());
        app.service(web::resource("/mqtt").wrap(headers).get(open));
    }
}

/// Upgrades the connection to a WebSocket with the subprotocol `mqtt`.
async fn open(
    request: HttpRequest,
    body: Payload,
    feed: Data<Feed>,
    timings: Data<Timings>,
    sessions: Data<Sessions>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    // A message may hold several packets; this is also what actix-ws takes.
    let body = stage::limit_frames(&request, body, 64 << 10)?;
    let (response, mut socket, messages) =
        actix_ws::handle_with_protocols(&request, body, &["mqtt"])?;
    if !response.headers().contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err(ErrorBadRequest("expected Sec-WebSocket-Protocol: mqtt"));
    }
    let incoming = Incoming::new(messages, &socket);
    spawn(async move {
        let connection = connect(&mut socket, incoming, &feed, &timings, &sessions);
        let Err(End(reason)) = connection.await;
        let _ = socket.close(reason).await; // It fails when the client has left.
    });
    Ok(response)
}

/// Waits for CONNECT, which comes first, answers it, and goes on: returns why it
/// ended.
async fn connect(
    socket: &mut Socket,
    mut incoming: Incoming,
    feed: &Feed,
    timings: &Timings,
    sessions: &Sessions,
) -> Result<Infallible, End> {
    let first = timeout(timings.connect_timeout, incoming.next()).await;
    let first = first.map_err(|_| End::because(1008, "expected CONNECT in time"))?;
    let ClientPacket::Connect(asked) = first? else {
        return Err(End::because(1002, "expected CONNECT first"));
    };
    let client = sessions.connect(asked);
    let is_present = client.as_ref().map(|client| client.is_present);
    socket.binary(packets::connack(is_present)).await?;
    converse(socket, incoming, client?, feed).await
}

/// Runs a connection: returns why it ended. The client's will is published with
/// that, unless it came to DISCONNECT.
async fn converse(
    socket: &mut Socket,
    mut incoming: Incoming,
    mut client: Client,
    feed: &Feed,
) -> Result<Infallible, End> {
    let mut samples = Samples::new(feed.clone(), &client);
    let mut deadline = Instant::now() + client.idle_timeout;
    loop {
        let packets = select! {
            packet = incoming.next() => {
                deadline = Instant::now() + client.idle_timeout;
                answer(packet?, &client, &mut samples)?
            }
            published = client.next() => match published {
                Some(packet) => vec![packet],
                None => return Err(End::because(1008, "its id connects again")),
            },
            samples = samples.next() => match samples {
                Some(packets) => packets,
                None => return Err(End::because(1001, "the server shuts down")),
            },
            () = sleep_until(deadline) => {
                return Err(End::because(1008, "silent beyond its keep alive"));
            }
        };
        for packet in packets {
            socket.binary(packet).await?;
        }
    }
}

/// Does what a packet asks for: returns what to send.
fn answer(
    packet: ClientPacket,
    client: &Client,
    samples: &mut Samples,
) -> Result<Vec<Bytes>, End> {
    match packet {
        ClientPacket::Subscribe(id, filters) => {
            let (codes, retained) = client.subscribe(&filters);
            let newest = samples.subscribe(&filters, client);
            Ok([vec![packets::suback(id, &codes)], retained, newest].concat())
        }
        ClientPacket::Unsubscribe(id, filters) => {
            client.unsubscribe(&filters);
            samples.unsubscribe(client);
            Ok(vec![packets::unsuback(id)])
        }
        ClientPacket::Publish(message, id) => {
            client.publish(&message);
            Ok(id.map(packets::puback).into_iter().collect()) // none for QoS 0
        }
        ClientPacket::Ping => Ok(vec![PINGRESP]),
        ClientPacket::Disconnect => {
            client.forget_will();
            Err(End::because(1000, ""))
        }
        ClientPacket::Connect(_) => Err(End::because(1002, "CONNECT comes once")),
    }
}
