//! The servers of the five and of the gallery, each behind its lens, and the ports of the
//! workshop.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::rt::spawn;
use feed::Feed;
use gallery::{Clients, Presenter};
use lens::{ConnectionLimit, Control, Lens, Markers, TrustedProxies};
use stage::{CommonFlags, Error, Hosts, Pages, Routes};
use tokio::{
    select,
    sync::{Notify, watch},
    task::JoinHandle,
    try_join,
};
use tracing::info;

use crate::{
    devices::Devices,
    flags::{Flags, other_base_port},
    hub_watcher::HubWatcher,
    notifier::Notifier,
    techniques::SERVED,
};

/// A port that is listened on.
pub(crate) struct Port(TcpListener, u16);

impl Port {
    fn listen(host: IpAddr, port: u16) -> Result<Self, Error> {
        let listener = stage::listen(host, port)?;
        let port = listener.local_addr()?.port();
        Ok(Self(listener, port))
    }

    pub(crate) fn port(&self) -> u16 {
        self.1
    }
}

/// All ports: nothing starts before each of them is ours.
pub(crate) struct Ports {
    pub(crate) hub: Port,
    techniques: [Port; SERVED.len()],
    pub(crate) presenter: Port,
}

impl Ports {
    pub(crate) fn listen(flags: &Flags) -> Result<Self, Error> {
        let host = flags.address();
        let [a, b, c, d, e, f] =
            SERVED.map(|technique| Port::listen(host, flags.port(&technique)));
        Ok(Self {
            hub: Port::listen(host, flags.hub_port())?,
            techniques: [a?, b?, c?, d?, e?, f?],
            presenter: Port::listen(
                Ipv4Addr::LOCALHOST.into(),
                flags.presenter_port(),
            )?,
        })
    }

    /// Those that the notes name, in the order of the usual ones, 3000 to 3006.
    pub(crate) fn numbers(&self) -> [u16; 7] {
        let [a, b, c, d, e, _] = self.techniques();
        [self.hub.port(), a, b, c, d, e, self.presenter.port()]
    }

    /// Those of the lenses, in the order of `SERVED`.
    pub(crate) fn techniques(&self) -> [u16; SERVED.len()] {
        self.techniques.each_ref().map(Port::port)
    }

    /// Those that attendees have to reach.
    pub(crate) fn room(&self) -> Vec<u16> {
        [[self.hub.port()].as_slice(), &self.techniques()].concat()
    }

    pub(crate) fn split(self) -> (TcpListener, TcpListener, [Port; SERVED.len()]) {
        (self.hub.0, self.presenter.0, self.techniques)
    }
}

/// What to do when the workshop can't start.
pub(crate) fn advise(error: &Error) -> String {
    match error {
        Error::Listen { port, source, .. }
            if source.kind() == ErrorKind::AddrInUse =>
        {
            let base = other_base_port(*port);
            format!(
                "port {port} is in use: end the program that has it (a demo that was \
                 left running?), or take other ports with --base-port {base}"
            )
        }
        Error::BadPort { port } => {
            let (wrong, base) = (stage::no_page_at(*port), other_base_port(*port));
            format!("{wrong}: take other ports with --base-port {base}")
        }
        _ => error.to_string(),
    }
}

/// What the servers share with each other, and with the presenter's commands
/// and the pages.
pub(crate) struct Served {
    pub(crate) feed: Feed,
    pub(crate) control: Control,
    pub(crate) devices: Arc<Devices>,
    pub(crate) notifier: Notifier,
    /// One for each technique, whose server restarts when it is notified.
    pub(crate) restarts: Arc<[Notify; SERVED.len()]>,
    /// The names that a request's `Host` may have.
    pub(crate) hosts: Hosts,
    /// Of the connections through all lenses.
    pub(crate) limit: ConnectionLimit,
    /// Those of `--behind`.
    pub(crate) proxies: TrustedProxies,
    /// Of the gallery.
    pub(crate) gallery: Presenter,
    /// Of the lenses. Written by each when it has connected to its server.
    pub(crate) clients: Clients,
}

/// The pages of the five and of the gallery, at these ports. Other devices find the hub at `urls`.
///
/// # Errors
/// When there are none in the folder of the pages.
pub(crate) fn pages(
    flags: &CommonFlags,
    ports: [u16; SERVED.len()],
    urls: &[String],
) -> Result<[Pages; SERVED.len()], Error> {
    let find = |number: usize| -> Result<Pages, Error> {
        let (technique, port) = (SERVED[number], ports[number]);
        let mut pages = Pages::find(flags.static_dir.clone(), technique)?;
        pages.urls = urls.iter().map(|url| at_port(url, port)).collect();
        Ok(pages)
    };
    Ok([find(0)?, find(1)?, find(2)?, find(3)?, find(4)?, find(5)?])
}

