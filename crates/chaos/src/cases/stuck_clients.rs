//! Clients that never read what they asked for.

use std::net::SocketAddr;

use bench::client::Protocol;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

use crate::error::Error;

/// The techniques whose responses have no end.
pub(super) const STREAMS: [Protocol; 3] =
    [Protocol::HttpStream, Protocol::Sse, Protocol::Websocket];

/// Clients that never read what they asked for. Their receive buffers are small: what
/// they don't take has to wait in the server's.
pub(super) async fn never_read(
    server: SocketAddr,
    count: usize,
) -> Result<Vec<TcpStream>, Error> {
    let mut stuck = Vec::new();
    for number in 0..count {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        let mut stream = socket.connect(server).await?;
        let protocol = STREAMS[number % STREAMS.len()];
        stream.write_all(protocol.request(None).as_bytes()).await?;
        stuck.push(stream);
    }
    Ok(stuck)
}
