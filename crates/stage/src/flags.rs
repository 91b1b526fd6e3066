use std::{
    io::IsTerminal,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroUsize,
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

use clap::{CommandFactory, FromArgMatches, Parser, error::ErrorKind};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, prelude::*};

use crate::{Technique, banner};

/// The flags that all demos have, and those of the technique.
#[derive(Debug, Parser)]
pub(crate) struct Flags<T: clap::Args> {
    /// Port to listen on; 0 takes a free one
    // The default is the technique's port: see `parse`.
    #[arg(long, env = "PORT", value_name = "PORT")]
    #[arg(value_parser = parser::<u16>("0 to 65535, there or in the variable PORT"))]
    pub(crate) port: u16,

    /// Address to listen on; the default is reached from this machine alone
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    #[arg(value_name = "ADDRESS", value_parser = parser::<IpAddr>("an IP address"))]
    pub(crate) host: IpAddr,

    /// Let the room in: listen on the network, print the address and a QR code
    #[arg(long, conflicts_with = "host")]
    pub(crate) lan: bool,

    /// Mean time between samples; each gap is between half and double of it
    #[arg(long, default_value = "2s", value_parser = duration)]
    #[arg(value_name = "DURATION")]
    pub(crate) every: Duration,

    /// Repeat the same data in the same rhythm [default: another show each time]
    #[arg(long, value_name = "NUMBER")]
    #[arg(value_parser = parser::<u64>("a number from 0 up"))]
    pub(crate) seed: Option<u64>,

    /// How many samples to keep for clients that fell behind
    #[arg(long, default_value = "1000", value_name = "SAMPLES")]
    #[arg(value_parser = parser::<NonZeroUsize>("a number from 1 up"))]
    pub(crate) keep: NonZeroUsize,

    /// Folder of the pages [default: the one this program was built beside]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) static_dir: Option<PathBuf>,

    /// What to log: off, error, warn, info, debug (each request) or trace
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    #[arg(value_parser = parser::<LevelFilter>("a level, as --help has them"))]
    pub(crate) log: LevelFilter,

    #[command(flatten)]
    pub(crate) technique: T,
}

impl<T: clap::Args> Flags<T> {
    pub(crate) fn address(&self) -> IpAddr {
        if self.lan { Ipv4Addr::UNSPECIFIED.into() } else { self.host }
    }
}

/// Reads a value, or says what was expected.
fn parser<T: FromStr>(
    expected: &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| text.parse().map_err(|_| format!("expected {expected}"))
}

/// Reads a duration such as `100ms`, `2s` or `1h`, for a technique's own flags.
///
/// # Errors
/// Says what was expected, of a text that is no duration, or one that no timer of
/// a workshop has: less than a millisecond, or more than a day.
pub fn duration(text: &str) -> Result<Duration, String> {
    let day = Duration::from_secs(24 * 60 * 60);
    match humantime::parse_duration(text) {
        Ok(time) if time >= Duration::from_millis(1) && time <= day => Ok(time),
        _ => {
            Err("expected a duration from 1ms to 24h, such as 100ms, 2s or 1h"
                .into())
        }
    }
}

/// The flags of this process; or, when there is no more to do, its exit code.
pub(crate) fn parse<T: clap::Args>(
    technique: &Technique,
) -> Result<Flags<T>, ExitCode> {
    let command = Flags::<T>::command()
        .name(technique.name)
        // Otherwise `--help` begins with a doc comment.
        .about(format!("Realtime Workshop: {}, live in a browser", technique.name))
        .long_about(None)
        .mut_arg("port", |port| {
            port.required(false).default_value(technique.port.to_string())
        });
    let flags = command
        .try_get_matches()
        .and_then(|matches| Flags::<T>::from_arg_matches(&matches));
    flags.map_err(|error| {
        if error.kind() == ErrorKind::DisplayHelp {
            banner::say(&error.to_string());
            return ExitCode::SUCCESS;
        }
        banner::complain(technique.name, &one_line(&error));
        ExitCode::from(2)
    })
}

/// "invalid value 'x' for '--every <DURATION>': expected …; see --help"
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let said = text
        .lines()
        .map(|line| line.trim().trim_start_matches("error: "))
        .take_while(|line| {
            !line.starts_with("Usage:") && !line.starts_with("For more")
        })
        .filter(|line| !line.is_empty());
    let said = said.collect::<Vec<_>>().join("; ").replace(":; ", ": ");
    format!("{said}; see --help")
}

/// Log lines with levels, on standard error: standard output is the banner's.
pub(crate) fn start_log(level: LevelFilter) {
    // Actix tells of its own workers at `info`, and of each client that talks
    // nonsense at `error`: that is for who debugs it, not for the screen.
    let debugging = level >= LevelFilter::DEBUG;
    let actix = if debugging { level } else { level.min(LevelFilter::WARN) };
    let dispatcher = if debugging { level } else { LevelFilter::OFF };
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(
            Targets::new()
                .with_default(level)
                .with_target("actix", actix)
                .with_target("actix_http::h1::dispatcher", dispatcher),
        )
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for text in ["", "2", "0s", "1us", "-1s", "25h", "99999999999y", "soon"] {
            let error = duration(text).unwrap_err();
            assert!(error.contains("100ms"), "{text}: {error}");
        }
    }
}
