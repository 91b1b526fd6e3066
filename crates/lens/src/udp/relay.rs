//! The relay before a server: each client is a flow, and the server sees each from
//! another port.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::Future,
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdSocket},
    task::{Context, Poll},
};

use tokio::{net::UdpSocket, time::Instant};
use tracing::debug;

use super::{
    control::UdpControl,
    drive::{BURST_LIMIT, Ends, drive, send_to},
    flow::{Flow, Shared},
    watcher::DatagramWatcher,
};
use crate::Direction;

/// How many flows there may be at a time: each takes a file, of the 1024 that a shell gives.
const FLOW_LIMIT: usize = 400;

/// A relay of datagrams between clients and one server.
pub struct UdpRelay<W> {
    /// Where the server is.
    pub server: SocketAddr,
    /// The conditions, and the account.
    pub control: UdpControl,
    /// Told of all that passes.
    pub watcher: W,
}

impl<W: DatagramWatcher> UdpRelay<W> {
    /// Passes datagrams on until `shutdown` is ready.
    pub async fn run(self, socket: UdpSocket, shutdown: impl Future<Output = ()>) {
        let clients = Clients {
            socket,
            server: self.server,
            flows: HashMap::new(),
            opened: 0,
        };
        let shared = Shared { control: self.control, watcher: self.watcher };
        drive(clients, shared, shutdown).await;
    }
}

/// The socket to which all clients send, and a flow for each.
struct Clients {
    socket: UdpSocket,
    server: SocketAddr,
    flows: HashMap<SocketAddr, (Flow, UdpSocket)>,
    /// Flows until now: the last one's id.
    opened: u64,
}

impl Clients {
    /// Takes a client's datagram to its flow, which may be new.
    fn push(
        &mut self,
        client: SocketAddr,
        datagram: &[u8],
        shared: &mut Shared<impl DatagramWatcher>,
    ) -> io::Result<()> {
        let count = self.flows.len();
        let (flow, server) = match self.flows.entry(client) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if count >= FLOW_LIMIT => {
                return Err(ErrorKind::QuotaExceeded.into());
            }
            Entry::Vacant(new) => {
                let socket = connect(self.server)?;
                self.opened += 1;
                new.insert((Flow::open(self.opened, client, shared), socket))
            }
        };
        let send = sender(&self.socket, client, server, self.server);
        flow.push(Direction::Up, datagram, shared, send);
        Ok(())
    }
}

/// Sends to both ends of a flow.
fn sender(
    clients: &UdpSocket,
    client: SocketAddr,
    socket: &UdpSocket,
    server: SocketAddr,
) -> impl FnMut(Direction, &[u8]) -> io::Result<usize> {
    move |direction, datagram| match direction {
        Direction::Up => send_to(socket, datagram, server),
        Direction::Down => send_to(clients, datagram, client),
    }
}

impl Ends for Clients {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        // All are asked, so that each wakes this task.
        let mut ready = self.socket.poll_recv_ready(context).is_ready();
        for (_, socket) in self.flows.values() {
            ready |= socket.poll_recv_ready(context).is_ready();
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    }

    fn receive(
        &mut self,
        buffer: &mut [u8],
        shared: &mut Shared<impl DatagramWatcher>,
    ) {
        for _ in 0..BURST_LIMIT {
            match self.socket.try_recv_from(buffer) {
                Ok((bytes, client)) => {
                    if let Err(error) = self.push(client, &buffer[..bytes], shared) {
                        debug!(%client, %error, "a datagram belongs to no flow");
                        shared.control.count(|account| account.refused += 1);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // Some systems report here that an earlier datagram could not be sent.
                Err(error) => debug!(%error, "no datagram came"),
            }
        }
        for (client, (flow, socket)) in &mut self.flows {
            for _ in 0..BURST_LIMIT {
                match socket.try_recv(buffer) {
                    Ok(bytes) => {
                        let send =
                            sender(&self.socket, *client, socket, self.server);
                        flow.push(Direction::Down, &buffer[..bytes], shared, send);
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => debug!(%error, "the server can't be reached"),
                }
            }
        }
    }

    fn forward(&mut self, shared: &mut Shared<impl DatagramWatcher>) {
        for (client, (flow, server)) in &mut self.flows {
            flow.forward(shared, sender(&self.socket, *client, server, self.server));
        }
        let now = Instant::now();
        let idle = self.flows.extract_if(|_, (flow, _)| flow.idle_at() <= now);
        idle.for_each(|(_, (flow, _))| flow.close(shared));
    }

    fn next_due(&self) -> Option<Instant> {
        let due = |(flow, _): &(Flow, _)| match flow.next_due() {
            Some(due) => due.min(flow.idle_at()),
            None => flow.idle_at(),
        };
        self.flows.values().map(due).min()
    }

    fn flows(&mut self) -> impl Iterator<Item = &mut Flow> {
        self.flows.values_mut().map(|(flow, _)| flow)
    }

    fn close(self, shared: &mut Shared<impl DatagramWatcher>) {
        for (flow, _) in self.flows.into_values() {
            flow.close(shared);
        }
    }
}

/// A socket of its own towards the server, that takes datagrams from there alone.
fn connect(server: SocketAddr) -> io::Result<UdpSocket> {
    let from: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = StdSocket::bind(from)?;
    socket.connect(server)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}
