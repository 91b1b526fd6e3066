//! Proxies that name the client of a request, in `X-Forwarded-For` or `Forwarded`: which of
//! them are believed, and how the client of a connection is found.

use std::{
    net::{IpAddr, SocketAddr},
    str,
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

/// The longest request head that is searched for the client.
const HEAD_BYTES_LIMIT: usize = 16 << 10;

/// How long a trusted proxy may take to send its first head: most have it before they
/// connect. After that, the connection is the proxy's own.
const HEAD_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait for the rest of a head that came in parts: bytes that are only looked
/// at stay readable, so that nothing tells when more have come.
const PEEK_INTERVAL: Duration = Duration::from_millis(5);

/// The addresses of proxies that are believed. By default there are none: every client can
/// send `X-Forwarded-For`, so it means something only when a proxy is known to write it.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpAddr]>);

impl TrustedProxies {
    /// Believes the proxies at these addresses.
    #[must_use]
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether a connection from this address is a trusted proxy's.
    #[must_use]
    pub fn contains(&self, peer: IpAddr) -> bool {
        self.0.contains(&peer.to_canonical())
    }

    /// The client of a request that came from `peer` with these fields.
    ///
    /// Of a trusted proxy it is the last address of the last `X-Forwarded-For`, which the
    /// proxy wrote; a client may have made up what stands before it. Without that field it
    /// is the last `for` of `Forwarded` (RFC 7239 §5.2). When that is no address, and for
    /// all other peers, it is `peer`.
    #[must_use]
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> IpAddr {
        let named = if self.contains(peer) { named_client(fields) } else { None };
        named.unwrap_or(peer).to_canonical()
    }

    /// The client of a connection, as its first request names it. The bytes stay where they
    /// are, to be forwarded.
    pub(crate) async fn client_of(
        &self,
        stream: &TcpStream,
        peer: SocketAddr,
    ) -> SocketAddr {
        if !self.contains(peer.ip()) {
            return peer;
        }
        let head = timeout(HEAD_TIMEOUT, first_head(stream)).await;
        let head = head.unwrap_or_default();
        SocketAddr::new(self.client(peer.ip(), fields(&head)), peer.port())
    }
}

/// What a connection begins with, up to the end of its first head.
async fn first_head(stream: &TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; HEAD_BYTES_LIMIT];
    loop {
        // An error comes again where the bytes are read.
        let count = stream.peek(&mut bytes).await.unwrap_or(0);
        let end = bytes[..count].windows(4).position(|four| four == b"\r\n\r\n");
        if end.is_some() || count == 0 || count == HEAD_BYTES_LIMIT {
            bytes.truncate(end.unwrap_or(count));
            return bytes;
        }
        sleep(PEEK_INTERVAL).await;
    }
}

/// The fields of a head. What is none is passed over: the server refuses it.
fn fields(head: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        Some((str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
    })
}

fn named_client<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Option<IpAddr> {
    let (mut addresses, mut forwarded) = (None, None);
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("x-forwarded-for") {
            addresses = Some(value);
        } else if name.eq_ignore_ascii_case("forwarded") {
            forwarded = Some(value);
        }
    }
    match (addresses, forwarded) {
        (Some(list), _) => address(str::from_utf8(list).ok()?.rsplit(',').next()?),
        (None, Some(list)) => forwarded_for(str::from_utf8(list).ok()?),
        (None, None) => None,
    }
}

/// The address of the last `for` in a `Forwarded` (RFC 7239 §4). Commas and semicolons in
/// quotes separate nothing: a proxy may quote there what a client sent. It is read from the
/// end, so that a quote that a client left open hides nothing.
fn forwarded_for(list: &str) -> Option<IpAddr> {
    let element = list.rsplit(outside_quotes(',')).next()?;
    // An escaped quote would be taken for the end of the quoted text.
    if element.contains('\\') {
        return None;
    }
    let mut parameters = element
        .split(outside_quotes(';'))
        .filter_map(|parameter| parameter.split_once('='));
    let (_, node) =
        parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(node.trim().trim_matches('"'))
}

/// Finds a separator, as the characters of a text are given to it one by one.
fn outside_quotes(separator: char) -> impl FnMut(char) -> bool {
    let mut quoted = false;
    move |char| {
        quoted ^= char == '"';
        char == separator && !quoted
    }
}

