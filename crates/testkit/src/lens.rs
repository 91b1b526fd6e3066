//! A lens before a server of a test.

use std::{
    future::pending,
    net::{Ipv4Addr, SocketAddr},
    thread,
};

use ::lens::{ConnectionLimit, Control, Lens, Markers, TrustedProxies, Watcher};
use tokio::{net::TcpListener, runtime::Builder, sync::watch};

/// Puts a lens before a server, for as long as the test runs. Returns where it listens.
pub fn through_lens(
    server: SocketAddr,
    control: &Control,
    watcher: impl Watcher,
) -> SocketAddr {
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let control = control.clone();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_server, server) = watch::channel(server);
            let markers = Markers::default();
            let limit = ConnectionLimit::new(1000);
            let lens = Lens {
                name: "test".into(),
                server,
                control,
                limit,
                markers,
                proxies: TrustedProxies::default(),
                watcher,
            };
            let listener = TcpListener::from_std(listener).unwrap();
            lens.run(listener, pending()).await;
        });
    });
    address
}
