//! # WebTransport: datagrams, and many streams that do not wait for each other
//!
//! A session is one request (CONNECT) of an HTTP/3 connection, so it is QUIC, over UDP.
//! In it, page and server open as many streams as they like, and send datagrams. A lost
//! packet holds up only the streams that had a piece in it. A lost datagram is not sent
//! again.
//!
//! ```text
//! server ──┬──●─────●──●─────●──   ● a sample is published
//!          │   ╲     ╳  ╲     ╲    ╳ a packet is lost
//! client ──┴────────────────────
//! ```
//!
//! The same samples in three sessions. Each message is one line of JSON:
//!
//! ```text
//! CONNECT https://localhost:3008/datagrams?after=k3f9-16
//!     ◄ stream    {"id":"k3f9-17",…}     what came before the client: on a stream
//!     ◄ datagram  {"id":"k3f9-18","seq":18,"at":1795207096301,"data":"ud8adpbt5tel0"}
//!     ► datagram  {"message":1}          ◄ datagram  {"received":1}
//!
//! CONNECT https://localhost:3008/stream?after=k3f9-16      all samples on one stream
//!     ◄ stream    {"id":"k3f9-17",…} {"id":"k3f9-18",…} …
//!
//! CONNECT https://localhost:3008/streams?after=k3f9-16     each on a stream of its own
//!     ◄ stream    {"id":"k3f9-17",…}     ◄ stream  {"id":"k3f9-18",…}
//! ```
//!
//! In all three, a stream that the client opens is answered on itself, line by line. What
//! must not be lost is said on a stream: `{"gap":{…}}`, `{"bye":"shutdown"}`, and
//! `{"refused":"malformed cursor …"}`. There is no heartbeat: QUIC has its own.
//!
//! `GET /hash` of the page's server says the port, and the hash of the certificate. With
//! the hash, a browser takes a certificate that nobody signed, if it ends within 14 days.
//!
//! Run it: `cargo run -p webtransport`, then open <http://localhost:3008/>.

mod error;
mod limits;

use std::{future::Future, io, net::SocketAddr, pin::pin, time::Duration};

use actix_web::{
    HttpResponse,
    error::QueryPayloadError,
    web::{self, Data, Query},
};
use feed::{Batch, Cursor, Feed, Follower, Gap};
use serde::{Deserialize, Serialize};
use stage::{Hosts, Routes, Technique, UdpPlace};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    select, spawn,
    sync::watch,
    task::JoinSet,
    time::{interval, timeout},
};
use tracing::{debug, error};
use wtransport::{
    Connection, Endpoint, Identity, RecvStream, SendStream, ServerConfig,
    endpoint::{IncomingSession, SessionRequest, endpoint_side::Server},
};

use crate::error::End;

/// The name, port, endpoints and source of this technique.
pub const TECHNIQUE: Technique = Technique {
    name: "webtransport",
    port: 3008,
    endpoints: &["/hash"],
    source: include_str!("lib.rs"),
};

/// The technique's own flags.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How often to draw a new certificate: browsers want one of at most 14 days
    #[arg(long, default_value = "24h", value_parser = stage::duration)]
    pub renew: Duration,
}

/// The query: the id of the last sample that the client has, to resume from there.
#[derive(Debug, Deserialize)]
struct Resume {
    after: Option<Cursor>,
}

/// What `/hash` tells a page: the UDP port, and the certificate's SHA-256.
#[derive(Debug, Clone, Serialize)]
struct HashMessage {
    port: u16,
    hash: [u8; 32],
}

/// What a client says, in a datagram or in a line of a stream that it opens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClientMessage {
    /// A number, to be acknowledged.
    Message(u64),
}

/// What the server says besides samples. `Bye` and `Refused` are the last of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum ServerMessage {
    Gap(Gap),
    Received(u64),
    Error(String),
    Bye(&'static str),
    Refused(String),
}

/// How long a client has to ask for a session, and at the end, to read the last message.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const LAST_MESSAGE_GRACE: Duration = Duration::from_secs(1);
/// Sessions at a time, and bytes of a stream that a client opens.
const SESSION_LIMIT: usize = 1000;
const STREAM_BYTES: u64 = 64 << 10;

