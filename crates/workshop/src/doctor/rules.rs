//! The rules of Linux's packet filter, as `nft` and `iptables` list them: whether any drops
//! what comes in.

use std::collections::HashMap;

/// Targets of iptables that are no chains, and after which no packet is lost.
const PASSING_TARGETS: [&str; 13] = [
    "ACCEPT",
    "RETURN",
    "LOG",
    "NFLOG",
    "ULOG",
    "MARK",
    "CONNMARK",
    "SECMARK",
    "CONNSECMARK",
    "CT",
    "SET",
    "TRACE",
    "AUDIT",
];

/// The program for the tables of the other kind, of which `iptables` only says that there are
/// some.
pub(super) const IPTABLES_LEGACY: &str = "iptables-legacy";

/// What becomes of what a rule matches.
#[derive(Debug)]
enum Verdict {
    Drop,
    /// This chain decides, or this map of verdicts.
    Jump(String),
    /// Something else decides: a program, or a target that is not known here.
    Unknown(String),
}

/// A word of the list that decides, and that is not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not known here what {0:?} does")]
pub(super) struct NotUnderstood(String);

impl NotUnderstood {
    /// Whether all else is understood, and [`IPTABLES_LEGACY`] lists what is not.
    pub(super) fn is_legacy(&self) -> bool {
        self.0 == IPTABLES_LEGACY
    }
}

/// The chains of a packet filter.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Those that all that comes in goes through.
    input: Vec<String>,
    /// What the rules of each chain say, and the maps of verdicts, which `nft` calls
    /// `@name`.
    verdicts: HashMap<String, Vec<Verdict>>,
}

impl Rules {
    /// Reads what `nft list ruleset` prints. A chain's name is that of its table, too: `inet
    /// filter input`.
    pub(super) fn of_nft(listed: &str) -> Self {
        let mut rules = Self::default();
        let (mut table, mut chain) = (String::new(), None);
        let mut depth = 0_usize;
        // What is in quotes is a comment, a prefix of the log, or an interface.
        for line in without_quoted(listed, None).lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            depth += line.matches('{').count();
            depth = depth.saturating_sub(line.matches('}').count());
            if let Some(name) = opened(line, "table ") {
                table = name.to_owned();
            } else if let Some(name) = opened(line, "chain ") {
                chain = Some(rules.open(format!("{table} {name}")));
            } else if let Some(name) = opened(line, "map ") {
                chain = Some(rules.open(format!("{table} @{name}")));
            } else if let Some(chain) = &chain {
                rules.add_nft(&table, chain, line);
            }
            // Chains are in a table; a rule may have a block of its own in it.
            if depth < 2 {
                chain = None;
            }
        }
        rules
    }

    /// A chain is there, even without a rule.
    fn open(&mut self, chain: String) -> String {
        self.verdicts.entry(chain.clone()).or_default();
        chain
    }

    fn add(&mut self, chain: &str, verdict: Verdict) {
        self.verdicts.entry(chain.to_owned()).or_default().push(verdict);
    }

    fn add_nft(&mut self, table: &str, chain: &str, line: &str) {
        let in_name = |c: char| c.is_ascii_alphanumeric() || "_-./\\@".contains(c);
        let mut words =
            line.split(|c| !in_name(c)).filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            let verdict = match (word, words.peek()) {
                ("hook", Some(&"input")) => {
                    // The room's addresses are those of IPv4.
                    if table.starts_with("ip ") || table.starts_with("inet ") {
                        self.input.push(chain.to_owned());
                    }
                    continue;
                }
                ("drop" | "reject", _) => Verdict::Drop,
                ("jump" | "goto", Some(to)) => {
                    Verdict::Jump(format!("{table} {to}"))
                }
                // Without a name, the verdicts follow.
                ("vmap", Some(map)) if map.starts_with('@') => {
                    Verdict::Jump(format!("{table} {map}"))
                }
                // A program decides; a module of iptables does, whose name was in quotes.
                ("queue", _) => Verdict::Unknown("queue".into()),
                ("xt", Some(&"target")) => Verdict::Unknown("xt target".into()),
                _ => continue,
            };
            self.add(chain, verdict);
        }
    }

    /// Reads what `iptables -S` prints: `-P INPUT ACCEPT`, `-A INPUT -i eth0 -j DROP`.
    pub(super) fn of_iptables(listed: &str) -> Self {
        let mut rules = Self { input: vec!["INPUT".into()], ..Self::default() };
        for line in without_quoted(listed, Some('\\')).lines() {
            if line.starts_with('#')
                && line.contains("iptables-legacy tables present")
            {
                rules.input.push(IPTABLES_LEGACY.into()); // as a chain that is not listed
            }
            let mut words = line.split_whitespace();
            let (command, chain) = (words.next(), words.next());
            let Some(chain) = chain else { continue };
            let target = match command {
                Some("-P" | "-N") => {
                    rules.open(chain.to_owned());
                    words.next()
                }
                Some("-A") => {
                    words.find(|word| ["-j", "-g"].contains(word));
                    words.next()
                }
                _ => None,
            };
            let verdict = match target {
                None => continue,
                Some("DROP" | "REJECT") => Verdict::Drop,
                Some(passing) if PASSING_TARGETS.contains(&passing) => continue,
                Some(chain) => Verdict::Jump(chain.to_owned()),
            };
            rules.add(chain, verdict);
        }
        rules
    }

    /// The first chain of what comes in that drops some of it, by itself or by a chain that it
    /// leads to.
    ///
    /// # Errors
    /// When none surely does, but one may.
    pub(super) fn dropping_chain(&self) -> Result<Option<&str>, NotUnderstood> {
        let mut none = Ok(None);
        for chain in &self.input {
            match self.drops(chain) {
                Ok(true) => return Ok(Some(chain)),
                Ok(false) => {}
                Err(error) => none = none.and(Err(error)),
            }
        }
        none
    }

    fn drops(&self, chain: &str) -> Result<bool, NotUnderstood> {
        let mut reached = vec![chain];
        let mut unknown = None;
        let mut next = 0;
        while let Some(&chain) = reached.get(next) {
            next += 1;
            let Some(verdicts) = self.verdicts.get(chain) else {
                unknown = unknown.or(Some(chain));
                continue;
            };
            for verdict in verdicts {
                match verdict {
                    Verdict::Drop => return Ok(true),
                    Verdict::Jump(to) if !reached.contains(&to.as_str()) => {
                        reached.push(to);
                    }
                    Verdict::Jump(_) => {}
                    Verdict::Unknown(what) => {
                        unknown = unknown.or(Some(what.as_str()));
                    }
                }
            }
        }
        unknown.map_or(Ok(false), |what| Err(NotUnderstood(what.to_owned())))
    }
}

