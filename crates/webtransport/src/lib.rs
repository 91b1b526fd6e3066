//! # WebTransport: datagrams, and many streams that do not wait for each other
//!
//! A session is one request (CONNECT) of an HTTP/3 connection, so it is QUIC, over
//! UDP. In it, page and server open as many streams as they like, and send
//! datagrams. A lost packet holds up only the streams that had a piece in it. A lost
//! datagram is not sent again.
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
//!     ◄ datagram  {"id":"k3f9-18","seq":18,"at":1795207096301,"data":"ud8a…"}
//!     ► datagram  {"message":1}          ◄ datagram  {"received":1}
//!
//! CONNECT https://localhost:3008/stream?after=k3f9-16     all samples on one stream
//!     ◄ stream    {"id":"k3f9-17",…} {"id":"k3f9-18",…} …
//!
//! CONNECT https://localhost:3008/streams?after=k3f9-16    each on its own stream
//!     ◄ stream    {"id":"k3f9-17",…}     ◄ stream  {"id":"k3f9-18",…}
//! ```
//!
//! In all three, a stream that the client opens is answered on itself, line by line.
//! What must not be lost is said on a stream: `{"gap":{…}}`, `{"bye":"shutdown"}`,
//! and `{"refused":"malformed cursor …"}`. There is no heartbeat: QUIC has its own.
//!
//! `GET /hash` of the page's server says the port, and the hash of the certificate.
//! With the hash, a browser takes a certificate that nobody signed, if it ends
//! within 14 days.
//!
//! Run it: `cargo run -p webtransport`, then open <http://localhost:3008/>.

mod accept;
mod certificate;
mod error;
mod limits;
mod messages;
mod slow_reader;

use std::{future::Future, io, time::Duration};

use actix_web::web::Query;
use feed::{Batch, Cursor, Feed, Follower};
use serde::Deserialize;
use stage::{Routes, Technique, UdpPlace};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    select, spawn,
    time::timeout,
};
use wtransport::{Connection, RecvStream, SendStream, endpoint::SessionRequest};

use crate::{
    error::End,
    limits::{LAST_MESSAGE_GRACE, STREAM_BYTES},
    messages::{ServerMessage, acknowledge},
};

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

/// Listens for sessions. Returns the route of `GET /hash`, and what serves sessions
/// until the feed is closed and each client was told.
///
/// # Errors
/// When the system does not give us the UDP port.
pub fn listen(
    feed: Feed,
    timings: Timings,
    UdpPlace { address, hosts }: UdpPlace,
) -> io::Result<(impl Routes, impl Future<Output = ()>)> {
    let (endpoint, renewal, routes) = certificate::endpoint(address, timings.renew)?;
    let sessions = async move {
        let followed = feed.clone();
        let serve = move |request| session(request, followed.clone());
        accept::until(feed.closed(), endpoint, renewal, hosts, serve).await;
    };
    Ok((routes, sessions))
}

/// Serves a session. Its last message says why the server ends it. Closing would
/// drop what the client has not read yet, so the client is left to close.
async fn session(request: SessionRequest, feed: Feed) -> Result<(), End> {
    let target = request.path().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let Some(mut lane) = Lane::at(path) else {
        request.not_found().await;
        return Ok(());
    };
    let client = request.accept().await?;
    let last = match Query::<Resume>::from_query(query) {
        Ok(query) => follow(&client, &mut lane, feed.follow(query.after)).await?,
        Err(error) => ServerMessage::Refused(error.to_string()),
    };
    lane.write(&client, &last.line()).await?;
    let _ = timeout(LAST_MESSAGE_GRACE, client.closed()).await;
    Ok(())
}

/// Sends samples and acknowledges what the client sends, until the feed is closed.
async fn follow(
    client: &Connection,
    lane: &mut Lane,
    mut follower: Follower,
) -> Result<ServerMessage, End> {
    let address = client.remote_address();
    loop {
        select! {
            batch = follower.next() => match batch {
                Some(batch) => {
                    slow_reader::logged(address, lane.send(client, &batch)).await?;
                }
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

    /// Sends a batch. A browser drops datagrams that come before its session is
    /// ready, so the first batch goes on a stream, and so does all that must not be
    /// lost.
    async fn send(&mut self, client: &Connection, batch: &Batch) -> Result<(), End> {
        let gap = batch.gap.clone().map(|gap| ServerMessage::Gap(gap).line());
        let samples = batch.samples.iter().map(|s| [&*s.json, "\n"].concat());
        let lines = gap.into_iter().chain(samples);
        match self {
            Self::Datagrams { there: true } if batch.gap.is_none() => {
                for line in lines {
                    // It fails if the sample is too large for a datagram.
                    if client.send_datagram(line.trim_end()).is_err() {
                        self.write(client, &line).await?;
                    }
                }
            }
            Self::Streams => {
                for line in lines {
                    self.write(client, &line).await?;
                }
            }
            _ => self.write(client, &lines.collect::<String>()).await?,
        }
        Ok(())
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
        let receipt = acknowledge(line.as_bytes()).line();
        answers.write_all(receipt.as_bytes()).await?;
    }
    Ok(())
}
