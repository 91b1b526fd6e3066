//! The loop of a relay: one task that waits for all its sockets, for the next datagram
//! that is due, and for other conditions.

use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::pin,
    task::{Context, Poll},
};

use socket2::SockRef;
use tokio::{
    net::UdpSocket,
    select,
    time::{Instant, sleep_until},
};

use super::{
    flow::{Flow, Shared},
    watcher::DatagramWatcher,
};

/// How many datagrams are taken from a socket before it is the others' turn.
pub(super) const BURST_LIMIT: usize = 32;

/// A datagram has at most 65 507 bytes over IPv4 (RFC 768: the length has 16 bits).
pub(super) const DATAGRAM_LIMIT_BYTES: usize = 1 << 16;

/// Sockets, and the flows between them.
pub(super) trait Ends {
    /// Ready when a socket has a datagram.
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()>;

    /// Takes datagrams from all sockets, into `buffer` and on to their flows.
    fn receive(
        &mut self,
        buffer: &mut [u8],
        shared: &mut Shared<impl DatagramWatcher>,
    );

    /// Sends what is due, and forgets flows that are idle.
    fn forward(&mut self, shared: &mut Shared<impl DatagramWatcher>);

    /// When `forward` has something to do.
    fn next_due(&self) -> Option<Instant>;

    /// All flows.
    fn flows(&mut self) -> impl Iterator<Item = &mut Flow>;

    /// Closes all flows.
    fn close(self, shared: &mut Shared<impl DatagramWatcher>);
}

/// Sends a datagram, at once or never. Not by tokio, which would first wait to hear from
/// the system that a new socket can be written to.
pub(super) fn send_to(
    socket: &UdpSocket,
    datagram: &[u8],
    to: SocketAddr,
) -> io::Result<usize> {
    SockRef::from(socket).send_to(datagram, &to.into())
}

/// Passes datagrams on until `shutdown` is ready.
pub(super) async fn drive(
    mut ends: impl Ends,
    mut shared: Shared<impl DatagramWatcher>,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = pin!(shutdown);
    let mut conditions = shared.control.subscribe();
    let mut buffer = vec![0; DATAGRAM_LIMIT_BYTES];
    loop {
        let next = ends.next_due();
        let due = async {
            match next {
                Some(next) => sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        select! {
            () = &mut shutdown => break,
            // It can't fail: we hold the other end.
            _ = conditions.changed() => {
                let conditions = *conditions.borrow_and_update();
                ends.flows().for_each(|flow| flow.reschedule(&conditions));
            }
            () = due => {}
            () = poll_fn(|context| ends.poll_readable(context)) => {
                ends.receive(&mut buffer, &mut shared);
            }
        }
        ends.forward(&mut shared);
    }
    ends.close(&mut shared);
}
