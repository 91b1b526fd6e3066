//! Which device a request is of, also when a proxy of the same process has connected for it.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use actix_web::{HttpRequest, web::Data};

use crate::gallery::lock;

/// The clients of a proxy before this server, in the same process: by the port from which it
/// has connected. Without a proxy, it stays empty.
#[derive(Debug, Clone, Default)]
pub struct Clients(
    /// Written by the proxy when it has connected, before it forwards a byte. A port that is
    /// used again has another client then; there are 65535 at most.
    Arc<Mutex<HashMap<u16, IpAddr>>>,
);

impl Clients {
    /// The proxy has connected from `local` for this client.
    pub fn connected(&self, local: SocketAddr, client: IpAddr) {
        let mut clients = lock(&self.0);
        clients.insert(local.port(), client);
    }

    fn client_of(&self, peer: SocketAddr) -> IpAddr {
        let clients = lock(&self.0);
        let client = clients.get(&peer.port()).filter(|_| peer.ip().is_loopback());
        client.copied().unwrap_or(peer.ip()).to_canonical()
    }
}

/// The address of the device that a request is of.
pub(crate) fn device(request: &HttpRequest) -> IpAddr {
    match (request.peer_addr(), request.app_data::<Data<Clients>>()) {
        (Some(peer), Some(clients)) => clients.client_of(peer),
        _ => Ipv4Addr::UNSPECIFIED.into(),
    }
}