/// `http://192.168.1.20:3000/` at another port.
fn at_port(url: &str, port: u16) -> String {
    let host =
        url.trim_end_matches('/').rsplit_once(':').map_or(url, |(host, _)| host);
    format!("{host}:{port}/")
}

/// Runs the servers, each behind its lens, until the feed is closed.
///
/// # Errors
/// When one of them can't go on.
pub(crate) async fn run(
    served: &Served,
    flags: &Flags,
    ports: [Port; SERVED.len()],
    pages: [Pages; SERVED.len()],
) -> Result<(), Error> {
    let [a, b, c, d, e, z] = ports;
    let [f, g, h, i, j, y] = pages;
    let server = |technique, port, pages| Server { served, technique, port, pages };
    let &Flags { hold, lifetime, heartbeat, weather, .. } = flags;
    try_join!(
        server(0, a, f).run(|feed| short_poll::routes(feed, short_poll::Timings {})),
        server(1, b, g)
            .run(|feed| long_poll::routes(feed, long_poll::Timings { hold })),
        server(2, c, h).run(|feed| {
            let timings = http_stream::Timings { lifetime, heartbeat };
            http_stream::routes(feed, timings)
        }),
        server(3, d, i)
            .run(|feed| sse::routes(feed, sse::Timings { heartbeat, weather })),
        server(4, e, j)
            .run(|feed| websocket::routes(feed, websocket::Timings { heartbeat })),
        server(5, z, y).run(|feed| {
            let flags = gallery::Flags { heartbeat, ..gallery::Flags::default() };
            let (presenter, clients) =
                (served.gallery.clone(), served.clients.clone());
            gallery::routes(&feed, &flags, presenter, clients)
        }),
    )?;
    Ok(())
}

/// How samples, and announcements of missed ones, begin in all five.
pub(crate) const MARKERS: Markers = Markers {
    sample: "{\"id\":\"",
    missed: "{\"missed\":",
    missed_field: "Feed-Gap",
};

/// A technique's server and the lens before it.
struct Server<'a> {
    served: &'a Served,
    /// Its index.
    technique: usize,
    port: Port,
    pages: Pages,
}

impl Server<'_> {
    /// Runs it on a free port, again and again when it is restarted.
    async fn run<R: Routes>(self, routes: impl Fn(Feed) -> R) -> Result<(), Error> {
        let Self { served, technique, .. } = self;
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (address, server) = watch::channel(nowhere);
        let shown = self.pages.clone();
        let lens = self.spawn_lens(server)?;
        loop {
            let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), 0)?;
            let server_address = listener.local_addr()?;
            let (feed, copy) = served.feed.branch();
            spawn(copy);
            let (closed, restarts) = (served.feed.clone(), served.restarts.clone());
            let end = async move {
                select! {
                    () = restarts[technique].notified() => {}
                    () = closed.closed() => {}
                }
            };
            let routes = routes(feed.clone());
            let (hosts, pages) = (served.hosts.clone(), shown.clone());
            let server = stage::serve(listener, hosts, pages, feed, routes, end)?;
            address.send_replace(server_address);
            server.await?;
            if served.feed.is_closed() {
                break;
            }
            info!(technique = SERVED[technique].name, "restarted");
        }
        // It ends with the feed; if it panicked, that was told where it happened.
        let _ = lens.await;
        Ok(())
    }

    /// Starts the lens, which passes connections on to wherever the server is.
    fn spawn_lens(
        self,
        server: watch::Receiver<SocketAddr>,
    ) -> Result<JoinHandle<()>, Error> {
        let Self { served, technique, port, .. } = self;
        port.0.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(port.0)?;
        let lens = Lens {
            name: SERVED[technique].name.into(),
            server,
            control: served.control.clone(),
            limit: served.limit.clone(),
            markers: MARKERS,
            proxies: served.proxies.clone(),
            watcher: HubWatcher {
                devices: served.devices.clone(),
                notifier: served.notifier.clone(),
                clients: served.clients.clone(),
                technique,
                before_proxy: false,
            },
        };
        let feed = served.feed.clone();
        Ok(spawn(async move { lens.run(listener, feed.closed()).await }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn the_room_needs_all_ports_but_the_presenters() {
        let flags = Flags::parse_from(["workshop", "--base-port", "0"]);
        let ports = Ports::listen(&flags).unwrap();
        let [a, b, c, d, e, gallery] = ports.techniques();
        assert_eq!(ports.room(), [ports.hub.port(), a, b, c, d, e, gallery]);
        assert!(!ports.room().contains(&ports.presenter.port()));
    }
}
