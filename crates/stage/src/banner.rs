//! What a program prints for people: where its page is, and how other devices get
//! there.

use std::{
    env,
    fmt::{self, Write as _},
    io::{self, IsTerminal, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use fast_qr::QRBuilder;
use if_addrs::{IfAddr, Interface};
use tracing::warn;

use crate::{firewall::Firewall, technique::Technique};

/// Prints a line to standard output. An error (a closed pipe) is ignored.
pub fn print_line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{}", text.trim_end());
}

/// Prints what went wrong to standard error, in one line.
pub fn print_error(name: &str, problem: &dyn fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{name}: {problem}");
}

/// The URLs at which other devices reach what listens on `host`, the likeliest first.
#[must_use]
pub fn lan_urls(host: IpAddr, port: u16) -> Vec<String> {
    if host.is_loopback() {
        return Vec::new();
    }
    if !host.is_unspecified() {
        return vec![url(host, port)];
    }
    let mut interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        warn!(%error, "this machine's addresses can't be read");
        Vec::new()
    });
    interfaces.retain(|interface| {
        let reachable = match &interface.addr {
            IfAddr::V4(v4) => !v4.is_link_local(),
            IfAddr::V6(_) => false,
        };
        reachable && !interface.is_loopback() && interface.is_oper_up()
    });
    interfaces.sort_by_key(is_virtual);
    interfaces.into_iter().map(|interface| url(interface.ip(), port)).collect()
}

/// Whether it is a bridge to containers or a tunnel, whose address phones can't reach.
fn is_virtual(interface: &Interface) -> bool {
    const NAMES: [&str; 9] =
        ["docker", "br-", "veth", "virbr", "vmnet", "tun", "tap", "utun", "wg"];
    interface.is_p2p() || NAMES.iter().any(|name| interface.name.starts_with(name))
}

fn url(host: IpAddr, port: u16) -> String {
    // `SocketAddr` puts the brackets around an IPv6 address (RFC 3986 §3.2.2).
    format!("http://{}/", SocketAddr::new(host, port))
}

/// Prints where the page is, how other devices get there, and what to do if they
/// can't. They need these ports of UDP, too.
pub(crate) fn print(
    technique: &Technique,
    urls: &[String],
    listening: SocketAddr,
    udp: &[u16],
) {
    let program = program().unwrap_or_else(|| technique.name.into());
    let terminal = io::stdout().is_terminal();
    print_line(&text(&program, technique, urls, listening, udp, terminal));
}

/// The name of this program: an example is no demo, though its technique is the same.
fn program() -> Option<String> {
    let path = PathBuf::from(env::args_os().next()?);
    Some(path.file_stem()?.to_string_lossy().into_owned())
}

fn text(
    program: &str,
    technique: &Technique,
    urls: &[String],
    listening: SocketAddr,
    udp: &[u16],
    terminal: bool,
) -> String {
    let (host, port) = (listening.ip(), listening.port());
    let here = local_url(host, port);
    let mut text = format!("\n  {program}\n\n");
    let mut line = |label: &str, value: &str| {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "  {label:<9} {value}");
    };
    line("page", &here);
    for endpoint in technique.endpoints {
        line("endpoint", &format!("{}{endpoint}", here.trim_end_matches('/')));
    }
    text.push_str(&invite(urls, host, (&[port], udp), terminal));
    text.push_str("\n  Press Ctrl-C to stop.\n");
    text
}

/// The URL at which this machine reaches what listens on `host`.
#[must_use]
pub fn local_url(host: IpAddr, port: u16) -> String {
    if host == Ipv4Addr::LOCALHOST || host.is_unspecified() {
        format!("http://localhost:{port}/")
    } else {
        url(host, port)
    }
}

/// For the terminal: where other devices reach what listens on `host` and these TCP `ports`,
/// the first URL as a QR code, and what to do if they can't.
#[must_use]
pub fn invitation(urls: &[String], host: IpAddr, ports: &[u16]) -> String {
    invite(urls, host, (ports, &[]), io::stdout().is_terminal())
}