/// Reads an address, with or without a port: `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`,
/// `[2001:db8::7]`, `[2001:db8::7]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let alone = inside.unwrap_or(text).parse();
    alone.ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "127.0.0.1";

    /// The client of a request from `peer` with these lines in its head.
    fn client(peer: &str, lines: &str) -> String {
        let proxies = TrustedProxies::new(&[PROXY.parse().unwrap()]);
        let head = format!("GET http://a:1/ HTTP/1.1\r\n{lines}\r\nHost: a");
        proxies.client(peer.parse().unwrap(), fields(head.as_bytes())).to_string()
    }

    #[test]
    fn the_last_address_that_the_proxy_wrote_is_the_client() {
        for (lines, expected) in [
            ("X-Forwarded-For: 192.0.2.7", "192.0.2.7"),
            ("x-forwarded-for:192.0.2.7 ", "192.0.2.7"),
            ("X-Forwarded-For: forged, 192.0.2.8,192.0.2.7", "192.0.2.7"),
            (
                "X-Forwarded-For: 192.0.2.8\r\nX-Forwarded-For: 192.0.2.7",
                "192.0.2.7",
            ),
            ("X-Forwarded-For: ::ffff:192.0.2.7", "192.0.2.7"),
            ("X-Forwarded-For: 192.0.2.7:4711", "192.0.2.7"),
            ("X-Forwarded-For: 2001:db8::7", "2001:db8::7"),
            ("X-Forwarded-For: [2001:db8::7]:4711", "2001:db8::7"),
            ("Forwarded: for=192.0.2.7", "192.0.2.7"),
            (r#"forwarded: For="[2001:DB8::7]:4711";by=_a"#, "2001:db8::7"),
            ("Forwarded: for=192.0.2.8, proto=http;for=192.0.2.7", "192.0.2.7"),
            // A quote that a client left open, or what it put into its `Host`.
            (r#"Forwarded: for="forged, for=192.0.2.7"#, "192.0.2.7"),
            (r#"Forwarded: host="a,for=192.0.2.8;b";for=192.0.2.7"#, "192.0.2.7"),
            (r#"Forwarded: host="a;for=192.0.2.8;b";for=192.0.2.7"#, "192.0.2.7"),
            // A proxy that writes the one field lets a client's other one pass.
            ("Forwarded: for=192.0.2.8\r\nX-Forwarded-For: 192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(client(PROXY, lines), expected, "{lines}");
        }
        let lines = "X-Forwarded-For: 192.0.2.7";
        assert_eq!(client("::ffff:127.0.0.1", lines), "192.0.2.7");
    }

    #[test]
    fn what_is_no_address_leaves_the_proxys_own() {
        for lines in [
            "Accept: */*",
            "X-Forwarded-For:",
            "X-Forwarded-For: 192.0.2.7, unknown",
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: ,",
            "X-Forwarded-For: 192.0.2.7.8",
            "X-Forwarded-For: [192.0.2.7",
            "X-Forwarded-For: \u{fffd}\0",
            "Forwarded: for=unknown",
            "Forwarded: for=_hidden",
            "Forwarded: by=192.0.2.7",
            "Forwarded: for",
            r#"Forwarded: host="a,for=192.0.2.8;b=\"";for=192.0.2.7"#,
        ] {
            assert_eq!(client(PROXY, lines), PROXY, "{lines}");
        }
        let proxies = TrustedProxies::new(&[PROXY.parse().unwrap()]);
        let fields = [("X-Forwarded-For", &b"192.0.2.7, \xff"[..])];
        assert_eq!(
            proxies.client(PROXY.parse().unwrap(), fields).to_string(),
            PROXY
        );
    }

    #[test]
    fn nobody_else_is_believed() {
        for lines in ["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7"] {
            for peer in ["192.0.2.9", "127.0.0.2", "::1"] {
                assert_eq!(client(peer, lines), peer, "{lines}");
            }
            let nobody = TrustedProxies::default();
            let head = format!("GET / HTTP/1.1\r\n{lines}");
            let proxy = PROXY.parse().unwrap();
            assert_eq!(nobody.client(proxy, fields(head.as_bytes())), proxy);
        }
    }
}
