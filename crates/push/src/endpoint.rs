//! The address that a browser gave us to send to. It comes from a page, so from anybody: a
//! server that sends wherever it is told reaches what only it can reach (server-side request
//! forgery). So an endpoint is https, and no address of this machine or network.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::lookup_host, time::timeout};
use url::{Host, Url};

/// The longest endpoint: those of today's push services have some hundred characters.
const ENDPOINT_BYTES: usize = 2048;
/// How long a name may take to resolve.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// An endpoint that may be sent to, if its name resolves to a public address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

/// Why an endpoint is not sent to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadEndpoint {
    #[error("{0}: expected an endpoint such as https://push.example.net/…")]
    NoUrl(&'static str),
    #[error(
        "{host} is {address}, an address of this machine or network: expected a push \
         service on the internet; a service of your own is allowed by \
         --push-service {origin}"
    )]
    Private { host: String, address: IpAddr, origin: String },
    #[error("{host} can't be resolved: {source}; is there internet?")]
    Unresolved { host: String, source: io::Error },
}

impl Endpoint {
    /// Reads the endpoint of a subscription. `allowed` is the origin of our own service.
    pub(crate) fn parse(
        text: &str,
        allowed: Option<&str>,
    ) -> Result<Self, BadEndpoint> {
        if text.len() > ENDPOINT_BYTES {
            return Err(BadEndpoint::NoUrl("more than 2048 bytes"));
        }
        let mut url = Url::parse(text).map_err(|_| BadEndpoint::NoUrl("no URL"))?;
        // It is not sent: with any fragment, it is the same endpoint.
        url.set_fragment(None);
        let endpoint = Self(url);
        if !endpoint.0.username().is_empty() || endpoint.0.password().is_some() {
            return Err(BadEndpoint::NoUrl("a URL with a password"));
        }
        if endpoint.0.scheme() != "https" && Some(&*endpoint.origin()) != allowed {
            return Err(BadEndpoint::NoUrl("no https"));
        }
        Ok(endpoint)
    }

    /// Such as `https://push.example.net`, which a VAPID token is for.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The name for a TLS certificate; nothing when the connection is not encrypted.
    pub(crate) fn tls_name(&self) -> Option<&str> {
        self.0.host_str().filter(|_| self.0.scheme() == "https")
    }

    /// The field `Host`: the authority.
    pub(crate) fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The path and the query, as a request has them.
    pub(crate) fn target(&self) -> &str {
        &self.0[url::Position::BeforePath..url::Position::AfterQuery]
    }

    /// Where to connect. The addresses are checked that are connected to: a name that is
    /// checked first and resolved again could be another address by then.
    pub(crate) async fn resolve(
        &self,
        allowed: Option<&str>,
    ) -> Result<Vec<SocketAddr>, BadEndpoint> {
        let host = || self.0.host_str().unwrap_or_default().to_owned();
        let port = self.0.port_or_known_default().unwrap_or(443);
        let found = match self.0.host() {
            Some(Host::Ipv4(address)) => Ok(vec![(address, port).into()]),
            Some(Host::Ipv6(address)) => Ok(vec![(address, port).into()]),
            Some(Host::Domain(name)) => lookup(name, port).await,
            None => return Err(BadEndpoint::NoUrl("a URL without a host")),
        };
        let addresses = found
            .map_err(|source| BadEndpoint::Unresolved { host: host(), source })?;
        if Some(&*self.origin()) != allowed
            && let Some(private) = addresses.iter().find(|a| !is_public(a.ip()))
        {
            return Err(BadEndpoint::Private {
                host: host(),
                address: private.ip(),
                origin: self.origin(),
            });
        }
        Ok(addresses)
    }
}

async fn lookup(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found = timeout(LOOKUP_TIMEOUT, lookup_host((name, port))).await??;
    Ok(found.collect())
}

/// Whether an address is on the internet, by the registries of special addresses (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0 // this network
        || a == 100 && b & 0xc0 == 64 // carriers' NAT (RFC 6598)
        || a == 192 && b == 0 && c == 0
        || a == 192 && b == 88 && c == 99
        || a == 198 && b & 0xfe == 18 // benchmarks (RFC 2544)
        || a >= 240;
    !(special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast())
}

/// Only 2000::/3 is given out, and of that what has an IPv4 address inside (6to4, Teredo)
/// is no way around the rules of that one. A network without IPv4 reaches it through NAT64,
/// as 64:ff9b::/96 (RFC 6052).
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            let [.., a, b, c, d] = address.octets();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x2002, ..] | [0x3fff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_network_are_not_public() {
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.1.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2a00:1450:4001::200a",
            "64:ff9b::808:808",
            "2620:fe::fe",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn numbers_and_names_of_this_machine_are_refused_however_they_are_written()
    {
        for text in [
            "https://127.0.0.1/push",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://127.1:8443/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://localhost/",
            "https://LOCALHOST/",
            "https://169.254.169.254/",
        ] {
            let endpoint = Endpoint::parse(text, None).unwrap();
            let error = endpoint.resolve(None).await.unwrap_err().to_string();
            assert!(error.contains("--push-service https://"), "{text}: {error}");
        }
        for text in [
            "",
            "push",
            "http://push.example.net/",
            "ftp://push.example.net/",
            "file:///etc/passwd",
            "https://",
            "https://me:secret@push.example.net/",
        ] {
            assert!(Endpoint::parse(text, None).is_err(), "{text}");
        }
        let long =
            format!("https://push.example.net/{}", "x".repeat(ENDPOINT_BYTES));
        assert!(Endpoint::parse(&long, None).is_err());
    }

    #[tokio::test]
    async fn the_own_service_is_allowed_and_its_neighbours_are_not() {
        let own = Some("http://127.0.0.1:4009");
        let endpoint =
            Endpoint::parse("http://127.0.0.1:4009/p/1?a=2#b", own).unwrap();
        let address: SocketAddr = "127.0.0.1:4009".parse().unwrap();
        assert_eq!(endpoint.resolve(own).await.unwrap(), [address]);
        assert_eq!(endpoint.target(), "/p/1?a=2");
        let same = Endpoint::parse("http://127.0.0.1:4009/p/1?a=2#c", own);
        assert_eq!(same.unwrap(), endpoint);
        for text in ["http://127.0.0.1:4010/", "http://localhost:4009/"] {
            assert!(Endpoint::parse(text, own).is_err(), "{text}");
        }
        let other = Endpoint::parse("https://127.0.0.1:4009/", own).unwrap();
        assert!(other.resolve(own).await.is_err());
    }
}
