//! The authority of a URL, its host and port: which server a request is for.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use actix_web::{dev::RequestHead, http::header::HOST};

/// The authority of a URL (RFC 3986 §3.2), as in `Host` and, after the scheme, in `Origin`.
/// Two are equal however they are written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authority<'a> {
    pub(crate) host: Host<'a>,
    port: Option<u16>,
}

#[derive(Debug, Eq)]
pub(crate) enum Host<'a> {
    Address(IpAddr),
    /// As it is written, without the dot that may end it.
    Name(&'a str),
}

impl PartialEq for Host<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Address(one), Self::Address(other)) => one == other,
            (Self::Name(one), Self::Name(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        }
    }
}

impl<'a> Authority<'a> {
    /// Reads `uri-host [":" port]` (RFC 9110 §7.2), if it is that.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (host, port) = if let Some(literal) = text.strip_prefix('[') {
            let (address, port) = literal.split_once(']')?;
            (Host::Address(address.parse::<Ipv6Addr>().ok()?.into()), port)
        } else {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (Host::parse(host)?, port)
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some("") => None,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok()?)
            }
            _ => return None,
        };
        Some(Self { host, port })
    }

    /// Host and port; without a port, the scheme's default one (RFC 9110 §4.2.3).
    pub(crate) fn with_default_port(&self, port: u16) -> (&Host<'a>, u16) {
        (&self.host, self.port.unwrap_or(port))
    }
}

impl<'a> Host<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        // RFC 3986 §3.2.2: reg-name.
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte)
        };
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() || !name.bytes().all(allowed) {
            return None;
        }
        Some(match name.parse::<Ipv4Addr>() {
            Ok(address) => Self::Address(address.into()),
            Err(_) => Self::Name(name),
        })
    }
}

/// The request's field `Host`.
pub(crate) fn host(head: &RequestHead) -> Option<Cow<'_, str>> {
    let host = head.headers().get(HOST)?;
    // Mostly ASCII, which is read faster than what may be anything.
    let lossy = |_| String::from_utf8_lossy(host.as_bytes());
    Some(host.to_str().map_or_else(lossy, Cow::Borrowed))
}

/// The authority that a request is for: where its target has one, `Host` does not count
/// (RFC 9112 §3.2.2).
pub(crate) fn of(head: &RequestHead) -> Option<Cow<'_, str>> {
    let target = head.uri.authority().map(|target| target.as_str().into());
    target.or_else(|| host(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|text| Authority::parse(text).unwrap());
        one.with_default_port(80) == other.with_default_port(80)
    }

    #[test]
    fn it_is_the_same_however_it_is_written() {
        assert!(same("example.org", "Example.ORG:80"));
        assert!(same("example.org.", "example.org:"));
        assert!(same("example.org:0080", "example.org"));
        assert!(same("[::1]:80", "[0:0:0:0:0:0:0:1]"));
        assert!(same("127.0.0.1.", "127.0.0.1"));
        assert!(!same("example.org:443", "example.org"));
        assert!(!same("example.org", "www.example.org"));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            ".",
            ":80",
            "a b",
            "a/b",
            "user@a",
            "a:b",
            "a:99999",
            "a:80:80",
            "[::1",
            "::1",
            "[::1]80",
            "[x]",
            "ä.example",
            "a\u{0}",
            "http://a",
        ] {
            assert_eq!(Authority::parse(text), None, "{text:?}");
        }
    }
}