fn invite(
    urls: &[String],
    host: IpAddr,
    (tcp, udp): (&[u16], &[u16]),
    terminal: bool,
) -> String {
    let mut text = String::new();
    for url in urls {
        let _ = writeln!(text, "  {:<9} {url}", "network");
    }
    if let Some(url) = urls.first() {
        text + &qr_code(url, terminal) + &advice(tcp, udp)
    } else if host.is_unspecified() {
        "\n  No network is up: join a wifi, then start again.\n".into()
    } else {
        format!(
            "  {:<9} this machine only; --lan lets other devices in\n",
            "network"
        )
    }
}

/// The code that phones scan, in half blocks, with its quiet zone of 4 modules.
pub(crate) fn qr_code(url: &str, terminal: bool) -> String {
    let Ok(code) = QRBuilder::new(url).build() else {
        return String::new();
    };
    // Light modules are drawn, dark ones are left out. A terminal may be light or dark
    // itself, so its colours are set; a file or a pipe gets none.
    let (on, off) = if terminal { ("\x1b[97;40m", "\x1b[0m") } else { ("", "") };
    let blank = "█".repeat(code.size + 8);
    let mut text = format!("\n  {on}{blank}{off}\n");
    for line in code.to_str().lines() {
        let _ = writeln!(text, "  {on}███{line}███{off}");
    }
    let _ = writeln!(text, "  {on}{blank}{off}");
    text
}

fn advice(tcp: &[u16], udp: &[u16]) -> String {
    let opened = match (tcp, udp) {
        ([_], []) => "the port",
        (_, []) => "the ports",
        _ => "the ports, of TCP and of UDP,",
    };
    let firewall = Firewall::how_to_open_any(tcp, udp);
    format!(
        "
  Other devices can't open the page?
  1. Connect them to the same wifi, with mobile data off.
  2. Open {opened} in this laptop's firewall: {firewall}
  3. Guest wifi often keeps its clients apart (client isolation): use another
     one, your own access point, or the hotspot of a phone.
"
    )
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    const SSE: Technique = Technique {
        name: "sse",
        port: 3004,
        endpoints: &["/api/v1/live-data"],
        source: "",
    };

    #[test]
    fn the_banner_names_every_url() {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 3004));
        let alone =
            text("shown", &SSE, &lan_urls(here.ip(), 3004), here, &[], false);
        assert!(alone.starts_with("\n  shown\n"), "{alone}");
        assert!(alone.contains("http://localhost:3004/\n"), "{alone}");
        assert!(
            alone.contains("http://localhost:3004/api/v1/live-data\n"),
            "{alone}"
        );
        assert!(alone.contains("--lan"), "{alone}");

        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 3004));
        let urls = ["http://192.168.1.20:3004/".to_owned()];
        let lan = text("sse", &SSE, &urls, any, &[], false);
        assert!(lan.contains("http://192.168.1.20:3004/\n"), "{lan}");
        assert!(
            lan.contains("firewall") && lan.contains("client isolation"),
            "{lan}"
        );
        assert!(lan.contains("3004/tcp") || !cfg!(target_os = "linux"), "{lan}");
        assert!(!lan.contains("UDP") && !lan.contains("udp"), "{lan}");
        let both = text("sse", &SSE, &urls, any, &[3004, 4004], false);
        assert!(both.contains("the ports, of TCP and of UDP,"), "{both}");
        assert!(
            both.contains("3004/tcp && sudo ufw allow 3004,4004/udp")
                || !cfg!(target_os = "linux"),
            "{both}"
        );
    }

    #[test]
    fn the_code_is_square_with_its_quiet_zone() {
        let code = qr_code("http://192.168.1.20:3004/", false);
        let lines: Vec<_> = code.trim().lines().map(str::trim).collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width), "{code}");
        assert!(lines.iter().all(|line| line.starts_with("███")), "{code}");
        // Two modules a line.
        assert!(width.abs_diff(lines.len() * 2) <= 4, "{width} × {}", lines.len());
    }

    #[test]
    fn an_ipv6_host_stands_in_brackets() {
        assert_eq!(url(Ipv6Addr::LOCALHOST.into(), 1), "http://[::1]:1/");
    }
}
