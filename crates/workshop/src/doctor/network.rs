//! The addresses at which the room finds this machine.

use std::net::Ipv4Addr;

use super::check::Check;

const NAME: &str = "address";

/// The URLs at which phones will find the workshop with `--lan`.
pub(super) fn urls(port: u16) -> Vec<String> {
    stage::lan_urls(Ipv4Addr::UNSPECIFIED.into(), port)
}

/// Whether there are any.
pub(super) fn addresses(urls: &[String]) -> Check {
    match urls {
        [] => Check::problem(
            NAME,
            "no network is up",
            "join the room's wifi, or open a hotspot",
        ),
        [url] => Check::ok(NAME, url),
        [first, others @ ..] => Check::note(
            NAME,
            format!("{first}, or {}", others.join(", ")),
            "if the first is not in the room's wifi, have the QR code lead to the one that \
             is: --lan --public-address ADDRESS",
        ),
    }
}
