//! The programs that drive browsers: chromedriver, and geckodriver for Firefox.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::Value;
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities,
    LoggingPrefsLogLevel, WebDriver,
    common::capabilities::firefox::FirefoxPreferences,
};

/// How often a browser is started at most.
const TRIES: usize = 3;

/// A browser of which pages are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, with all that [`crate::Browser`] can do.
    Chromium,
    /// Firefox: pages are opened, used and looked at. It has no log for the driver, and
    /// none of Chromium's developer tools.
    Firefox,
}

impl Engine {
    /// Starts the browser with this profile, `more` arguments, and for Firefox these
    /// preferences, by its driver.
    pub(crate) async fn start(
        self,
        profile: &Path,
        more: &[&str],
        preferences: &[(&str, Value)],
    ) -> (WebDriver, Child) {
        // Now and then another program takes its port first, and it ends at once: then
        // it is started again.
        let mut tries = 0;
        loop {
            let (mut program, port) =
                (0..20).find_map(|_| self.start_driver(profile)).unwrap_or_else(
                    || panic!("{self:?}'s driver starts and says its port"),
                );
            let url = format!("http://127.0.0.1:{port}");
            let capabilities = match self {
                Self::Chromium => chromium(profile, more),
                Self::Firefox => firefox(more, preferences),
            };
            tries += 1;
            match WebDriver::new(&url, capabilities).await {
                Ok(driver) => return (driver, program),
                Err(error) if tries == TRIES => {
                    panic!(
                        "{self:?} does not start; scripts/test installs it: {error}"
                    )
                }
                // On a busy machine, a driver may give its browser up.
                Err(_) => {
                    let _ = program.kill();
                    program.wait().unwrap();
                }
            }
        }
    }

    /// Returns the port that it took, too, or nothing if it found none.
    fn start_driver(self, profile: &Path) -> Option<(Child, u16)> {
        let (name, before_port) = match self {
            Self::Chromium => {
                ("chromedriver".into(), "started successfully on port ")
            }
            Self::Firefox => (geckodriver(), "Listening on 127.0.0.1:"),
        };
        let mut driver = Command::new(&name);
        driver.arg("--port=0");
        if self == Self::Firefox {
            fs::create_dir_all(profile).unwrap();
            driver.arg("--profile-root").arg(profile);
            driver.arg("--allow-system-access"); // to its own windows, too
        }
        let mut driver = driver
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; scripts/test installs it", name.display())
            });
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once(before_port)?;
            port.trim_end_matches('.').parse().ok()
        });
        thread::spawn(|| lines.for_each(drop)); // it may go on to write
        if port.is_none() {
            driver.wait().unwrap();
        }
        Some((driver, port?))
    }
}

/// Where `scripts/test` puts it, or where the system has it.
fn geckodriver() -> PathBuf {
    let this = env::current_exe().expect("this program is a file");
    let target = this.ancestors().nth(3).expect("in target/debug/deps");
    let built = target.join("geckodriver/bin/geckodriver");
    if built.exists() { built } else { "geckodriver".into() }
}

fn chromium(profile: &Path, more: &[&str]) -> Capabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic", // HTTP/3; WebTransport goes on
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--force-prefers-reduced-motion", // diagrams are drawn each second, not 60 times
        // A name of this machine that is not `localhost`: no secure context.
        "--host-resolver-rules=MAP insecure.example 127.0.0.1",
        &format!("--user-data-dir={}", profile.display()),
    ]
    .iter()
    .chain(more)
    {
        capabilities.add_arg(argument).unwrap();
    }
    for log in ["browser", "performance"] {
        capabilities.set_logging_prefs(log, LoggingPrefsLogLevel::All).unwrap();
    }
    capabilities.into()
}

fn firefox(more: &[&str], preferences: &[(&str, Value)]) -> Capabilities {
    let mut capabilities = DesiredCapabilities::firefox();
    let mut all = FirefoxPreferences::new();
    for (name, value) in preferences {
        all.set(name, value).unwrap();
    }
    capabilities.set_preferences(all).unwrap();
    for argument in ["-headless"].iter().chain(more) {
        capabilities.add_arg(argument).unwrap();
    }
    capabilities.into()
}
