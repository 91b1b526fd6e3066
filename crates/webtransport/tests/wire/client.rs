//! A session of a client, line by line and datagram by datagram.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::Value;
use stage::{Hosts, UdpPlace};
use testkit::{Client, Server};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};
use webtransport::{TECHNIQUE, Timings, listen};
use wtransport::{
    ClientConfig, Connection, Endpoint, RecvStream,
    endpoint::ConnectOptions,
    error::{ConnectingError, ConnectionError},
    tls::Sha256Digest,
};

/// How long a test waits for what must come.
pub(crate) const WAIT_TIMEOUT: Duration = testkit::WAIT_TIMEOUT;

/// The paths of the three sessions.
pub(crate) const LANES: [&str; 3] = ["/datagrams", "/stream", "/streams"];

/// Starts the server, which renews its certificate so often.
pub(crate) fn serve(keep: usize, renew: Duration) -> Server {
    Server::start(TECHNIQUE, keep, move |feed| {
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let place = UdpPlace { address, hosts: Hosts::default() };
        let (routes, sessions) = listen(feed, Timings { renew }, place).unwrap();
        actix_web::rt::spawn(sessions);
        routes
    })
}

/// What `/hash` says: the port of the sessions, and the certificate's hash.
pub(crate) fn certificate(page: SocketAddr) -> (u16, [u8; 32]) {
    let mut client = Client::connect(page);
    client.get("/hash");
    let (head, body) = client.response();
    assert_eq!((head.code(), head.field("cache-control")), (200, Some("no-store")));
    let message: Value = serde_json::from_str(&body).unwrap();
    let hash = serde_json::from_value(message["hash"].clone()).unwrap();
    (message["port"].as_u64().unwrap().try_into().unwrap(), hash)
}

/// A client that trusts this certificate.
pub(crate) fn endpoint(
    hash: [u8; 32],
) -> Endpoint<wtransport::endpoint::endpoint_side::Client> {
    let config = ClientConfig::builder()
        .with_bind_address((Ipv4Addr::LOCALHOST, 0).into())
        .with_server_certificate_hashes([Sha256Digest::new(hash)])
        .build();
    Endpoint::client(config).unwrap()
}

/// Waits until so many sessions follow, while ours go on.
pub(crate) async fn followers(server: &Server, count: usize) {
    let reached = async {
        while server.feed.followers() != count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(WAIT_TIMEOUT, reached).await.unwrap();
}

/// A session. Dropped, it ends.
pub(crate) struct Session(pub(crate) Connection);

impl Session {
    pub(crate) async fn open(server: &Server, target: &str) -> Self {
        Self::try_open(server, target, None).await.unwrap()
    }

    pub(crate) async fn open_at(page: SocketAddr, target: &str) -> Self {
        let (port, hash) = certificate(page);
        let url = format!("https://127.0.0.1:{port}{target}");
        Self(endpoint(hash).connect(url).await.unwrap())
    }

    pub(crate) async fn try_open(
        server: &Server,
        target: &str,
        origin: Option<&str>,
    ) -> Result<Self, ConnectingError> {
        let (port, hash) = certificate(server.address);
        let url = format!("https://127.0.0.1:{port}{target}");
        let mut options = ConnectOptions::builder(url);
        if let Some(origin) = origin {
            options = options.add_header("origin", origin);
        }
        Ok(Self(endpoint(hash).connect(options.build()).await?))
    }

    /// The next stream of the server.
    pub(crate) async fn stream(&mut self) -> Lines {
        let stream = timeout(WAIT_TIMEOUT, self.0.accept_uni()).await.unwrap();
        Lines(BufReader::new(stream.unwrap()))
    }

    /// The next datagram.
    pub(crate) async fn datagram(&mut self) -> String {
        let datagram = timeout(WAIT_TIMEOUT, self.0.receive_datagram()).await;
        String::from_utf8(datagram.unwrap().unwrap().to_vec()).unwrap()
    }

    /// So many lines, from as many streams as they take.
    pub(crate) async fn lines(&mut self, count: usize) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.len() < count {
            let mut stream = self.stream().await;
            while lines.len() < count {
                let Some(line) = stream.next().await else { break };
                lines.push(line);
            }
        }
        lines
    }

    /// Sends a datagram.
    pub(crate) fn say(&self, bytes: &[u8]) {
        self.0.send_datagram(bytes).unwrap();
    }

    /// Sends lines on a stream of the client, and returns the answers.
    pub(crate) async fn ask(&self, lines: &str) -> Lines {
        let (mut send, receive) = self.0.open_bi().await.unwrap().await.unwrap();
        send.write_all(lines.as_bytes()).await.unwrap();
        Lines(BufReader::new(receive))
    }

    /// Waits until the server closes the session.
    pub(crate) async fn closed(&self) -> ConnectionError {
        timeout(WAIT_TIMEOUT, self.0.closed()).await.unwrap()
    }
}

/// A stream, line by line.
pub(crate) struct Lines(BufReader<RecvStream>);

impl Lines {
    /// The next line, if the stream does not end before.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(WAIT_TIMEOUT, self.0.read_line(&mut line)).await;
        read.unwrap().unwrap();
        line.strip_suffix('\n').map(str::to_owned)
    }

    pub(crate) async fn line(&mut self) -> String {
        self.next().await.unwrap()
    }

    /// Whether nothing more comes.
    pub(crate) async fn ends(&mut self) -> bool {
        self.next().await.is_none()
    }
}
