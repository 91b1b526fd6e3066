//! The hub's own server, on two listeners: everybody's, whose connections are shared out,
//! and the presenter's, which is for this machine alone.

use std::{
    net::{IpAddr, TcpListener},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{
    dev::Server,
    web::{Data, ServiceConfig},
};
use lens::ConnectionLimit;
use stage::{Error, Hosts, Permit};
use tracing::warn;

use crate::{
    pages::{self, Parts},
    presenter::Key,
};

/// How often a connection over the limit is logged: a client that is reset comes again at
/// once, and its lines would be all that the terminal shows.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// How many connections a listener takes at least, however few the system allows.
const CONNECTIONS_MINIMUM: usize = 8;

/// How many connections the presenter's own listener takes.
const PRESENTER_CONNECTION_LIMIT: usize = 64;

/// Serves the hub's pages to everybody, with so many connections, until the feed is closed.
///
/// # Errors
/// When the system refuses the listener.
pub(crate) fn serve_everybody(
    listener: TcpListener,
    hosts: &Hosts,
    parts: &Parts,
    connections: usize,
) -> Result<Server, Error> {
    let connections = connections.max(CONNECTIONS_MINIMUM);
    let admit = share_out(parts.key.clone(), connections);
    serve(listener, hosts, parts, connections, admit)
}

/// Serves the same pages to the presenter on this machine, when attendees use up the
/// other listener.
///
/// # Errors
/// When the system refuses the listener.
pub(crate) fn serve_presenter(
    listener: TcpListener,
    hosts: &Hosts,
    parts: &Parts,
) -> Result<Server, Error> {
    let admit = |_: IpAddr| -> Option<Permit> { Some(Box::new(())) };
    serve(listener, hosts, parts, PRESENTER_CONNECTION_LIMIT, admit)
}

fn serve(
    listener: TcpListener,
    hosts: &Hosts,
    parts: &Parts,
    connections: usize,
    admit: impl Fn(IpAddr) -> Option<Permit> + Send + Sync + 'static,
) -> Result<Server, Error> {
    let (feed, parts) = (parts.feed.clone(), parts.clone());
    let routes = move |app: &mut ServiceConfig| {
        app.configure(pages::routes(parts.clone()));
    };
    let ended = async move { feed.closed().await };
    stage::start(listener, hosts.clone(), connections, admit, routes, ended)
}

/// No device takes more than half of the connections, but the presenter's.
fn share_out(
    key: Data<Key>,
    connections: usize,
) -> impl Fn(IpAddr) -> Option<Permit> {
    // `logged`: when that was logged last; written by the connections over the limit.
    let (limit, logged) = (ConnectionLimit::new(connections), Mutex::new(None));
    move |client| {
        if key.is_known_at(client) {
            return Some(Box::new(()));
        }
        let client = client.to_canonical();
        if let Some(permit) = limit.try_acquire(client) {
            return Some(Box::new(permit));
        }
        let mut logged = logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.is_none_or(|last: Instant| last.elapsed() >= LOG_INTERVAL) {
            *logged = Some(Instant::now());
            warn!(%client, connections, "reset: one device has at most half of them");
        }
        None
    }
}
