//! A session of WebTransport, by the library that its server is made with.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinSet,
};
use wtransport::{
    ClientConfig, Connection, Endpoint, RecvStream, tls::Sha256Digest,
};

use crate::error::Error;

/// Lines that came and were not read yet.
const LINES_CAPACITY: usize = 64;

/// What `GET /hash` says: the UDP port, and the hash of the certificate.
#[derive(Debug, Deserialize)]
struct Certificate {
    port: u16,
    hash: [u8; 32],
}

/// A session whose messages come as lines, whichever way they took.
#[derive(Debug)]
pub(super) struct Session {
    connection: Connection,
    lines: Receiver<Vec<u8>>,
    /// What reads datagrams and streams. They end with the session.
    _readers: JoinSet<()>,
}

impl Session {
    /// Opens one, as a page does: it asks for the certificate's hash first.
    pub(super) async fn open(
        page: SocketAddr,
        path: &str,
        from: Ipv4Addr,
    ) -> Result<Self, Error> {
        let Certificate { port, hash } = certificate(page).await?;
        let config = ClientConfig::builder()
            .with_bind_address((from, 0).into())
            .with_server_certificate_hashes([Sha256Digest::new(hash)])
            .build();
        let url = format!("https://{}:{port}{path}", page.ip());
        let connection = Endpoint::client(config)?.connect(url).await?;
        let (sender, lines) = channel(LINES_CAPACITY);
        let mut readers = JoinSet::new();
        readers.spawn(datagrams(connection.clone(), sender.clone()));
        readers.spawn(streams(connection.clone(), sender));
        Ok(Self { connection, lines, _readers: readers })
    }

    /// Waits for a line, and appends it. Returns its length; 0 when the session has ended.
    pub(super) async fn read(&mut self, unread: &mut Vec<u8>) -> usize {
        let Some(line) = self.lines.recv().await else { return 0 };
        unread.extend_from_slice(&line);
        line.len()
    }

    /// Bytes sent and received so far: all that UDP carried.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let stats = self.connection.quic_connection().stats();
        (stats.udp_tx.bytes, stats.udp_rx.bytes)
    }
}

async fn certificate(page: SocketAddr) -> Result<Certificate, Error> {
    let mut stream = TcpStream::connect(page).await?;
    let request =
        b"GET /hash HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    let (_, content) = response.split_once("\r\n\r\n").unwrap_or_default();
    Ok(serde_json::from_str(content)?)
}

async fn datagrams(connection: Connection, lines: Sender<Vec<u8>>) {
    while let Ok(datagram) = connection.receive_datagram().await {
        let line = [&datagram[..], b"\n"].concat();
        if lines.send(line).await.is_err() {
            return;
        }
    }
}

/// Each stream has a task of its own, so that none waits for another.
async fn streams(connection: Connection, lines: Sender<Vec<u8>>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            stream = connection.accept_uni() => match stream {
                Ok(stream) => drop(open.spawn(read_lines(stream, lines.clone()))),
                Err(_) => return,
            },
            Some(_) = open.join_next() => {}
        }
    }
}

async fn read_lines(stream: RecvStream, lines: Sender<Vec<u8>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        match stream.read_until(b'\n', &mut line).await {
            Ok(1..) if lines.send(line).await.is_ok() => {}
            _ => return,
        }
    }
}
