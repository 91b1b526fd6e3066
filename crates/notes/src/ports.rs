//! The ports that the notes name: those of this workshop, and of a proxy before it.

const USUAL_PORT: u16 = 3000;
/// How far above its server a proxy of `scripts/behind` listens.
const SHIFT: u16 = 1000;

/// Replaces the usual ports, 3000 to 3006, by these, where one follows a colon, the word "port",
/// or the start of a range: `localhost:3001`, "ports 3001 to 3005"; and those of a proxy, 4000 to
/// 4006, by what is as far above these. A command that starts one says before which ports.
pub(crate) fn at_ports(text: &str, ports: &[u16; 7]) -> String {
    let text = numbers(text, ports);
    let [base, others @ ..] = ports;
    let in_a_row =
        (1..).zip(others).all(|(n, port)| base.checked_add(n) == Some(*port));
    if *base == USUAL_PORT || !in_a_row {
        return text;
    }
    // A table has no room for it.
    text.split_inclusive('\n')
        .map(
            |line| {
                if line.starts_with('|') { line.into() } else { behind(line, *base) }
            },
        )
        .collect()
}

fn numbers(text: &str, ports: &[u16; 7]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut last = usize::MAX; // where the last port ends
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        out.push_str(before);
        let end = number.find(|c: char| !c.is_ascii_digit());
        let (number, after) = number.split_at(end.unwrap_or(number.len()));
        rest = after;
        let is_port = [":", "port ", "ports "]
            .iter()
            .any(|word| out.ends_with(word))
            || out.get(last..).is_some_and(|since| [" to ", "-"].contains(&since));
        match number.parse().ok().filter(|_| is_port).and_then(|n| own(n, ports)) {
            Some(port) => {
                out.push_str(&port.to_string());
                last = out.len();
            }
            None => out.push_str(number),
        }
    }
    out + rest
}

fn own(number: u16, ports: &[u16; 7]) -> Option<u16> {
    let nth = |from: u16| ports.get(usize::from(number.checked_sub(from)?)).copied();
    nth(USUAL_PORT).or_else(|| nth(USUAL_PORT + SHIFT)?.checked_add(SHIFT))
}

fn behind(line: &str, base: u16) -> String {
    const START: &str = "`scripts/behind ";
    let mut parts = line.split(START);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(START);
        match part.split_once('`') {
            Some((words, rest)) => {
                out += &format!("{words} --base-port {base}`{rest}")
            }
            None => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::at_ports;

    #[test]
    fn the_ports_are_the_workshops_own() {
        let at = |text| at_ports(text, &[5000, 5001, 80, 5003, 5004, 51_234, 6]);
        for (text, shown) in [
            ("`http://[::1]:3000/`", "`http://[::1]:5000/`"),
            ("Host: localhost:3005\n", "Host: localhost:51234\n"),
            ("port 3004 (port 3002).", "port 5004 (port 80)."),
            ("ports 3000 to 3006", "ports 5000 to 6"),
            ("lsof -iTCP:3001-3005", "lsof -iTCP:5001-51234"),
            ("`https://localhost:4004/`", "`https://localhost:6004/`"),
        ] {
            assert_eq!(at(text), shown);
        }
        for text in [
            "head -c 3000",
            "1000 and 3000 to 4999",
            "port 3104",
            ":30011",
            ":300",
            "port 3007",
            "port 4007",
            "`scripts/behind nginx`",
        ] {
            assert_eq!(at(text), text);
        }
    }

    #[test]
    fn a_proxy_is_told_before_which_ports_it_is() {
        let at = |base: u16| {
            let text = "| `scripts/behind caddy` |\n`scripts/behind nginx`, by `scripts/behind`\n";
            at_ports(text, &std::array::from_fn(|n| base + n as u16))
        };
        assert_eq!(at(3000).matches("--base-port").count(), 0);
        assert_eq!(
            at(5000),
            "| `scripts/behind caddy` |\n`scripts/behind nginx --base-port 5000`, by `scripts/behind`\n"
        );
    }
}
