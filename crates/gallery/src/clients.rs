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
        client.copied().unwrap_or(peer.ip())
    }
}

/// The device that a request is of: the address by which it is counted.
pub(crate) fn device(request: &HttpRequest) -> IpAddr {
    match (request.peer_addr(), request.app_data::<Data<Clients>>()) {
        (Some(peer), Some(clients)) => device::of(clients.client_of(peer)),
        _ => Ipv4Addr::UNSPECIFIED.into(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_device_is_one_whichever_of_its_addresses_a_proxy_names() {
        let lens = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let clients = Clients::default();
        for (port, client) in
            [(5001, "2001:db8::1"), (5002, "2001:db8::2"), (5003, "2001:db8:0:1::1")]
        {
            clients.connected(lens(port), client.parse().unwrap());
        }
        let [one, same, other] = [5001, 5002, 5003].map(|port| {
            let request = TestRequest::default().peer_addr(lens(port));
            device(&request.app_data(Data::new(clients.clone())).to_http_request())
        });
        assert_eq!(one, same);
        assert_ne!(one, other);
    }
}
