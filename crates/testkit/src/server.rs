//! A technique's server on port 0, in a thread of the test.

use std::{
    env,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use actix_web::rt::System;
use feed::Feed;
use machine::Stopwatch;
use stage::{Hosts, Pages, Routes, Technique};
use tokio::sync::oneshot;

use crate::{client::Client, lens::through_lens, wait::wait_until};

/// A technique's server on a free port of loopback, with a feed that the test
/// alone publishes to. Its first sample has the data `first`.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens itself; `address` may be a lens before it.
    pub direct: SocketAddr,
    /// What it serves.
    pub feed: Feed,
    shutdown: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Starts it; `keep` is the capacity of the log.
    pub fn start<R: Routes>(
        technique: Technique,
        keep: usize,
        routes: impl FnOnce(Feed) -> R + Send + 'static,
    ) -> Self {
        Self::start_on(0, technique, keep, routes)
    }

    /// The same on a port, as a server that is started again.
    pub fn start_on<R: Routes>(
        port: u16,
        technique: Technique,
        keep: usize,
        routes: impl FnOnce(Feed) -> R + Send + 'static,
    ) -> Self {
        let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), port).unwrap();
        let address = listener.local_addr().unwrap();
        let pages = Pages::find(None, technique).unwrap();
        let feed = Feed::new(NonZeroUsize::new(keep).unwrap(), "first");
        let (shutdown, stopped) = oneshot::channel();
        let served = feed.clone();
        let thread = thread::spawn(move || {
            System::new().block_on(async {
                let routes = routes(served.clone());
                let stopped = async { drop(stopped.await) };
                let server = stage::serve(
                    listener,
                    Hosts::default(),
                    pages,
                    served,
                    routes,
                    stopped,
                );
                server.unwrap().await.unwrap();
            });
        });
        let direct = address;
        // The suites of the techniques pass through a lens, too: it changes nothing.
        let address = match env::var_os("THROUGH_LENS") {
            Some(_) => through_lens(address, &::lens::Control::default(), ()),
            None => address,
        };
        Self { address, direct, feed, shutdown, thread }
    }

    /// A new connection to it.
    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// A new connection from this address of loopback, as of another device. It passes
    /// through no lens, which would connect from its own address.
    pub fn connect_from(&self, device: Ipv4Addr) -> Client {
        Client::connect_from(device, self.direct)
    }

    /// A new connection, on which `GET target` was asked for.
    pub fn get(&self, target: &str) -> Client {
        let mut client = self.connect();
        client.get(target);
        client
    }

    /// Shuts it down as SIGTERM does. Returns how long that took.
    pub fn shut_down(self) -> Duration {
        let start = Instant::now();
        self.shutdown.send(()).unwrap();
        self.thread.join().unwrap();
        start.elapsed()
    }
}

/// Two clients follow the server, and one never reads. Publishes until that one is gone,
/// within ten seconds, while `read` gives the numbers that the other one is sent: each
/// sample once, as it comes.
pub fn outlive_a_stuck_reader(server: &Server, mut read: impl FnMut() -> Vec<u64>) {
    wait_until("both follow", || server.feed.followers() == 2);
    let data = "x".repeat(10_000);
    let mut expected = 2;
    let mut watch = Stopwatch::start(Duration::from_millis(50));
    wait_until("the stuck one is gone", || {
        watch.elapsed();
        server.feed.publish(&data);
        assert_eq!(read(), [expected]);
        expected += 1;
        server.feed.followers() == 1
    });
    assert!(watch.elapsed() < Duration::from_secs(10), "{:?}", watch.elapsed());
}
