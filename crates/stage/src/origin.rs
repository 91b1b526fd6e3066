use actix_web::{Error, HttpRequest, error::ErrorForbidden, http::header};

/// Refuses a request that a page of another site made: WebSockets have no
/// same-origin policy, and a browser sends them the user's cookies, so the server
/// has to look at `Origin` (RFC 6455 §10.2). Programs that are no browsers don't
/// send it, and are let in.
///
/// # Errors
/// 403, when the authority of `Origin` is not the one in `Host`.
pub(crate) fn same_origin(request: &HttpRequest) -> Result<(), Error> {
    let host = request.headers().get(header::HOST).map(|host| host.as_bytes());
    for origin in request.headers().get_all(header::ORIGIN) {
        let authority = [&b"http://"[..], b"https://"]
            .iter()
            .find_map(|scheme| origin.as_bytes().strip_prefix(*scheme));
        let same =
            authority.zip(host).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
        if !same {
            // An error repeats what came, but not kilobytes of it.
            let short = |bytes| -> String {
                String::from_utf8_lossy(bytes).chars().take(100).collect()
            };
            return Err(ErrorForbidden(format!(
                "Origin {:?} is another site: expected the site of Host {:?}",
                short(origin.as_bytes()),
                short(host.unwrap_or_default()),
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn check(host: &str, origins: &[&str]) -> bool {
        let mut request = TestRequest::default().insert_header(("Host", host));
        for &origin in origins {
            request = request.append_header(("Origin", origin));
        }
        same_origin(&request.to_http_request()).is_ok()
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
    fn other_sites_are_not() {
        for origin in [
            "http://localhost:3004",
            "http://evil.example",
            "http://localhost:3005.evil.example",
            "localhost:3005",
            "null",
            "",
        ] {
            assert!(!check("localhost:3005", &[origin]), "{origin}");
        }
        let both = ["http://localhost:3005", "http://evil.example"];
        assert!(!check("localhost:3005", &both));
    }
}
