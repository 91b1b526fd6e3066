//! The connection to the server behind a lens.

use std::{io, net::SocketAddr};

use socket2::SockRef;
use tokio::net::{TcpSocket, TcpStream};

/// Connects. What ends that midway is a reset: the server may have accepted already.
pub(crate) async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_zero_linger()?;
    let server = socket.connect(address).await?;
    // From now on, an end is a FIN. It fails for a connection that is gone.
    let _ = SockRef::from(&server).set_linger(None);
    Ok(server)
}
