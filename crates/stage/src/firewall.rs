//! Firewalls of the machine that a server runs on, and how each lets other devices in.

use std::fmt;

/// A firewall that may keep other devices out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Firewall {
    /// Ubuntu's.
    Ufw,
    /// Fedora's.
    Firewalld,
    /// Rules of one's own in the kernel of Linux, by `nft`.
    Nftables {
        /// The family, the table and the chain, such as `inet filter input`.
        chain: String,
    },
    /// The same, by `iptables`.
    Iptables {
        /// Itself, or `iptables-legacy`, whose rules are others.
        program: &'static str,
    },
    /// The one of macOS.
    MacOs,
    /// The one of Windows.
    Windows,
}

impl Firewall {
    /// How it lets other devices in at these ports of TCP and of UDP, and at no others.
    #[must_use]
    pub fn how_to_open(&self, tcp: &[u16], udp: &[u16]) -> String {
        let mut commands: Vec<_> = [("tcp", tcp), ("udp", udp)]
            .into_iter()
            .filter(|(_, ports)| !ports.is_empty())
            .map(|(protocol, ports)| self.command(protocol, ports))
            .collect();
        commands.dedup(); // macOS asks for programs, not for ports.
        commands.join(" && ")
    }

    fn command(&self, protocol: &str, ports: &[u16]) -> String {
        let list = |between| port_ranges(ports, between).join(",");
        match self {
            Self::Ufw => format!("sudo ufw allow {}/{protocol}", list(":")),
            Self::Firewalld => {
                let flags: Vec<_> = port_ranges(ports, "-")
                    .iter()
                    .map(|range| format!(" --add-port={range}/{protocol}"))
                    .collect();
                format!("sudo firewall-cmd{}", flags.concat())
            }
            Self::Nftables { chain } => format!(
                "sudo nft insert rule {chain} {protocol} dport '{{ {} }}' accept",
                list("-")
            ),
            Self::Iptables { program } => format!(
                "sudo {program} -I INPUT -p {protocol} -m multiport --dports {} -j ACCEPT",
                list(":")
            ),
            Self::MacOs => "System Settings > Network > Firewall: allow incoming \
                            connections"
                .into(),
            Self::Windows => format!(
                "netsh advfirewall firewall add rule name=workshop dir=in \
                 action=allow protocol={} localport={}",
                protocol.to_uppercase(),
                list("-")
            ),
        }
    }

    /// How the usual firewalls of this system let other devices in at these ports, for a
    /// machine of which it is not known what it has.
    #[must_use]
    pub fn how_to_open_any(tcp: &[u16], udp: &[u16]) -> String {
        let usual: &[Self] = if cfg!(target_os = "macos") {
            &[Self::MacOs]
        } else if cfg!(windows) {
            &[Self::Windows]
        } else {
            &[Self::Ufw, Self::Firewalld]
        };
        let commands: Vec<_> =
            usual.iter().map(|it| it.how_to_open(tcp, udp)).collect();
        commands.join(", or ")
    }
}

impl fmt::Display for Firewall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ufw => "ufw",
            Self::Firewalld => "firewalld",
            Self::Nftables { .. } => "nftables",
            Self::Iptables { program } => program,
            Self::MacOs => "the firewall of macOS",
            Self::Windows => "the firewall of Windows",
        })
    }
}

/// Ports in ascending order, those that follow each other as a range: with ":" in `between`,
/// "3000:3005" and "3012".
#[must_use]
pub fn port_ranges(ports: &[u16], between: &str) -> Vec<String> {
    let mut ports = ports.to_vec();
    ports.sort_unstable();
    ports
        .chunk_by(|one, next| next - one == 1)
        .map(|range| match range {
            [first, .., last] => format!("{first}{between}{last}"),
            [one] => one.to_string(),
            [] => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ports_that_were_asked_for_are_opened() {
        let room = [3000, 3001, 3002, 3003, 3004, 3005, 3012];
        let chain = "inet filter input".to_owned();
        for (firewall, how) in [
            (Firewall::Ufw, "sudo ufw allow 3000:3005,3012/tcp"),
            (
                Firewall::Firewalld,
                "sudo firewall-cmd --add-port=3000-3005/tcp --add-port=3012/tcp",
            ),
            (
                Firewall::Nftables { chain },
                "sudo nft insert rule inet filter input tcp dport '{ 3000-3005,3012 }' \
                 accept",
            ),
            (
                Firewall::Iptables { program: "iptables-legacy" },
                "sudo iptables-legacy -I INPUT -p tcp -m multiport --dports 3000:3005,3012 -j \
                 ACCEPT",
            ),
        ] {
            assert_eq!(firewall.how_to_open(&room, &[]), how);
        }
        assert_eq!(
            Firewall::Ufw.how_to_open(&[3004], &[]),
            "sudo ufw allow 3004/tcp"
        );
        assert_eq!(
            port_ranges(&[9, 65535, 8, 65534], " to "),
            ["8 to 9", "65534 to 65535"]
        );
        assert_eq!(port_ranges(&[], ":"), [""; 0]);
    }

    #[test]
    fn ports_of_udp_are_opened_beside_those_of_tcp() {
        for (firewall, how) in [
            (
                Firewall::Ufw,
                "sudo ufw allow 3008/tcp && sudo ufw allow 3008,4008/udp",
            ),
            (
                Firewall::Firewalld,
                "sudo firewall-cmd --add-port=3008/tcp && \
                 sudo firewall-cmd --add-port=3008/udp --add-port=4008/udp",
            ),
            (
                Firewall::Iptables { program: "iptables" },
                "sudo iptables -I INPUT -p tcp -m multiport --dports 3008 -j ACCEPT && \
                 sudo iptables -I INPUT -p udp -m multiport --dports 3008,4008 -j ACCEPT",
            ),
        ] {
            assert_eq!(firewall.how_to_open(&[3008], &[4008, 3008]), how);
        }
        let windows = Firewall::Windows.how_to_open(&[3008], &[3008, 4008]);
        assert!(windows.contains("protocol=UDP localport=3008,4008"), "{windows}");
        let mac = Firewall::MacOs.how_to_open(&[3008], &[3008]);
        assert_eq!(mac.matches("Firewall").count(), 1, "{mac}");
    }
}
