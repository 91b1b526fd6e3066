//! A TCP proxy that cuts connections or falls silent, independent of the lens.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// A TCP proxy that cuts or falls silent on request, as a network does: what a browser
/// calls offline leaves its open streams alone.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// Where new connections go: the test says so.
    upstream: Mutex<SocketAddr>,
    /// Both ends of each connection: added with it, taken by a cut.
    open: Mutex<Vec<TcpStream>>,
    /// All connections so far: added with each, and never removed.
    connections: Mutex<Vec<Arc<Connection>>>,
    /// What is asked with such a start gets no answer: set by [`Proxy::ignore`].
    ignored: Mutex<Option<Vec<u8>>>,
    /// Bytes from clients: each connection adds what it reads.
    up: AtomicU64,
}

#[derive(Default)]
struct Connection {
    /// The start of the last request on it: written when one begins.
    request: Mutex<Vec<u8>>,
    /// Whether what the server sends is dropped: set by [`Proxy::silence`].
    silent: AtomicBool,
}

impl Proxy {
    /// Stands before a server.
    pub fn before(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            open: Mutex::default(),
            connections: Mutex::default(),
            ignored: Mutex::default(),
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

    /// From now on, nothing comes on the connections that are open now and were last
    /// asked for `target`; they stay open.
    pub fn silence(&self, target: &str) {
        let request = format!("GET {target} ");
        let connections = self.shared.connections.lock().unwrap();
        let mut asked = connections.iter().filter(|connection| {
            connection.request.lock().unwrap().starts_with(request.as_bytes())
        });
        let first = asked.next().expect("a client asked for it");
        for connection in asked.chain([first]) {
            connection.silent.store(true, Ordering::SeqCst);
        }
    }

    /// From now on, a request for what begins with `target` gets no answer.
    pub fn ignore(&self, target: &str) {
        let request = format!("GET {target}").into_bytes();
        *self.shared.ignored.lock().unwrap() = Some(request);
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
        let connection = Arc::new(Connection::default());
        self.connections.lock().unwrap().push(connection.clone());
        let (shared, asked) = (self.clone(), connection.clone());
        thread::spawn(move || {
            copy(client_in, server, |bytes| {
                shared.up.fetch_add(bytes.len() as u64, Ordering::SeqCst);
                if bytes.starts_with(b"GET ") {
                    let ignored = shared.ignored.lock().unwrap();
                    if ignored.as_ref().is_some_and(|start| bytes.starts_with(start))
                    {
                        asked.silent.store(true, Ordering::SeqCst);
                    }
                    *asked.request.lock().unwrap() = bytes.to_vec();
                }
                true
            })
        });
        thread::spawn(move || {
            copy(server_in, client, |_| !connection.silent.load(Ordering::SeqCst))
        });
    }
}

/// Copies what `passes` until one side ends, and then ends the other.
fn copy(mut from: TcpStream, mut to: TcpStream, passes: impl Fn(&[u8]) -> bool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let read = &bytes[..length];
        if passes(read) && to.write_all(read).is_err() {
            break;
        }
    }
    // It fails when the connection is gone already.
    let _ = to.shutdown(Shutdown::Write);
}
