//! A WebSocket that sends and receives texts of any kind: the whiteboard's.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::error::Error;

/// The first byte of a text message in one frame, and of a ping (RFC 6455 §5.2).
const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
/// A client's frame is masked; with zeros, its payload stays as it is.
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0; 4];
/// Payloads up to here have their length in one byte.
const SHORT_LENGTH: usize = 125;

/// One WebSocket.
#[derive(Debug)]
pub(crate) struct Painter {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Painter {
    /// Connects, from an address of loopback, and upgrades the connection.
    ///
    /// # Errors
    /// When the server refuses.
    pub(crate) async fn open(
        server: SocketAddr,
        from: Ipv4Addr,
        target: &str,
    ) -> Result<Self, Error> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let mut stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut painter = Self { stream, unread: Vec::new() };
        loop {
            let end = painter.unread.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head: Vec<u8> = painter.unread.drain(..end + 4).collect();
                return match head.starts_with(b"HTTP/1.1 101 ") {
                    true => Ok(painter),
                    false => Err(Error::Unexpected {
                        expected: "HTTP/1.1 101",
                        came: String::from_utf8_lossy(&head)
                            .chars()
                            .take(40)
                            .collect(),
                    }),
                };
            }
            painter.fill().await?;
        }
    }

    /// Sends a short text.
    pub(crate) async fn send(&mut self, text: &str) -> Result<(), Error> {
        self.send_frame(TEXT, text.as_bytes()).await
    }

    async fn send_frame(&mut self, first: u8, payload: &[u8]) -> Result<(), Error> {
        debug_assert!(payload.len() <= SHORT_LENGTH);
        let mut frame = vec![first, MASKED | payload.len() as u8];
        frame.extend(MASK);
        frame.extend(payload);
        Ok(self.stream.write_all(&frame).await?)
    }

    /// Waits for the next text, and answers pings meanwhile. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Vec<u8>, Error> {
        loop {
            if let Some((start, end)) = self.frame() {
                let first = self.unread[0];
                let payload = self.unread[start..end].to_vec();
                self.unread.drain(..end);
                match first {
                    TEXT => return Ok(payload),
                    PING => self.send_frame(PONG, &payload).await?,
                    _ => return Err(Error::StreamEnded),
                }
            } else {
                self.fill().await?;
            }
        }
    }

    /// Where the payload of the first frame is, once all of it is there.
    fn frame(&self) -> Option<(usize, usize)> {
        let bytes = &self.unread;
        let (start, length) = match *bytes.get(1)? {
            126 => {
                (4, u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)))
            }
            127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
            short => (2, u64::from(short)),
        };
        let end = start + usize::try_from(length).ok()?;
        (bytes.len() >= end).then_some((start, end))
    }

    async fn fill(&mut self) -> Result<(), Error> {
        self.unread.reserve(4096);
        match self.stream.read_buf(&mut self.unread).await? {
            0 => Err(Error::Closed),
            _ => Ok(()),
        }
    }
}
