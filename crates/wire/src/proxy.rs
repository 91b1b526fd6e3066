use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// A TCP proxy that cuts on request, as a network does: what a browser calls offline
/// leaves its open streams alone.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<SocketAddr>,
    open: Mutex<Vec<TcpStream>>,
    up: AtomicU64,
}

impl Proxy {
    /// Stands before a server.
    pub fn before(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            open: Mutex::default(),
            up: AtomicU64::new(0),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                accepting.forward(client);
            }
        });
        Self { address, shared }
    }

    /// New connections go to another server.
    pub fn redirect(&self, upstream: SocketAddr) {
        *self.shared.upstream.lock().unwrap() = upstream;
    }

    /// Cuts all connections that are open now.
    pub fn cut(&self) {
        for end in self.shared.open.lock().unwrap().drain(..) {
            // It fails for those that have ended by themselves.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// How many bytes clients have sent so far.
    pub fn sent_by_clients(&self) -> u64 {
        self.shared.up.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn forward(self: &Arc<Self>, client: TcpStream) {
        let upstream = *self.upstream.lock().unwrap();
        let Ok(server) = TcpStream::connect(upstream) else { return };
        let ends = [&client, &server].map(|end| end.try_clone().unwrap());
        self.open.lock().unwrap().extend(ends);
        let (client_in, server_in) =
            (client.try_clone().unwrap(), server.try_clone().unwrap());
        let counting = self.clone();
        thread::spawn(move || {
            copy(client_in, server, |n| {
                counting.up.fetch_add(n, Ordering::SeqCst);
            })
        });
        thread::spawn(move || copy(server_in, client, |_| {}));
    }
}

/// Copies until one side ends, and then ends the other.
fn copy(mut from: TcpStream, mut to: TcpStream, count: impl Fn(u64)) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        count(length as u64);
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    // It fails when the connection is gone already.
    let _ = to.shutdown(Shutdown::Write);
}
