//! The relay of datagrams between real sockets, and its labels on the bytes of RFCs.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

mod effects;
mod labels;
mod pair;
mod passing;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use lens::udp::{DatagramWatcher, UdpControl, UdpRelay};
use tokio::{
    net::UdpSocket,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

/// How long a test waits for what has to come.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

async fn bind() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

/// A socket whose datagrams go to an address.
async fn towards(address: SocketAddr) -> UdpSocket {
    let socket = bind().await;
    socket.connect(address).await.unwrap();
    socket
}

/// The next datagram, and where it is from.
async fn next(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 1 << 16];
    let came = timeout(WAIT_TIMEOUT, socket.recv_from(&mut buffer)).await;
    let (bytes, from) = came.expect("a datagram did not come").unwrap();
    buffer.truncate(bytes);
    (buffer, from)
}

/// All datagrams until there was none for so long.
async fn all(socket: &UdpSocket, silence: Duration) -> Vec<Vec<u8>> {
    let (mut buffer, mut came) = (vec![0; 1 << 16], Vec::new());
    let until = Instant::now() + WAIT_TIMEOUT;
    while let Ok(bytes) = timeout(silence, socket.recv(&mut buffer)).await {
        came.push(buffer[..bytes.unwrap()].to_vec());
        assert!(Instant::now() < until, "datagrams come without end");
    }
    came
}

/// A relay before a server that the test is.
struct Relay {
    server: UdpSocket,
    address: SocketAddr,
    control: UdpControl,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Relay {
    async fn start(watcher: impl DatagramWatcher) -> Self {
        let (server, socket, control) =
            (bind().await, bind().await, UdpControl::default());
        let address = socket.local_addr().unwrap();
        let relay = UdpRelay {
            server: server.local_addr().unwrap(),
            control: control.clone(),
            watcher,
        };
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(relay.run(socket, async {
            let _ = ended.await;
        }));
        Self { server, address, control, end, task }
    }

    /// Ends it, and checks that its account adds up.
    async fn shut_down(self) {
        self.end.send(()).unwrap();
        timeout_at(Instant::now() + WAIT_TIMEOUT, self.task).await.unwrap().unwrap();
        let account = self.control.account();
        assert_eq!(account.open, 0);
        for count in [account.up, account.down] {
            assert_eq!(count.held, 0);
            assert_eq!(
                count.received + count.duplicated,
                count.delivered + count.lost + count.dropped,
                "{count:?}"
            );
        }
    }
}
