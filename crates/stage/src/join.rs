//! How a page invites other devices: by the URL at which they reach it, in letters
//! and as a QR code.

use fast_qr::{QRBuilder, convert::svg::SvgBuilder};
use serde::{Deserialize, Serialize};

use crate::banner::qr_code;

/// Where the page that asks was reached itself: behind a proxy, that is not its server's
/// port, and perhaps `https`.
#[derive(Debug, Default, Deserialize)]
pub struct ReachedAt {
    scheme: Option<Scheme>,
    port: Option<u16>,
    /// Which page, if it is not the first: `quiz/live`.
    path: Option<String>,
    /// Which part of the page: `room=BCDF`.
    query: Option<String>,
}

/// How long the path and the query of an invitation may be: longer ones make a code that no
/// phone reads.
const PART_LIMIT_BYTES: usize = 64;

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    Http,
    Https,
}

/// What a page, or a script in a terminal, needs to invite other devices; as JSON,
/// `{"url":"http://192.168.1.20:3004/","svg":"<svg …","text":"\n  ███…"}`, or all `null`.
#[derive(Debug, Serialize)]
pub struct JoinMessage {
    url: Option<String>,
    /// The QR code of the URL: for a page.
    svg: Option<String>,
    /// The same in lines, for a terminal.
    text: Option<String>,
}

impl ReachedAt {
    /// The URL, which is one of a server's own, with this scheme and port.
    fn apply(&self, url: &str) -> String {
        let scheme = match self.scheme {
            Some(Scheme::Https) => "https",
            Some(Scheme::Http) | None => "http",
        };
        let authority = url.trim_start_matches("http://").trim_end_matches('/');
        let first = match (authority.rsplit_once(':'), self.port) {
            (Some((host, _)), Some(port)) => format!("{scheme}://{host}:{port}/"),
            _ => format!("{scheme}://{authority}/"),
        };
        let path = plain(self.path.as_deref(), b"/-").unwrap_or_default();
        match plain(self.query.as_deref(), b"=&-") {
            Some(query) => format!("{first}{path}?{query}"),
            None => first + path,
        }
    }
}

/// This part of a URL, if it has only letters, digits and `others`, and is not too long.
fn plain<'a>(part: Option<&'a str>, others: &[u8]) -> Option<&'a str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    part.filter(|part| {
        (1..=PART_LIMIT_BYTES).contains(&part.len()) && part.bytes().all(plain)
    })
}

/// The first of these URLs and its QR code, for other devices to open the page.
#[must_use]
pub fn join(urls: &[String], reached: &ReachedAt) -> JoinMessage {
    let url = urls.first().map(|url| reached.apply(url));
    let svg = url.as_deref().and_then(|url| {
        let code = QRBuilder::new(url).build().ok()?;
        Some(SvgBuilder::default().to_str(&code))
    });
    let text = url.as_deref().map(|url| qr_code(url, false));
    JoinMessage { url, svg, text }
}

#[cfg(test)]
mod tests {
    use actix_web::web::Query;

    use super::*;

    #[test]
    fn nobody_is_invited_where_nobody_else_comes() {
        let message = serde_json::to_string(&join(&[], &ReachedAt::default()));
        assert_eq!(message.unwrap(), r#"{"url":null,"svg":null,"text":null}"#);
        let urls = ["http://192.168.1.20:3004/".to_owned()];
        let reached = ReachedAt { port: Some(4004), ..ReachedAt::default() };
        let message = join(&urls, &reached);
        let text = qr_code("http://192.168.1.20:4004/", false);
        assert_eq!(message.text, Some(text));
    }

    #[test]
    fn behind_a_proxy_devices_are_invited_to_the_proxy() {
        let invited = |query: &str| {
            Query::<ReachedAt>::from_query(query)
                .unwrap()
                .apply("http://192.168.1.20:3004/")
        };
        assert_eq!(invited(""), "http://192.168.1.20:3004/");
        assert_eq!(invited("port=4004"), "http://192.168.1.20:4004/");
        let secure = invited("scheme=https&port=4004");
        assert_eq!(secure, "https://192.168.1.20:4004/");
        let room = "http://192.168.1.20:3004/?room=BCDF";
        assert_eq!(invited("query=room%3DBCDF"), room);
        let quiz = "http://192.168.1.20:4004/quiz/live";
        assert_eq!(invited("port=4004&path=quiz%2Flive"), quiz);
        for wrong in ["", "%3Cb%3E", "..%2Fx", &"x".repeat(65)] {
            let url = invited(&format!("query={wrong}&path={wrong}"));
            assert_eq!(url, "http://192.168.1.20:3004/", "{wrong}");
        }
        let ipv6 = ReachedAt { port: Some(4004), ..ReachedAt::default() };
        assert_eq!(ipv6.apply("http://[fe80::1]:3004/"), "http://[fe80::1]:4004/");
    }
}
