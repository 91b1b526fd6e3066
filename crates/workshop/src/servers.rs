use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::rt::spawn;
use feed::Feed;
use lens::{ConnectionLimit, Lens, Markers};
use stage::{Error, Hosts, Pages, Routes};
use tokio::{select, sync::watch, try_join};
use tracing::info;

use crate::{
    flags::Flags, hub::Hub, hub_watcher::HubWatcher, pages::Site,
    techniques::TECHNIQUES,
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
    pub(crate) techniques: [Port; 5],
    pub(crate) presenter: Port,
}

impl Ports {
    pub(crate) fn listen(flags: &Flags) -> Result<Self, Error> {
        let host = flags.address();
        let [a, b, c, d, e] =
            TECHNIQUES.map(|technique| Port::listen(host, flags.port(&technique)));
        Ok(Self {
            hub: Port::listen(host, flags.hub_port())?,
            techniques: [a?, b?, c?, d?, e?],
            presenter: Port::listen(
                Ipv4Addr::LOCALHOST.into(),
                flags.presenter_port(),
            )?,
        })
    }

    /// All of them, in the order of the usual ones, 3000 to 3006.
    pub(crate) fn numbers(&self) -> [u16; 7] {
        let [a, b, c, d, e] = self.techniques.each_ref().map(Port::port);
        [self.hub.port(), a, b, c, d, e, self.presenter.port()]
    }

    /// The last one that the room has to reach.
    pub(crate) fn last(&self) -> u16 {
        self.techniques[4].port()
    }

    pub(crate) fn split(self) -> (TcpListener, TcpListener, [Port; 5]) {
        (self.hub.0, self.presenter.0, self.techniques)
    }
}

/// What to do when the workshop can't start.
pub(crate) fn advise(error: &Error) -> String {
    match error {
        Error::Listen { port, source, .. }
            if source.kind() == ErrorKind::AddrInUse =>
        {
            let base = port.wrapping_add(1000).max(4000) / 1000 * 1000;
            format!(
                "port {port} is in use: end the program that has it (a demo that was \
                 left running?), or take other ports with --base-port {base}"
            )
        }
        _ => error.to_string(),
    }
}

/// Runs the five servers, each behind its lens, until the feed is closed. At most
/// `places` connections pass the lenses at a time.
pub(crate) async fn run(
    hub: &Arc<Hub>,
    flags: &Flags,
    site: &Site,
    ports: [Port; 5],
    places: usize,
) -> Result<(), Error> {
    let places = ConnectionLimit::new(places);
    let hosts = flags.common.hosts();
    let [a, b, c, d, e] = ports;
    let server = |port: Port, number: usize| Server {
        hub: hub.clone(),
        number,
        port,
        hosts: hosts.clone(),
        pages: site.demo(number),
        places: places.clone(),
    };
    let &Flags { hold, lifetime, heartbeat, weather, .. } = flags;
    try_join!(
        server(a, 0).run(|feed| short_poll::routes(feed, short_poll::Timings {})),
        server(b, 1)
            .run(|feed| long_poll::routes(feed, long_poll::Timings { hold })),
        server(c, 2).run(|feed| {
            let timings = http_stream::Timings { lifetime, heartbeat };
            http_stream::routes(feed, timings)
        }),
        server(d, 3)
            .run(|feed| sse::routes(feed, sse::Timings { heartbeat, weather })),
        server(e, 4)
            .run(|feed| websocket::routes(feed, websocket::Timings { heartbeat })),
    )?;
    Ok(())
}

/// How samples, and announcements of missed ones, begin in all five.
const MARKERS: Markers = Markers {
    sample: "{\"id\":\"",
    missed: "{\"missed\":",
    missed_field: "Feed-Gap",
};

/// A technique's server and the lens before it.
struct Server {
    hub: Arc<Hub>,
    number: usize,
    port: Port,
    hosts: Hosts,
    pages: Pages,
    places: ConnectionLimit,
}

impl Server {
    /// Runs it on a free port, again and again when it is restarted.
    async fn run<R: Routes>(self, routes: impl Fn(Feed) -> R) -> Result<(), Error> {
        let Self { hub, number, port, hosts, pages, places } = self;
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (address, server) = watch::channel(nowhere);
        port.0.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(port.0)?;
        let lens = Lens {
            name: TECHNIQUES[number].name.into(),
            server,
            control: hub.control.clone(),
            limit: places,
            markers: MARKERS,
            watcher: HubWatcher {
                devices: hub.devices.clone(),
                notifier: hub.notifier.clone(),
                technique: number,
            },
        };
        let closed = hub.clone();
        let lens = spawn(async move {
            lens.run(listener, async { closed.feed.closed().await }).await;
        });
        loop {
            let inner = stage::listen(Ipv4Addr::LOCALHOST.into(), 0)?;
            let here = inner.local_addr()?;
            let (feed, copy) = hub.feed.branch();
            spawn(copy);
            let end = {
                let hub = hub.clone();
                async move {
                    select! {
                        () = hub.restarts[number].notified() => {}
                        () = hub.feed.closed() => {}
                    }
                }
            };
            let routes = routes(feed.clone());
            let server = stage::serve(
                inner,
                hosts.clone(),
                pages.clone(),
                feed,
                routes,
                end,
            )?;
            address.send_replace(here);
            server.await?;
            if hub.feed.is_closed() {
                break;
            }
            info!(technique = TECHNIQUES[number].name, "restarted");
        }
        // It ends with the feed; if it panicked, that was told where it happened.
        let _ = lens.await;
        Ok(())
    }
}