/// A list without what is in quotes: free text, that may look like a rule, or have lines.
/// After `escape`, a quote is one of the text.
fn without_quoted(listed: &str, escape: Option<char>) -> String {
    let mut is_quoted = false;
    let mut bare = String::with_capacity(listed.len());
    let mut characters = listed.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => is_quoted = !is_quoted,
            _ if !is_quoted => bare.push(character),
            _ if escape == Some(character) => _ = characters.next(),
            _ => {}
        }
    }
    bare
}

/// Of a line that opens a block, what stands behind the word: "chain input {", `input`.
fn opened<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    Some(line.strip_prefix(word)?.strip_suffix('{')?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `nft list ruleset` prints it, with what stands for X.
    const TABLES: &str = "\
table ip nat {
	chain input {
		drop
	}
}
table ip6 filter {
	chain input {
		type filter hook input priority filter; policy drop;
	}
}
table inet filter { # progname nft
	set banned {
		type ipv4_addr
		elements = { 10.0.0.1, 10.0.0.2 }
	}

	chain input {
		type filter hook input priority filter; policy accept;
		iifname \"drop\" log prefix \"drop: \" accept comment \"no drop\"
		X
	}

	map verdicts {
		type ifname : verdict
		elements = { \"eth0\" : accept,
			     \"wlan0\" : jump room }
	}

	map passing {
		type ipv4_addr : verdict
		elements = { 10.0.0.1 : accept, 10.0.0.2 : jump other }
	}

	chain other {
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		jump shut
	}

	chain room {
		iif lo accept
		goto shut
	}

	chain shut {
		jump room
		counter packets 0 bytes 0 drop
	}
}
";

    #[test]
    fn a_chain_of_nftables_drops_by_itself_or_by_one_that_it_leads_to() {
        for (rule, expected) in [
            ("tcp dport 22 accept", false),
            ("jump other", false),
            ("drop", true),
            ("ip saddr @banned reject with icmp port-unreachable", true),
            ("ct state vmap { invalid : drop, established : accept }", true),
            ("iifname vmap { \"wlan0\" : jump room }", true),
            ("goto shut", true),
            ("iifname vmap @verdicts", true),
            ("ip saddr vmap @passing", false),
            ("jump {\n\t\t\taccept\n\t\t}\n\t\tdrop", true),
            ("accept comment \"two\ndrop\"", false),
        ] {
            let rules = Rules::of_nft(&TABLES.replace('X', rule));
            let expected = expected.then_some("inet filter input");
            assert_eq!(rules.dropping_chain(), Ok(expected), "{rule}");
        }
        let policy = TABLES.replace('X', "").replace("accept;", "drop;");
        let chain = Rules::of_nft(&policy);
        assert_eq!(chain.dropping_chain(), Ok(Some("inet filter input")));
        assert_eq!(Rules::of_nft("").dropping_chain(), Ok(None));
    }

    #[test]
    fn what_is_not_understood_is_no_open_door() {
        for (rule, unknown) in [
            ("queue to 0", "queue"),
            ("counter packets 0 bytes 0 xt target \"TARPIT\"", "xt target"),
            ("ip saddr vmap @nowhere", "inet filter @nowhere"),
            ("goto nowhere", "inet filter nowhere"),
        ] {
            let listed = TABLES.replace('X', rule);
            let error = Rules::of_nft(&listed).dropping_chain().unwrap_err();
            assert_eq!(error, NotUnderstood(unknown.into()), "{rule}");
            // What surely drops counts more.
            let listed = TABLES.replace('X', &format!("{rule}\n\t\tdrop"));
            assert!(Rules::of_nft(&listed).dropping_chain().is_ok(), "{rule}");
        }
        for (rule, unknown) in [
            ("-A INPUT -p tcp -j TARPIT", "TARPIT"),
            ("-A INPUT -j NFQUEUE --queue-num 0", "NFQUEUE"),
            ("-A INPUT -m comment --comment -j -j DROP", "-j"),
        ] {
            let rules = Rules::of_iptables(&format!("-P INPUT ACCEPT\n{rule}\n"));
            let error = rules.dropping_chain().unwrap_err();
            assert_eq!(error, NotUnderstood(unknown.into()), "{rule}");
        }
        let warning = "# Warning: iptables-legacy tables present, use iptables-legacy to \
                       see them\n-P INPUT ACCEPT\n";
        for (rule, is_legacy) in [("", true), ("-A INPUT -j TARPIT", false)] {
            let rules = Rules::of_iptables(&format!("{warning}{rule}\n"));
            let error = rules.dropping_chain().unwrap_err();
            assert_eq!(error.is_legacy(), is_legacy, "{rule}");
        }
        let rules = Rules::of_iptables(&format!("{warning}-P INPUT DROP\n"));
        assert_eq!(rules.dropping_chain(), Ok(Some("INPUT")));
    }

    #[test]
    fn so_does_the_chain_of_iptables() {
        let list = "-P INPUT ACCEPT\n-P FORWARD DROP\n-N room\n-N shut\n\
                    -A FORWARD -j DROP\n-A room -i lo -j ACCEPT\n-A room -g shut\n\
                    -A shut -j room\n-A shut -j REJECT --reject-with tcp-reset\n";
        for (rule, drops) in [
            ("", false),
            ("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", false),
            ("-A INPUT -j LOG --log-prefix DROP", false),
            ("-A INPUT -m conntrack --ctstate INVALID -j DROP", true),
            ("-A INPUT -j room", true),
            ("-P INPUT DROP", true),
            ("-A INPUT -m comment --comment \"a -j ACCEPT in it\" -j DROP", true),
            ("-A INPUT -m comment --comment \"a \\\" -j DROP \" -j ACCEPT", false),
            (
                "-A INPUT -m comment --comment \"two\n-P INPUT DROP\" -j ACCEPT",
                false,
            ),
        ] {
            let rules = Rules::of_iptables(&format!("{list}{rule}\n"));
            let chain = drops.then_some("INPUT");
            assert_eq!(rules.dropping_chain(), Ok(chain), "{rule}");
        }
    }
}
