//! The hub's own server, on two listeners: one for everybody, where a device may
//! take half of the connections, and the presenter's, for this machine alone.

use std::net::{IpAddr, TcpListener};

use actix_web::{
    dev::Server,
    web::{Data, ServiceConfig},
};
use lens::{ConnectionLimit, TrustedProxies};
use stage::{Admission, Error, Hosts};
use tracing::warn;

use crate::{
    pages::{self, Parts},
    presenter::PresenterAuth,
};

/// How many connections a listener takes at least, however few the system allows.
const CONNECTIONS_MINIMUM: usize = 8;

/// How many connections the presenter's own listener takes.
const PRESENTER_CONNECTION_LIMIT: usize = 64;

/// Serves the hub's pages to everybody, with at most this many connections, until
/// the feed is closed.
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
    let admit =
        limit_devices(parts.auth.clone(), parts.proxies.clone(), connections);
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
    let admit = |_: IpAddr| -> Option<Admission> { Some(Box::new(())) };
    serve(listener, hosts, parts, PRESENTER_CONNECTION_LIMIT, admit)
}

fn serve(
    listener: TcpListener,
    hosts: &Hosts,
    parts: &Parts,
    connections: usize,
    admit: impl Fn(IpAddr) -> Option<Admission> + Send + Sync + 'static,
) -> Result<Server, Error> {
    let (feed, parts) = (parts.feed.clone(), parts.clone());
    let routes = move |app: &mut ServiceConfig| {
        app.configure(pages::routes(parts.clone()));
    };
    let ended = async move { feed.closed().await };
    stage::start(listener, hosts.clone(), connections, admit, routes, ended)
}

/// Admits a connection, unless its device has half of all connections already, or
/// all are taken. The presenter's devices are not limited, nor is a trusted proxy, which
/// is many devices.
fn limit_devices(
    auth: Data<PresenterAuth>,
    proxies: Data<TrustedProxies>,
    connections: usize,
) -> impl Fn(IpAddr) -> Option<Admission> {
    let limit = ConnectionLimit::new(connections);
    move |client| {
        if auth.is_presenters_device(client) || proxies.contains(client) {
            return Some(Box::new(()));
        }
        let client = client.to_canonical();
        if let Some(permit) = limit.try_acquire(client) {
            return Some(Box::new(permit));
        }
        if limit.should_log() {
            warn!(
                %client,
                connections,
                "over the limit: a connection is reset (one device may have half of all)"
            );
        }
        None
    }
}
