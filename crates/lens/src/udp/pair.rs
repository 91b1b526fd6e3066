//! The relay between two peers, as in WebRTC. Each peer is told a port of the relay
//! instead of the other peer's address, and where each really is, its own STUN packets
//! say.
//!
//! ```text
//!  first ──► ports[0] ═ relay ═ ports[1] ◄── second
//! ```

use std::{
    future::Future,
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::{net::UdpSocket, time::Instant};
use tracing::debug;

use super::{
    control::UdpControl,
    decode::DatagramDecoder,
    drive::{BURST_LIMIT, Ends, drive, send_to},
    flow::{Flow, Shared},
    watcher::DatagramWatcher,
};
use crate::{Direction, Label};

/// How many addresses of a peer are remembered.
const ADDRESS_LIMIT: usize = 8;

/// A relay of datagrams between two peers.
pub struct UdpPair<W> {
    /// The conditions, and the account. Up is from the first peer to the second.
    pub control: UdpControl,
    /// Told of all that passes.
    pub watcher: W,
    sockets: [UdpSocket; 2],
}

impl<W: DatagramWatcher> UdpPair<W> {
    /// Opens two free ports at an address.
    ///
    /// # Errors
    /// When the system does not give them.
    pub async fn bind(
        ip: IpAddr,
        control: UdpControl,
        watcher: W,
    ) -> io::Result<Self> {
        let sockets =
            [UdpSocket::bind((ip, 0)).await?, UdpSocket::bind((ip, 0)).await?];
        Ok(Self { control, watcher, sockets })
    }

    /// The ports: to the first one the first peer sends, to the second the second.
    ///
    /// # Errors
    /// When the system does not know them.
    pub fn ports(&self) -> io::Result<[u16; 2]> {
        let [first, second] = &self.sockets;
        Ok([first.local_addr()?.port(), second.local_addr()?.port()])
    }

    /// Passes datagrams on until `shutdown` is ready.
    ///
    /// # Errors
    /// When the system does not know the address of a socket.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let address = self.sockets[0].local_addr()?;
        let mut shared = Shared { control: self.control, watcher: self.watcher };
        let flow = Flow::open(1, address, &mut shared);
        let peers =
            Peers { sockets: self.sockets, addresses: Default::default(), flow };
        drive(peers, shared, shutdown).await;
        Ok(())
    }
}

struct Peers {
    sockets: [UdpSocket; 2],
    /// Where each peer is: the senders of its STUN packets, the newest first. A peer
    /// with two networks has two addresses.
    addresses: [Vec<SocketAddr>; 2],
    flow: Flow,
}

impl Peers {
    /// Whether a datagram is of this peer. A stranger's is not, but for a STUN packet,
    /// which makes known where the peer is.
    fn is_of(&mut self, peer: usize, from: SocketAddr, datagram: &[u8]) -> bool {
        let known = &mut self.addresses[peer];
        match known.iter().position(|address| *address == from) {
            Some(index) => _ = known.remove(index),
            None if is_stun(datagram) => known.truncate(ADDRESS_LIMIT - 1),
            None => return false,
        }
        known.insert(0, from);
        true
    }
}

/// Sends to both peers, where each was last.
fn sender(
    sockets: &[UdpSocket; 2],
    addresses: &[Vec<SocketAddr>; 2],
) -> impl FnMut(Direction, &[u8]) -> io::Result<usize> {
    |direction, datagram| {
        let to = match direction {
            Direction::Up => 1,
            Direction::Down => 0,
        };
        let address = addresses[to].first().ok_or(ErrorKind::NotConnected)?;
        send_to(&sockets[to], datagram, *address)
    }
}

fn is_stun(datagram: &[u8]) -> bool {
    let spans = DatagramDecoder::default().decode(&Bytes::copy_from_slice(datagram));
    spans.first().is_some_and(|span| span.label == Label::StunType)
}

impl Ends for Peers {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        // Both are asked, so that each wakes this task.
        let ready = self.sockets.each_ref().map(|s| s.poll_recv_ready(context));
        match ready.iter().any(Poll::is_ready) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn receive(
        &mut self,
        buffer: &mut [u8],
        shared: &mut Shared<impl DatagramWatcher>,
    ) {
        for (peer, direction) in [(0, Direction::Up), (1, Direction::Down)] {
            for _ in 0..BURST_LIMIT {
                match self.sockets[peer].try_recv_from(buffer) {
                    Ok((bytes, from))
                        if self.is_of(peer, from, &buffer[..bytes]) =>
                    {
                        let send = sender(&self.sockets, &self.addresses);
                        self.flow.push(direction, &buffer[..bytes], shared, send);
                    }
                    Ok(_) => shared.control.count(|account| account.refused += 1),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => debug!(%error, "no datagram came"),
                }
            }
        }
    }

    fn forward(&mut self, shared: &mut Shared<impl DatagramWatcher>) {
        self.flow.forward(shared, sender(&self.sockets, &self.addresses));
    }

    fn next_due(&self) -> Option<Instant> {
        self.flow.next_due()
    }

    fn flows(&mut self) -> impl Iterator<Item = &mut Flow> {
        std::iter::once(&mut self.flow)
    }

    fn close(self, shared: &mut Shared<impl DatagramWatcher>) {
        self.flow.close(shared);
    }
}