/// Listens for sessions. Returns the route of `GET /hash`, and what serves the sessions
/// until the feed is closed and each client was told.
///
/// # Errors
/// When the system does not give us the UDP port.
pub fn listen(
    feed: Feed,
    timings: Timings,
    UdpPlace { address, hosts }: UdpPlace,
) -> io::Result<(impl Routes, impl Future<Output = ()>)> {
    let (config, hash) = draw_certificate(address)?;
    let endpoint = Endpoint::server(config)?;
    let port = endpoint.local_addr()?.port();
    let (renewed, hash) = watch::channel(HashMessage { port, hash });
    let hash = Data::new(hash);
    let routes = move |app: &mut web::ServiceConfig| {
        app.app_data(hash.clone()).service(stage::get("/hash", tell_hash));
    };
    Ok((routes, serve(endpoint, feed, hosts, timings.renew, renewed)))
}

/// A certificate that nobody signs, for 14 days, and the hash by which a page trusts it.
fn draw_certificate(address: SocketAddr) -> io::Result<(ServerConfig, [u8; 32])> {
    let identity = Identity::self_signed(["localhost"]).map_err(io::Error::other)?;
    let certificate = identity.certificate_chain().as_slice().first();
    let hash = certificate.map(|c| *c.hash().as_ref()).unwrap_or_default();
    let config = ServerConfig::builder()
        .with_bind_address(address)
        .with_custom_transport(identity, limits::transport())
        .build();
    Ok((config, hash))
}

async fn tell_hash(hash: Data<watch::Receiver<HashMessage>>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(&*hash.borrow())
}

/// Accepts sessions, and now and then renews the certificate, until the feed is closed.
async fn serve(
    endpoint: Endpoint<Server>,
    feed: Feed,
    hosts: Hosts,
    period: Duration,
    renewed: watch::Sender<HashMessage>,
) {
    let mut sessions = JoinSet::new();
    let mut renewal = interval(period);
    renewal.tick().await; // The first is now, and the certificate is new.
    let mut closed = pin!(feed.closed());
    loop {
        select! {
            incoming = endpoint.accept() => match sessions.len() {
                SESSION_LIMIT.. => incoming.refuse(),
                _ => drop(sessions.spawn(session(incoming, feed.clone(), hosts.clone()))),
            },
            Some(_) = sessions.join_next() => {}
            _ = renewal.tick() => renew(&endpoint, &renewed),
            () = &mut closed => break,
        }
    }
    let told = async { while sessions.join_next().await.is_some() {} };
    let _ = timeout(LAST_MESSAGE_GRACE, told).await; // Some read nothing.
}

/// Connections that are open keep the certificate that they were opened with.
fn renew(endpoint: &Endpoint<Server>, renewed: &watch::Sender<HashMessage>) {
    let drawn = endpoint.local_addr().and_then(draw_certificate);
    match drawn.and_then(|(config, hash)| {
        Ok((endpoint.reload_config(config, false)?, hash))
    }) {
        Ok(((), hash)) => renewed.send_modify(|message| message.hash = hash),
        Err(error) => error!(%error, "the certificate stays the old one"),
    }
}

/// Runs one session, from its handshake to its end.
async fn session(incoming: IncomingSession, feed: Feed, hosts: Hosts) {
    let request = match timeout(HANDSHAKE_TIMEOUT, incoming).await {
        Ok(Ok(request)) => request,
        Ok(Err(error)) => return debug!(%error, "no session"),
        Err(_) => return debug!("no session within {HANDSHAKE_TIMEOUT:?}"),
    };
    if !stage::is_own_page(&hosts, request.origin(), request.authority()) {
        return request.forbidden().await;
    }
    let target = request.path().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let Some(lane) = Lane::at(path) else { return request.not_found().await };
    let resume = Query::<Resume>::from_query(query).map(|query| query.0.after);
    if let Err(end) = talk(request, lane, resume, feed).await {
        debug!(path, %end, "a session ended");
    }
}

