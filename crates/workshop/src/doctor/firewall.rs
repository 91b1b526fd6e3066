//! A firewall that may keep the room out, as far as this user may see one.

use std::{fs, io};

use stage::{Firewall, find_program};

use super::{
    check::Check,
    rules::{IPTABLES_LEGACY, NotUnderstood, Rules},
    run::{self, Answer, NoAnswer},
};

const NAME: &str = "firewall";

/// Whether ufw is on, which every user may read.
const UFW_FILE: &str = "/etc/ufw/ufw.conf";

/// What `firewall-cmd --state` ends with when firewalld is off (firewall-cmd(1), EXIT CODES).
const FIREWALLD_OFF: i32 = 252;

/// macOS's tool for its firewall.
const SOCKETFILTERFW: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw";

/// Where Windows keeps whether its firewall is on, for each kind of network.
const WINDOWS_KEY: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";

/// How many characters are shown of what a tool says.
const SAID_LIMIT: usize = 200;

/// The firewall that is on, if one is.
type Seen = Result<Option<Firewall>, Hidden>;

/// Why it can't be told whether a firewall is on.
#[derive(Debug, thiserror::Error)]
enum Hidden {
    #[error("{UFW_FILE}: {0}")]
    UfwFile(io::Error),
    #[error("{program}: {source}")]
    NoAnswer { program: &'static str, source: NoAnswer },
    #[error("{program} lists rules: {source}")]
    Rules { program: &'static str, source: NotUnderstood },
    #[error("{program} says {said:?}")]
    Said { program: &'static str, said: String },
}

/// Whether one is on, and how it lets the room in at these ports.
pub(super) fn check(ports: &[u16]) -> Check {
    match look() {
        Ok(Some(firewall)) => {
            let found = match firewall {
                Firewall::Nftables { .. } | Firewall::Iptables { .. } => {
                    format!("{firewall} has rules that drop what comes in")
                }
                _ => format!("{firewall} is on"),
            };
            let how = firewall.how_to_open(ports, &[]);
            Check::warning(
                NAME,
                found,
                format!("unless you have, let the room in: {how}"),
            )
        }
        Ok(None) => Check::ok(NAME, "none was seen"),
        Err(hidden) => {
            let again = match hidden {
                Hidden::Rules { .. } => "", // They were seen.
                _ if cfg!(unix) => "look again with sudo, or ",
                _ => "",
            };
            let how = Firewall::how_to_open_any(ports, &[]);
            Check::note(
                NAME,
                format!("it can't be told whether one is on ({hidden})"),
                format!("{again}if no phone gets through, let the room in: {how}"),
            )
        }
    }
}

fn look() -> Seen {
    if cfg!(target_os = "linux") {
        // The last two are below the others, and nft lists the rules of iptables, too.
        first_on([ufw(), firewalld(), iptables(), nftables()])
    } else if cfg!(target_os = "macos") {
        read(SOCKETFILTERFW, &["--getglobalstate"], |answer| {
            Some(is_on_macos(&answer.text)?.then_some(Firewall::MacOs))
        })
    } else {
        let flags = ["query", WINDOWS_KEY, "/s", "/v", "EnableFirewall"];
        read("reg", &flags, |answer| {
            Some(is_on_windows(&answer.text)?.then_some(Firewall::Windows))
        })
    }
}

/// The first that is on. If none is, but one can't be told: why.
fn first_on(all: [Seen; 4]) -> Seen {
    let mut none = Ok(None);
    for seen in all {
        match seen {
            Ok(None) => {}
            Ok(on) => return Ok(on),
            Err(hidden) => none = none.and(Err(hidden)),
        }
    }
    none
}

fn ufw() -> Seen {
    // Its file stays behind when it is removed.
    if find_program("ufw").is_none() {
        return Ok(None);
    }
    match fs::read_to_string(UFW_FILE) {
        Ok(file) => Ok(is_on_in_ufw_file(&file).then_some(Firewall::Ufw)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Hidden::UfwFile(error)),
    }
}

fn is_on_in_ufw_file(file: &str) -> bool {
    file.lines().any(|line| line.trim() == "ENABLED=yes")
}

fn firewalld() -> Seen {
    read("firewall-cmd", &["--state"], |answer| match answer.code {
        Some(0) => Some(Some(Firewall::Firewalld)),
        Some(FIREWALLD_OFF) => Some(None),
        _ => None,
    })
}

fn iptables() -> Seen {
    let seen = |program| {
        list(program, &["-S"], Rules::of_iptables, |_| Firewall::Iptables {
            program,
        })
    };
    match seen("iptables") {
        Err(Hidden::Rules { source, .. })
            if source.is_legacy() && find_program(IPTABLES_LEGACY).is_some() =>
        {
            seen(IPTABLES_LEGACY)
        }
        seen => seen,
    }
}

fn nftables() -> Seen {
    list("nft", &["list", "ruleset"], Rules::of_nft, |chain| Firewall::Nftables {
        chain: chain.to_owned(),
    })
}

/// "Firewall is enabled. (State = 1)"
fn is_on_macos(said: &str) -> Option<bool> {
    let state = said.split_once("State = ")?.1;
    Some(!state.starts_with('0'))
}

/// "    EnableFirewall    REG_DWORD    0x1", for each kind of network.
fn is_on_windows(said: &str) -> Option<bool> {
    let values = said.lines().filter(|line| line.contains("EnableFirewall"));
    values
        .map(|line| !line.trim().ends_with("0x0"))
        .reduce(|one, other| one || other)
}

/// What the rules say that a tool lists, if it is there. `firewall` is the one of a chain
/// that drops.
fn list(
    program: &'static str,
    flags: &[&str],
    rules: fn(&str) -> Rules,
    firewall: impl Fn(&str) -> Firewall,
) -> Seen {
    let Some(answer) = ask(program, flags)? else { return Ok(None) };
    if answer.code != Some(0) {
        return Err(said(program, &answer));
    }
    match rules(&answer.text).dropping_chain() {
        Ok(chain) => Ok(chain.map(firewall)),
        Err(source) => Err(Hidden::Rules { program, source }),
    }
}

/// What a tool says of firewalls, if it is there. `firewall` is none when its answer does
/// not tell.
fn read(
    program: &'static str,
    flags: &[&str],
    firewall: impl Fn(&Answer) -> Option<Option<Firewall>>,
) -> Seen {
    let Some(answer) = ask(program, flags)? else { return Ok(None) };
    firewall(&answer).ok_or_else(|| said(program, &answer))
}

fn ask(program: &'static str, flags: &[&str]) -> Result<Option<Answer>, Hidden> {
    let Some(path) = find_program(program) else { return Ok(None) };
    let answer = run::ask(path, flags);
    answer.map(Some).map_err(|source| Hidden::NoAnswer { program, source })
}

/// Its first words, which do not tell.
fn said(program: &'static str, answer: &Answer) -> Hidden {
    // Of iptables, what begins with # is a warning of something else.
    let says = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let line = answer.text.lines().find(says).unwrap_or_default();
    Hidden::Said { program, said: line.chars().take(SAID_LIMIT).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firewall_that_is_on_counts_more_than_one_that_can_not_be_told() {
        let hidden = || Err(Hidden::Said { program: "nft", said: "no".into() });
        let on = || Ok(Some(Firewall::Ufw));
        for seen in [
            [on(), hidden(), Ok(None), Ok(None)],
            [Ok(None), hidden(), on(), Ok(Some(Firewall::MacOs))],
        ] {
            assert_eq!(first_on(seen).unwrap(), Some(Firewall::Ufw));
        }
        let none = || Ok(None);
        assert_eq!(first_on([none(), none(), none(), none()]).unwrap(), None);
        let why = first_on([none(), hidden(), none(), none()]).unwrap_err();
        assert_eq!(why.to_string(), "nft says \"no\"");
    }

    #[test]
    fn each_system_tells_in_its_own_way() {
        assert!(is_on_in_ufw_file(
            "# /etc/ufw/ufw.conf\nLOGLEVEL=low\nENABLED=yes\n"
        ));
        assert!(!is_on_in_ufw_file("# ENABLED=yes\nENABLED=no\n"));
        for (said, on) in [
            ("Firewall is enabled. (State = 1)\n", Some(true)),
            ("Firewall is blocking all. (State = 2)\n", Some(true)),
            ("Firewall is disabled. (State = 0)\n", Some(false)),
            ("", None),
        ] {
            assert_eq!(is_on_macos(said), on, "{said}");
        }
        let windows = |values: &[&str]| {
            let line = |value| {
                format!(
                    "\r\nHKEY…\r\n    EnableFirewall    REG_DWORD    {value}\r\n"
                )
            };
            is_on_windows(&values.iter().map(line).collect::<String>())
        };
        assert_eq!(windows(&["0x0", "0x1", "0x0"]), Some(true));
        assert_eq!(windows(&["0x0", "0x0"]), Some(false));
        assert_eq!(is_on_windows("FEHLER: Zugriff verweigert\r\n"), None);
    }
}
