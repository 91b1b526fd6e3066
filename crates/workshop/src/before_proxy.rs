//! Lenses before a proxy: with those before the servers, a page shows what passes on both
//! sides of it.
//!
//! ```text
//!  browser ── lens 4104 ── proxy 4004 ── lens 3004 ── sse
//! ```

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use actix_web::rt::spawn;
use gallery::Clients;
use lens::{Control, Lens, TrustedProxies, Watcher};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    flags::{FIRST_PORT, GALLERY_OFFSET, OFFSETS},
    hub_watcher::HubWatcher,
    servers::{MARKERS, Served},
    techniques::TECHNIQUES,
};

/// How far above a port of the proxy its lens listens. (1000, as for the proxy, would be
/// port 5000, which macOS uses.)
const LENS_OFFSET: u16 = 100;

/// How far above its server's port `scripts/behind` has a proxy listen.
const PROXY_OFFSET: u16 = 1000;

/// A lens can't listen.
#[derive(Debug, thiserror::Error)]
#[error(
    "a lens before the proxy can't listen on port {port}: {source}; end the program that \
     has it, or leave out --before-proxy"
)]
pub(crate) struct Error {
    port: u16,
    source: io::Error,
}

/// The listeners, in the order of the proxy's ports.
pub(crate) struct BeforeProxy {
    first: u16,
    listeners: Vec<TcpListener>,
}

impl BeforeProxy {
    /// Listens before each port of a proxy, for this machine alone; without one, nowhere.
    ///
    /// # Errors
    /// When a port is in use.
    pub(crate) fn listen(proxy: Option<u16>) -> Result<Self, Error> {
        let listen = |port: u16| {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .map_err(|source| Error { port, source })
        };
        let first = proxy.unwrap_or_default();
        let ports = proxy.map(|first| OFFSETS.map(|offset| first + offset));
        let listeners: Result<_, _> = ports
            .into_iter()
            .flatten()
            .map(|port| listen(port + LENS_OFFSET))
            .collect();
        Ok(Self { first, listeners: listeners? })
    }

    /// What to do next, for the terminal: without a proxy, nothing. `hub` is the hub's port.
    pub(crate) fn invitation(&self, hub: u16) -> String {
        if self.listeners.is_empty() {
            return String::new();
        }
        let (first, lens) = (self.first, self.first + LENS_OFFSET);
        let start = match first.checked_sub(hub) {
            Some(PROXY_OFFSET) if hub == FIRST_PORT => "scripts/behind nginx".into(),
            Some(PROXY_OFFSET) => format!("scripts/behind nginx --base-port {hub}"),
            _ => format!(
                "a proxy on ports {first} to {}, and {}",
                first + 6,
                first + GALLERY_OFFSET
            ),
        };
        format!(
            "
  both sides of a proxy: now start {start} in another terminal,
  then open http://localhost:{hub}/wire/sse?proxy={lens}
"
        )
    }

    /// Starts the lenses; they end with the feed. No effect is theirs: a button would
    /// break one connection twice.
    ///
    /// # Errors
    /// When the system refuses a listener.
    pub(crate) fn spawn(self, served: &Served) -> io::Result<Vec<JoinHandle<()>>> {
        let ports = OFFSETS.map(|offset| self.first + offset);
        let all = ports.into_iter().zip(self.listeners);
        all.enumerate()
            .map(|(offset, (port, listener))| match offset.checked_sub(1) {
                Some(technique) if technique < TECHNIQUES.len() => {
                    let (devices, notifier) =
                        (served.devices.clone(), served.notifier.clone());
                    let watcher = HubWatcher {
                        devices,
                        notifier,
                        clients: Clients::default(), // It is the proxy that connects.
                        technique,
                        before_proxy: true,
                    };
                    spawn_lens(served, port, listener, watcher)
                }
                // What the pages themselves cost is shown nowhere.
                _ => spawn_lens(served, port, listener, ()),
            })
            .collect()
    }
}

fn spawn_lens(
    served: &Served,
    proxy: u16,
    listener: TcpListener,
    watcher: impl Watcher,
) -> io::Result<JoinHandle<()>> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let proxy = SocketAddr::from((Ipv4Addr::LOCALHOST, proxy));
    // The address does not change.
    let (_, server) = watch::channel(proxy);
    let lens = Lens {
        name: "before the proxy".into(),
        server,
        control: Control::default(),
        limit: served.limit.clone(),
        markers: MARKERS,
        proxies: TrustedProxies::default(),
        watcher,
    };
    let feed = served.feed.clone();
    Ok(spawn(async move { lens.run(listener, feed.closed()).await }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_to_start_and_what_to_open() {
        let invitation = |hub: u16, first: u16| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            BeforeProxy { first, listeners: vec![listener] }.invitation(hub)
        };
        for (hub, first, start, open) in [
            (
                3000,
                4000,
                "start scripts/behind nginx in",
                ":3000/wire/sse?proxy=4100",
            ),
            (5000, 6000, "nginx --base-port 5000 in", ":5000/wire/sse?proxy=6100"),
            (
                3000,
                8000,
                "a proxy on ports 8000 to 8006, and 8012 in",
                "?proxy=8100",
            ),
        ] {
            let said = invitation(hub, first);
            assert!(said.contains(start) && said.contains(open), "{said}");
        }
        let none = BeforeProxy { first: 0, listeners: Vec::new() };
        assert_eq!(none.invitation(3000), "");
    }

    #[test]
    fn the_script_that_starts_the_proxy_counts_the_ports_in_the_same_way() {
        let script = include_str!("../../../scripts/behind");
        let offsets = OFFSETS.map(|offset| offset.to_string()).join(" ");
        for line in [
            format!("OFFSETS=({offsets})"),
            format!("SHIFT={PROXY_OFFSET} "),
            format!("LENS_SHIFT={LENS_OFFSET} "),
        ] {
            let is_there = |it: &str| it.starts_with(&line);
            assert!(script.lines().any(is_there), "{line} is not in scripts/behind");
        }
    }
}