/// Accepts the session; its last message says why the server ends it. Closing would
/// drop what the client has not read yet, so the client is left to close.
async fn talk(
    request: SessionRequest,
    mut lane: Lane,
    resume: Result<Option<Cursor>, QueryPayloadError>,
    feed: Feed,
) -> Result<(), End> {
    let client = request.accept().await?;
    let last = match resume {
        Ok(after) => follow(&client, &mut lane, feed.follow(after)).await?,
        Err(error) => ServerMessage::Refused(error.to_string()),
    };
    lane.write(&client, &(last.json() + "\n")).await?;
    let _ = timeout(LAST_MESSAGE_GRACE, client.closed()).await;
    Ok(())
}

/// Sends samples and acknowledges what the client sends, until the feed is closed.
async fn follow(
    client: &Connection,
    lane: &mut Lane,
    mut follower: Follower,
) -> Result<ServerMessage, End> {
    loop {
        select! {
            batch = follower.next() => match batch {
                Some(batch) => lane.send(client, &batch).await?,
                None => return Ok(ServerMessage::Bye("shutdown")),
            },
            datagram = client.receive_datagram() => {
                // It may be lost, as any datagram.
                let _ = client.send_datagram(acknowledge(&datagram?).json());
            }
            stream = client.accept_bi() => drop(spawn(answer(stream?))),
        }
    }
}

/// How the samples of a session travel.
enum Lane {
    /// Each in a datagram, as soon as the client is known to be there.
    Datagrams { there: bool },
    /// All on one stream, which is opened for the first.
    Stream(Option<SendStream>),
    /// Each on a stream of its own.
    Streams,
}

impl Lane {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/datagrams" => Some(Self::Datagrams { there: false }),
            "/stream" => Some(Self::Stream(None)),
            "/streams" => Some(Self::Streams),
            _ => None,
        }
    }

    /// Sends a batch. A browser drops datagrams that come before its session is ready,
    /// so the first batch goes on a stream, and so does all that must not be lost.
    async fn send(&mut self, client: &Connection, batch: &Batch) -> Result<(), End> {
        let certain = batch.gap.is_some();
        let gap = batch.gap.clone().map(|gap| ServerMessage::Gap(gap).json() + "\n");
        let samples = batch.samples.iter().map(|s| [&*s.json, "\n"].concat());
        let lines = gap.into_iter().chain(samples);
        match self {
            Self::Datagrams { there: true } if !certain => {
                for line in lines {
                    // It fails if the sample is too large for a datagram.
                    if client.send_datagram(line.trim_end()).is_err() {
                        self.write(client, &line).await?;
                    }
                }
                Ok(())
            }
            Self::Streams => {
                for line in lines {
                    self.write(client, &line).await?;
                }
                Ok(())
            }
            _ => self.write(client, &lines.collect::<String>()).await,
        }
    }

    /// Writes lines to the session's stream, or to a new one.
    async fn write(&mut self, client: &Connection, lines: &str) -> Result<(), End> {
        if let Self::Stream(Some(stream)) = self {
            return Ok(stream.write_all(lines.as_bytes()).await?);
        }
        let mut stream = client.open_uni().await?.await?;
        stream.write_all(lines.as_bytes()).await?;
        match self {
            Self::Stream(kept) => *kept = Some(stream),
            // Waits until the client has acknowledged all of it: it is there.
            Self::Datagrams { there } => {
                stream.finish().await?;
                *there = true;
            }
            // Dropping the stream finishes it, too, and the next need not wait.
            Self::Streams => drop(stream),
        }
        Ok(())
    }
}

/// Acknowledges each line of a stream that the client has opened.
async fn answer((mut answers, lines): (SendStream, RecvStream)) -> Result<(), End> {
    let mut lines = BufReader::new(lines.take(STREAM_BYTES)).lines();
    while let Some(line) = lines.next_line().await? {
        let receipt = acknowledge(line.as_bytes()).json() + "\n";
        answers.write_all(receipt.as_bytes()).await?;
    }
    Ok(())
}

/// Acknowledges a message, or says what is wrong with it.
fn acknowledge(message: &[u8]) -> ServerMessage {
    match serde_json::from_slice(message) {
        Ok(ClientMessage::Message(number)) => ServerMessage::Received(number),
        Err(error) => {
            let text = format!("{error}: expected {{\"message\":1}}");
            ServerMessage::Error(text)
        }
    }
}

impl ServerMessage {
    /// As a line of JSON, without its end. (That fails for no message of ours.)
    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
