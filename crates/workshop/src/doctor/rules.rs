//! The rules of Linux's packet filter, as `nft` and `iptables` list them: whether any drops
//! what comes in.

/// What becomes of what a rule matches.
#[derive(Debug)]
enum Verdict {
    Drop,
    /// This chain decides. (One without rules, such as ACCEPT, lets in.)
    Jump(String),
}

/// The chains of a packet filter.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Those that all that comes in goes through.
    input: Vec<String>,
    /// What the rules of each chain say.
    verdicts: Vec<(String, Verdict)>,
}

impl Rules {
    /// Reads what `nft list ruleset` prints. A chain's name is that of its table, too: `inet
    /// filter input`.
    pub(super) fn of_nft(listed: &str) -> Self {
        let mut rules = Self::default();
        let (mut table, mut chain) = (String::new(), None);
        for line in listed.lines() {
            // What is in quotes is a comment, a prefix of the log, or an interface.
            let line: String = line.split('"').step_by(2).collect();
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(name) = opened(line, "table ") {
                table = name.to_owned();
            } else if let Some(name) = opened(line, "chain ") {
                chain = Some(format!("{table} {name}"));
            } else if line == "}" {
                chain = None;
            } else if let Some(chain) = &chain {
                rules.add_nft(&table, chain, line);
            }
        }
        rules
    }

    fn add_nft(&mut self, table: &str, chain: &str, line: &str) {
        let in_name = |c: char| c.is_ascii_alphanumeric() || "_-./\\".contains(c);
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
                _ => continue,
            };
            self.verdicts.push((chain.to_owned(), verdict));
        }
    }

    /// Reads what `iptables -S` prints: `-P INPUT ACCEPT`, `-A INPUT -i eth0 -j DROP`.
    pub(super) fn of_iptables(listed: &str) -> Self {
        let mut rules = Self { input: vec!["INPUT".into()], ..Self::default() };
        for line in listed.lines() {
            let mut words = line.split_whitespace();
            let (command, chain) = (words.next(), words.next());
            let target = match command {
                Some("-P") => words.next(),
                Some("-A") => {
                    words.find(|word| ["-j", "-g"].contains(word));
                    words.next()
                }
                _ => None,
            };
            if let (Some(chain), Some(target)) = (chain, target) {
                let verdict = match target {
                    "DROP" | "REJECT" => Verdict::Drop,
                    chain => Verdict::Jump(chain.to_owned()),
                };
                rules.verdicts.push((chain.to_owned(), verdict));
            }
        }
        rules
    }

    /// The first chain of what comes in that drops some of it, by itself or by a chain that it
    /// leads to.
    pub(super) fn dropping_chain(&self) -> Option<&str> {
        self.input.iter().map(String::as_str).find(|chain| self.drops(chain))
    }

    fn drops(&self, chain: &str) -> bool {
        let mut reached = vec![chain];
        let mut next = 0;
        while let Some(&chain) = reached.get(next) {
            next += 1;
            for (_, verdict) in self.verdicts.iter().filter(|(of, _)| of == chain) {
                match verdict {
                    Verdict::Drop => return true,
                    Verdict::Jump(to) if !reached.contains(&to.as_str()) => {
                        reached.push(to);
                    }
                    Verdict::Jump(_) => {}
                }
            }
        }
        false
    }
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
        ] {
            let rules = Rules::of_nft(&TABLES.replace('X', rule));
            let expected = expected.then_some("inet filter input");
            assert_eq!(rules.dropping_chain(), expected, "{rule}");
        }
        let policy = TABLES.replace('X', "").replace("accept;", "drop;");
        let chain = Rules::of_nft(&policy);
        assert_eq!(chain.dropping_chain(), Some("inet filter input"));
        assert_eq!(Rules::of_nft("").dropping_chain(), None);
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
        ] {
            let rules = Rules::of_iptables(&format!("{list}{rule}\n"));
            assert_eq!(rules.dropping_chain().is_some(), drops, "{rule}");
        }
    }
}
