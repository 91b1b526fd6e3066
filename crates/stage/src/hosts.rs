//! The host names that a server accepts requests for.

use std::{borrow::Cow, sync::Arc};

use actix_web::{
    Error,
    dev::RequestHead,
    error::{ErrorBadRequest, ErrorMisdirectedRequest},
};

use crate::{
    authority::{self, Authority, Host},
    error::InvalidValue,
};

/// The host names that a server accepts requests for. It accepts any IP address.
///
/// A page of any site can have its own name resolved to this machine (DNS
/// rebinding). The browser then takes the server for a part of that site, and sends
/// `Origin` and `Host` with the same foreign name. The attack needs a name: a
/// request to an IP address was sent to this machine on purpose.
#[derive(Debug, Clone)]
pub struct Hosts(Arc<[String]>);

impl Default for Hosts {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Hosts {
    /// `localhost`, the names of this machine, and those that `--allow-host` gave.
    #[must_use]
    pub fn new(allowed: &[String]) -> Self {
        let machine = hostname::get().ok().and_then(|name| name.into_string().ok());
        let mut names = own_names(&machine.unwrap_or_default());
        names.extend_from_slice(allowed);
        Self(names.into())
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Checks that a request is for this server.
    ///
    /// # Errors
    /// 400, when `Host` is none (RFC 9112 §3.2); 421, when it is the name of another
    /// server (RFC 9110 §7.4).
    pub(crate) fn check(&self, head: &RequestHead) -> Result<(), Error> {
        let host = authority::host(head);
        let host = host.as_deref().map(|host| read("Host", host)).transpose()?;
        let target = head.uri.authority();
        let target =
            target.map(|target| read("the target's authority", target.as_str()));
        // An HTTP/1.0 request may have no `Host`; a browser always sends it.
        match target.transpose()?.or(host) {
            None | Some(Host::Address(_)) => Ok(()),
            Some(Host::Name(name)) if self.contains(name) => Ok(()),
            Some(Host::Name(name)) => {
                let name = name.to_ascii_lowercase();
                let name = short(&name);
                Err(ErrorMisdirectedRequest(format!(
                    "this server does not accept the host name {name:?}: use its IP \
                     address or localhost; if {name} is a tunnel or proxy of yours, \
                     restart the server with --allow-host {name}"
                )))
            }
        }
    }
}

/// The names under which a machine is reached, from its host name: the whole (as in a
/// company's DNS), and its first label alone and below `.local`, which is what mDNS
/// announces (RFC 6762 §3), whatever domain DHCP gave.
fn own_names(hostname: &str) -> Vec<String> {
    let whole = hostname.trim_end_matches('.').to_ascii_lowercase();
    let mut names = vec!["localhost".to_owned()];
    if let Some(label) = whole.split('.').next().filter(|label| !label.is_empty()) {
        names.extend([label.to_owned(), format!("{label}.local")]);
        if !names.contains(&whole) {
            names.push(whole);
        }
    }
    names
}

/// The host that `text` names, which is what stands in `field`.
fn read<'a>(field: &str, text: &'a str) -> Result<Host<'a>, Error> {
    let authority = Authority::parse(text).ok_or_else(|| {
        let came = short(text);
        ErrorBadRequest(format!(
            "{field} is {came:?}: expected a host, or host:port"
        ))
    })?;
    Ok(authority.host)
}

/// The first 100 characters, for an error that repeats what came.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Reads the name that `--allow-host` gives.
pub(crate) fn name(text: &str) -> Result<String, InvalidValue> {
    match Authority::parse(text) {
        Some(Authority { host: Host::Name(name), .. }) if !text.contains(':') => {
            Ok(name.to_ascii_lowercase())
        }
        _ => Err(InvalidValue {
            expected: "a host name without a port, such as workshop.example",
        }),
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
    fn a_machine_is_asked_for_by_its_first_label_whatever_its_domain() {
        for (hostname, expected) in [
            ("laptop", "localhost laptop laptop.local"),
            ("laptop.local", "localhost laptop laptop.local"),
            ("Laptop.fritz.box", "localhost laptop laptop.local laptop.fritz.box"),
            ("laptop.fritz.box.", "localhost laptop laptop.local laptop.fritz.box"),
            ("localhost", "localhost localhost localhost.local"),
            ("", "localhost"),
            (".", "localhost"),
            (".example", "localhost"),
        ] {
            assert_eq!(own_names(hostname).join(" "), expected, "{hostname:?}");
        }
    }

    #[test]
    fn this_machine_has_a_name_with_and_without_local() {
        let name = hostname::get().unwrap().into_string().unwrap();
        let bare = name.split('.').next().unwrap();
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
