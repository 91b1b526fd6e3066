//! The addresses of the room, and a firewall that may be before them.

use std::{fs, net::Ipv4Addr};

use super::{check::Check, run};

/// The URLs at which phones will find the workshop with `--lan`.
pub(super) fn urls(port: u16) -> Vec<String> {
    stage::lan_urls(Ipv4Addr::UNSPECIFIED.into(), port)
}

/// Whether there are any.
pub(super) fn addresses(urls: &[String]) -> Check {
    match urls {
        [] => Check::problem(
            "address",
            "no network is up",
            "join the room's wifi, or open a hotspot",
        ),
        [url] => Check::ok("address", url),
        [first, others @ ..] => Check::note(
            "address",
            format!("{first}, or {}", others.join(", ")),
            "if the first is not in the room's wifi, give the workshop another with --host",
        ),
    }
}

/// A firewall that is on, as far as this user may see one.
pub(super) fn firewall(ports: &[u16]) -> Check {
    let said = |program: &str, flags: &[&str]| {
        run::find(program).and_then(|program| run::output(program, flags))
    };
    let on = if cfg!(target_os = "linux") {
        let ufw = fs::read_to_string("/etc/ufw/ufw.conf").unwrap_or_default();
        let firewalld = said("firewall-cmd", &["--state"]).unwrap_or_default();
        let nft = said("nft", &["list", "chains"]).unwrap_or_default();
        let iptables = said("iptables", &["-S", "INPUT"]).unwrap_or_default();
        on_linux(&ufw, &firewalld, &nft, &iptables)
    } else if cfg!(target_os = "macos") {
        let program = "/usr/libexec/ApplicationFirewall/socketfilterfw";
        let state = said(program, &["--getglobalstate"]).unwrap_or_default();
        state.contains("enabled").then_some("the firewall of macOS")
    } else {
        let flags = ["advfirewall", "show", "currentprofile", "state"];
        let state = said("netsh", &flags).unwrap_or_default();
        state.contains("ON").then_some("the firewall of Windows")
    };
    match on {
        Some(name) => Check::warning(
            "firewall",
            format!("{name} is on"),
            format!("let the room in, {}", how(ports)),
        ),
        None => Check::ok("firewall", "none was seen"),
    }
}

/// Which of Linux' firewalls is on: by ufw's file, and by what the others' tools say.
fn on_linux(
    ufw: &str,
    firewalld: &str,
    nft: &str,
    iptables: &str,
) -> Option<&'static str> {
    let drops = |chain: &str| {
        chain.contains("hook input")
            && (chain.contains("policy drop") || chain.contains("policy reject"))
    };
    if ufw.lines().any(|line| line.trim() == "ENABLED=yes") {
        Some("ufw")
    } else if firewalld.trim() == "running" {
        Some("firewalld")
    } else if nft.split('}').any(drops) {
        Some("nftables, which drops what is not allowed,")
    } else if iptables.contains("-P INPUT DROP") {
        Some("iptables, which drops what is not allowed,")
    } else {
        None
    }
}

/// "for example: sudo ufw allow 3000:3012/tcp", with all ports of the workshop.
fn how(ports: &[u16]) -> String {
    let first = ports.first().copied().unwrap_or_default();
    let last = ports.last().copied().unwrap_or_default();
    if cfg!(target_os = "macos") {
        "in System Settings > Network > Firewall".into()
    } else if cfg!(windows) {
        format!(
            "for example: netsh advfirewall firewall add rule name=workshop dir=in \
             action=allow protocol=TCP localport={first}-{last}"
        )
    } else {
        format!(
            "for example: sudo ufw allow {first}:{last}/tcp, or sudo firewall-cmd \
             --add-port={first}-{last}/tcp"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::on_linux;

    #[test]
    fn a_firewall_is_known_by_what_its_tools_say() {
        let open = "table inet filter {\n\tchain input {\n\t\ttype filter hook input \
                    priority filter; policy accept;\n\t}\n}\n";
        let shut = open.replace("accept", "drop");
        let forward = shut.replace("hook input", "hook forward");
        for (ufw, firewalld, nft, iptables, expected) in [
            ("", "", "", "", None),
            ("# ENABLED=yes\nENABLED=no\n", "not running\n", open, "", None),
            ("", "", forward.as_str(), "-P INPUT ACCEPT\n", None),
            ("LOGLEVEL=low\nENABLED=yes\n", "", "", "", Some("ufw")),
            ("", "running\n", "", "", Some("firewalld")),
            ("", "", shut.as_str(), "", Some("nftables")),
            ("", "", "", "-P INPUT DROP\n", Some("iptables")),
        ] {
            let on = on_linux(ufw, firewalld, nft, iptables);
            let name = on.map(|name| name.split(',').next().unwrap());
            assert_eq!(name, expected);
        }
    }
}
