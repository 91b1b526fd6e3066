//! A client that is cheap enough for ten thousand of them: one connection, no HTTP
//! library, and a decoder for just what the five techniques send.
//!
//! ```text
//!  socket ──► unread bytes ──► head │ chunk │ frame ──► line │ event ──► Event
//! ```

mod decoder;
mod event;
mod painter;
mod protocol;
mod session;

use std::net::{Ipv4Addr, SocketAddr};

use feed::Cursor;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::error::Error;
use decoder::Decoder;
use session::Session;

pub(crate) use painter::Painter;
pub use {
    event::{Event, Sample},
    protocol::Protocol,
};

/// One connection, from the request on.
#[derive(Debug)]
pub struct Connection {
    transport: Transport,
    unread: Vec<u8>,
    decoder: Decoder,
    /// Bytes sent.
    pub up: u64,
    /// Bytes received.
    pub down: u64,
}

#[derive(Debug)]
enum Transport {
    Tcp(TcpStream),
    Session(Session),
}

impl Connection {
    /// Connects, from an address of loopback.
    ///
    /// # Errors
    /// When the server does not accept it.
    pub async fn open(
        protocol: Protocol,
        server: SocketAddr,
        from: Ipv4Addr,
    ) -> Result<Self, Error> {
        let transport = if protocol.is_session() {
            let opened = Session::open(server, protocol.path(), from).await?;
            Transport::Session(opened)
        } else {
            let socket = TcpSocket::new_v4()?;
            if from != Ipv4Addr::LOCALHOST {
                socket.bind((from, 0).into())?;
            }
            let stream = socket.connect(server).await?;
            stream.set_nodelay(true)?;
            Transport::Tcp(stream)
        };
        let unread = Vec::with_capacity(2048);
        let decoder = Decoder::new(protocol);
        Ok(Self { transport, unread, decoder, up: 0, down: 0 })
    }

    /// Asks for what comes after a sample, or for the newest.
    ///
    /// # Errors
    /// When the server has closed.
    pub async fn ask(&mut self, after: Option<Cursor>) -> Result<(), Error> {
        let request = self.decoder.protocol.request(after);
        self.send(request.as_bytes()).await
    }

    /// Sends bytes as they are; on a session, nothing.
    ///
    /// # Errors
    /// When the server has closed.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Transport::Tcp(stream) = &mut self.transport else { return Ok(()) };
        self.up += bytes.len() as u64;
        Ok(stream.write_all(bytes).await?)
    }

    /// Waits for bytes, and says what they mean. `false`: the server has closed.
    ///
    /// # Errors
    /// When the connection was reset, or what came is not what the technique sends.
    pub async fn read(&mut self, mut on: impl FnMut(Event)) -> Result<bool, Error> {
        self.unread.reserve(1024);
        let count = match &mut self.transport {
            Transport::Tcp(stream) => {
                let count = stream.read_buf(&mut self.unread).await?;
                self.down += count as u64;
                count
            }
            Transport::Session(session) => {
                let count = session.read(&mut self.unread).await;
                (self.up, self.down) = session.bytes();
                count
            }
        };
        let taken = self.decoder.decode(&self.unread, &mut on)?;
        if taken == self.unread.len() {
            self.unread.clear();
        } else {
            self.unread.drain(..taken);
        }
        if !self.decoder.replies.is_empty() {
            let replies = std::mem::take(&mut self.decoder.replies);
            self.send(&replies).await?;
        }
        Ok(count > 0)
    }

    /// How many bytes of what was received were samples' JSON.
    #[must_use]
    pub fn payload(&self) -> u64 {
        self.decoder.payload
    }
}
