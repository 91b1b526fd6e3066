//! The browser of the talk, and programs that only some demos need.

use std::path::Path;

use stage::find_program;

use super::{check::Check, run};

/// A browser, by the names of its program.
struct Browser {
    programs: &'static [&'static str],
    /// The first version that has all that the pages use: `light-dark()` is the newest.
    oldest: u32,
}

const BROWSERS: [Browser; 2] = [
    Browser {
        programs: &[
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "microsoft-edge",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
            r"C:\Program Files\Google\Chrome\Application\chrome.exe",
            r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        ],
        oldest: 123,
    },
    Browser {
        programs: &[
            "firefox",
            "firefox-esr",
            "/Applications/Firefox.app/Contents/MacOS/firefox",
            r"C:\Program Files\Mozilla Firefox\firefox.exe",
        ],
        oldest: 120,
    },
];

/// The browsers that are there.
pub(super) fn browser() -> Check {
    let mut found = Vec::new();
    let mut old = Vec::new();
    for Browser { programs, oldest } in BROWSERS {
        let Some(path) = programs.iter().find_map(|program| find_program(program))
        else {
            continue;
        };
        let version = browser_version(&path);
        let name = version.clone().unwrap_or_else(|| path.display().to_string());
        if version.as_deref().and_then(major).is_some_and(|major| major < oldest) {
            old.push(format!("{oldest}"));
        }
        found.push(name);
    }
    let found = found.join("; ");
    if found.is_empty() {
        let advice = "install Chromium, Chrome or Firefox on the machine that shows the pages";
        return Check::warning(
            "browser",
            "neither Chromium nor Firefox was found",
            advice,
        );
    }
    match old.is_empty() {
        true => Check::ok("browser", found),
        false => {
            let advice = format!("update it to {} or newer", old.join(" and "));
            Check::warning("browser", found, advice)
        }
    }
}

/// On Windows, a browser that is asked for its version opens a window instead.
fn browser_version(path: &Path) -> Option<String> {
    if cfg!(windows) { None } else { version(path, "--version") }
}

/// The line in which a program tells its version.
fn version(path: &Path, flag: &str) -> Option<String> {
    let said = run::ask(path, &[flag]).ok()?.text;
    let line = said.lines().find(|line| major(line).is_some())?;
    Some(line.trim().to_owned())
}

/// The number before the first dot of a version: of "Chromium 141.0.7390.122", 141.
fn major(line: &str) -> Option<u32> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .filter(|word| word.contains('.'))
        .find_map(|word| word.split('.').next()?.parse().ok())
}

/// A program that only some demos need: its names, the flag for its version, and what for.
const OPTIONAL: [(&str, &[&str], &str, &str); 6] = [
    ("nginx", &["nginx"], "-v", "scripts/behind nginx and scripts/cluster"),
    ("haproxy", &["haproxy"], "-v", "scripts/behind haproxy"),
    ("caddy", &["caddy"], "version", "scripts/behind caddy"),
    ("redis", &["redis-server", "valkey-server"], "--version", "scripts/cluster"),
    ("openssl", &["openssl"], "version", "scripts/behind with --tls"),
    ("firefox", &["firefox", "firefox-esr"], "--version", "scripts/push-demo"),
];

/// Which of them are there.
pub(super) fn optional() -> Vec<Check> {
    let check = |(name, programs, flag, what_for): (_, &[&str], _, _)| {
        let path = programs.iter().find_map(|program| find_program(program));
        match path {
            Some(path) => {
                let found = version(&path, flag);
                Check::ok(name, found.unwrap_or_else(|| path.display().to_string()))
            }
            None => {
                let advice = format!("install it if you want to show {what_for}");
                Check::note(name, "not found", advice)
            }
        }
    };
    OPTIONAL.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_is_the_number_before_the_first_dot() {
        for (line, version) in [
            ("Chromium 141.0.7390.122 built on Debian GNU/Linux", Some(141)),
            ("Mozilla Firefox 128.14.0esr", Some(128)),
            ("nginx version: nginx/1.26.3", Some(1)),
            ("v2.6.2", Some(2)),
            ("Fontconfig warning: 3 fonts", None),
            ("", None),
        ] {
            assert_eq!(major(line), version, "{line}");
        }
    }
}
