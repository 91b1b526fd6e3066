//! Which pages may open a WebSocket (RFC 6455 §10.2), or a WebTransport session.

use actix_web::{
    HttpRequest, ResponseError,
    http::{StatusCode, header},
};

use crate::{
    authority::{self, Authority, Host},
    hosts::{Hosts, short},
};

/// A page of another origin asks for a WebSocket. The response is 403.
#[derive(Debug, thiserror::Error)]
#[error(
    "Origin {origin:?} may not open a WebSocket here: expected that of Host {host:?}"
)]
pub struct ForeignOrigin {
    origin: String,
    host: String,
}

impl ResponseError for ForeignOrigin {
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}

/// Refuses a request that a page of another origin made: WebSockets have no
/// same-origin policy, and a browser sends them the user's cookies, so the server
/// has to look at `Origin` (RFC 6455 §10.2). Programs that are not browsers don't
/// send it, and are let in.
///
/// # Errors
/// When `Origin` is not the origin that the request was sent to.
pub fn same_origin(request: &HttpRequest) -> Result<(), ForeignOrigin> {
    let host = authority::of(request.head()).unwrap_or_default();
    let server = Authority::parse(&host);
    for origin in request.headers().get_all(header::ORIGIN) {
        let origin = String::from_utf8_lossy(origin.as_bytes());
        let same = server.as_ref().zip(parse_origin(&origin)).is_some_and(
            |(server, (page, port))| {
                server.with_default_port(port) == page.with_default_port(port)
            },
        );
        if !same {
            return Err(ForeignOrigin {
                origin: short(&origin).into_owned(),
                host: short(&host).into_owned(),
            });
        }
    }
    Ok(())
}

/// Whether a page of this `origin` may open a session at `authority`, over UDP: when it
/// was loaded from a name of this server, or from the address that the session is opened
/// at. Its port does not count, since the page and its session may each pass a proxy.
/// Programs that are not browsers send no `Origin`, and are let in.
#[must_use]
pub fn is_own_page(hosts: &Hosts, origin: Option<&str>, authority: &str) -> bool {
    let Some(origin) = origin else { return true };
    match parse_origin(origin).map(|(page, _)| page.host) {
        Some(Host::Name(name)) => hosts.contains(name),
        Some(page @ Host::Address(address)) => {
            let server = Authority::parse(authority).map(|server| server.host);
            address.is_loopback() || server == Some(page)
        }
        None => false,
    }
}

/// The authority of a page, and the port of its scheme. Encryption may end at a proxy
/// before us: the scheme of the request is not known here.
fn parse_origin(origin: &str) -> Option<(Authority<'_>, u16)> {
    let (scheme, authority) = origin.split_once("://")?;
    let port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some((Authority::parse(authority)?, port))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn check_at(target: &str, host: &str, origins: &[&str]) -> bool {
        let mut request =
            TestRequest::with_uri(target).insert_header(("Host", host));
        for &origin in origins {
            request = request.append_header(("Origin", origin));
        }
        same_origin(&request.to_http_request()).is_ok()
    }

    fn check(host: &str, origins: &[&str]) -> bool {
        check_at("/chat", host, origins)
    }

    #[test]
    fn the_own_site_and_programs_are_let_in() {
        assert!(check("localhost:3005", &["http://localhost:3005"]));
        assert!(check("LOCALHOST:3005", &["http://localhost:3005"]));
        assert!(check("[::1]:3005", &["http://[::1]:3005"]));
        assert!(check("workshop.example", &["https://workshop.example"]));
        assert!(check("localhost:3005", &[]));
    }

    #[test]
    fn the_port_of_the_scheme_need_not_be_written() {
        assert!(check("example.org:80", &["http://example.org"]));
        assert!(check("example.org", &["http://example.org:80"]));
        assert!(check("example.org:443", &["https://example.org"]));
        assert!(check("example.org.", &["http://example.org"]));
        assert!(!check("example.org:80", &["https://example.org"]));
        assert!(!check("example.org:443", &["http://example.org"]));
    }

    #[test]
    fn the_target_counts_before_host() {
        let target = "http://localhost:3005/chat";
        assert!(check_at(target, "evil.example", &["http://localhost:3005"]));
        assert!(!check_at(target, "evil.example", &["http://evil.example"]));
    }

    #[test]
    fn other_sites_are_not() {
        for origin in [
            "http://localhost:3004",
            "http://evil.example",
            "http://localhost:3005.evil.example",
            "http://localhost:3005/",
            "http://user@localhost:3005",
            "ftp://localhost:3005",
            "localhost:3005",
            "null",
            "",
        ] {
            assert!(!check("localhost:3005", &[origin]), "{origin}");
        }
        let both = ["http://localhost:3005", "http://evil.example"];
        assert!(!check("localhost:3005", &both));
    }

    #[test]
    fn a_session_is_for_pages_of_this_server_on_any_port() {
        let hosts = Hosts::new(&["workshop.example".to_owned()]);
        let own = |origin| is_own_page(&hosts, origin, "192.168.1.20:3008");
        assert!(own(None));
        for origin in [
            "http://localhost:3008",
            "https://localhost:4008",
            "http://127.0.0.1:3008",
            "http://[::1]:3008",
            "https://workshop.example",
            "https://192.168.1.20:4008",
        ] {
            assert!(own(Some(origin)), "{origin}");
        }
        for origin in [
            "https://evil.example",
            "https://localhost.evil.example:3008",
            "https://192.168.1.21:3008",
            "null",
            "",
        ] {
            assert!(!own(Some(origin)), "{origin}");
        }
    }
}
