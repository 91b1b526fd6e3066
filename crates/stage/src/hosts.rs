//! The names that a server answers to.

use std::{borrow::Cow, sync::Arc};

use actix_web::{
    Error,
    dev::RequestHead,
    error::{ErrorBadRequest, ErrorMisdirectedRequest},
};

use crate::authority::{self, Authority, Host};

/// The names by which a server may be asked for; by an IP address it always may.
///
/// A page of any site can have its own name resolved to this machine (DNS rebinding).
/// The browser then takes the server for a part of that site, and sends `Origin` and
/// `Host` with the same foreign name. Only a name can be turned like this, no address.
#[derive(Debug, Clone)]
pub struct Hosts(Arc<[String]>);

impl Default for Hosts {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Hosts {
    /// `localhost`, the name of this machine with and without `.local`, and those that
    /// `--allow-host` gave.
    #[must_use]
    pub fn new(allowed: &[String]) -> Self {
        let machine = hostname::get().ok().and_then(|name| name.into_string().ok());
        let machine = machine.map(|name| name.to_ascii_lowercase());
        let mut names = vec!["localhost".to_owned()];
        if let Some(name) = &machine {
            let bare = name.strip_suffix(".local").unwrap_or(name);
            names.extend([bare.to_owned(), format!("{bare}.local")]);
        }
        names.extend_from_slice(allowed);
        Self(names.into())
    }

    /// Lets a request pass that is for this server.
    ///
    /// # Errors
    /// 400, when `Host` is none (RFC 9112 §3.2); 421, when it is the name of another
    /// server (RFC 9110 §7.4).
    pub(crate) fn check(&self, head: &RequestHead) -> Result<(), Error> {
        if let Some(host) = authority::host(head)
            && Authority::parse(&host).is_none()
        {
            return Err(malformed("Host", &host));
        }
        // A request of HTTP/1.0 may go without; a browser's never does.
        let Some(asked) = authority::of(head) else { return Ok(()) };
        match Authority::parse(&asked).map(|authority| authority.host) {
            None => Err(malformed("the target's authority", &asked)),
            Some(Host::Address(_)) => Ok(()),
            Some(Host::Name(name)) if self.0.contains(&name) => Ok(()),
            Some(Host::Name(name)) => {
                let name = short(&name);
                Err(ErrorMisdirectedRequest(format!(
                    "{name:?} is no name of this server: expected its IP address or \
                     localhost; if {name} is a tunnel or a proxy of yours, start the \
                     server with --allow-host {name}"
                )))
            }
        }
    }
}

fn malformed(what: &str, came: &str) -> Error {
    let came = short(came);
    ErrorBadRequest(format!("{what} is {came:?}: expected a host, or host:port"))
}

/// An error repeats what came, but not kilobytes of it.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Reads the name that `--allow-host` gives.
pub(crate) fn name(text: &str) -> Result<String, String> {
    match Authority::parse(text) {
        Some(Authority { host: Host::Name(name), .. }) if !text.contains(':') => {
            Ok(name)
        }
        _ => {
            Err("expected a host name without a port, such as workshop.example"
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn check(hosts: &Hosts, host: &str) -> bool {
        let request = TestRequest::default().insert_header(("Host", host));
        hosts.check(request.to_http_request().head()).is_ok()
    }

    #[test]
    fn this_machine_has_a_name_with_and_without_local() {
        let name = hostname::get().unwrap().into_string().unwrap();
        let bare = name.trim_end_matches(".local");
        for name in [bare.to_owned(), format!("{}.LOCAL:3000", bare.to_uppercase())]
        {
            assert!(check(&Hosts::default(), &name), "{name}");
        }
        assert!(!check(&Hosts::default(), &format!("{bare}.example")));
    }

    #[test]
    fn a_long_name_is_not_repeated_whole() {
        let long = "ä".repeat(5000);
        assert_eq!(short(&long), format!("{}…", "ä".repeat(100)));
    }
}
