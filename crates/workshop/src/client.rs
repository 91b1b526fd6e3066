//! Which device a request comes from.

use std::net::IpAddr;

use actix_web::dev::RequestHead;
use lens::TrustedProxies;

/// The address of the device: the peer's of the connection, or what a trusted proxy says.
pub(crate) fn client(
    head: &RequestHead,
    proxies: &TrustedProxies,
) -> Option<IpAddr> {
    let fields = head.headers().iter();
    let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
    Some(proxies.client(head.peer_addr?.ip(), fields))
}
