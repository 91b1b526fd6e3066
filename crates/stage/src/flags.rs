//! Command-line flags: those that all programs have, how a value is read, and how a
//! wrong one is reported in one line. A flag sets the level of the log, so it begins here.

use std::{
    any::TypeId,
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroUsize,
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

use clap::{Parser, error::ErrorKind};
use tracing::level_filters::LevelFilter;

use crate::{
    banner,
    error::InvalidValue,
    hosts::{self, Hosts},
    log::start_log,
    technique::Technique,
};

/// The flags of a demo.
#[derive(Debug, Parser)]
pub(crate) struct Flags<T: clap::Args> {
    /// Port to listen on; 0 chooses a free one
    // The default is the technique's port: see `own_flags`.
    #[arg(long, env = "PORT", value_name = "PORT")]
    #[arg(value_parser = parser::<u16>("a port from 0 to 65535, in --port or the variable PORT"))]
    pub(crate) port: u16,

    #[command(flatten)]
    pub(crate) common: CommonFlags,

    #[command(flatten)]
    pub(crate) timings: T,
}

/// The flags that every program of the workshop has.
#[derive(Debug, clap::Args)]
pub struct CommonFlags {
    /// Address to listen on; the default can be reached from this machine only, and `::` by
    /// IPv6 and IPv4
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    #[arg(value_name = "ADDRESS", value_parser = parser::<IpAddr>("an IP address"))]
    host: IpAddr,

    /// Listen on the network, and print the address with a QR code
    #[arg(long, conflicts_with = "host")]
    lan: bool,

    /// Address at which the room reaches this machine, when it is none of its own: a
    /// container's are not
    #[arg(long, requires = "lan", value_name = "ADDRESS")]
    #[arg(value_parser = parser::<IpAddr>("an IP address"))]
    public_address: Option<IpAddr>,

    /// Accept requests for this host name too, such as a tunnel's; may be repeated
    #[arg(long, value_name = "NAME", value_parser = hosts::name)]
    pub allow_host: Vec<String>,

    /// Mean time between samples; each pause is half to twice as long
    #[arg(long, default_value = "2s", value_parser = duration)]
    #[arg(value_name = "DURATION")]
    pub every: Duration,

    /// Repeat the same data in the same rhythm [default: different each time]
    #[arg(long, value_name = "NUMBER")]
    #[arg(value_parser = parser::<u64>("a number from 0 up"))]
    pub seed: Option<u64>,

    /// Number of samples to keep for clients that fall behind
    #[arg(long, default_value = "1000", value_name = "SAMPLES")]
    #[arg(value_parser = parser::<NonZeroUsize>("a number from 1 up"))]
    pub keep: NonZeroUsize,

    /// Folder of the pages, to show others than those in this program
    #[arg(long, value_name = "FOLDER")]
    pub static_dir: Option<PathBuf>,

    /// Log level: off, error, warn, info, debug (each request) or trace
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    #[arg(value_parser = parser::<LevelFilter>("off, error, warn, info, debug or trace"))]
    pub(crate) log: LevelFilter,
}

impl<T: clap::Args> AsRef<CommonFlags> for Flags<T> {
    fn as_ref(&self) -> &CommonFlags {
        &self.common
    }
}

impl CommonFlags {
    /// The address to listen on.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        if self.lan { Ipv4Addr::UNSPECIFIED.into() } else { self.host }
    }

    /// The URLs at which other devices reach what listens on this port, the likeliest
    /// first.
    #[must_use]
    pub fn urls(&self, port: u16) -> Vec<String> {
        banner::lan_urls(self.public_address.unwrap_or(self.address()), port)
    }

    /// The host names that requests may be for.
    #[must_use]
    pub fn hosts(&self) -> Hosts {
        Hosts::new(&self.allow_host)
    }
}

/// Reads a value, or says what was expected.
fn parser<T: FromStr>(
    expected: &'static str,
) -> impl Fn(&str) -> Result<T, InvalidValue> + Clone {
    move |text| text.parse().map_err(|_| InvalidValue { expected })
}

/// Reads a duration such as `100ms`, `2s` or `1h`, for a technique's own flags.
///
/// # Errors
/// When the text is no duration, or less than a millisecond, or more than a day.
pub fn duration(text: &str) -> Result<Duration, InvalidValue> {
    let day = Duration::from_secs(24 * 60 * 60);
    match humantime::parse_duration(text) {
        Ok(time) if time >= Duration::from_millis(1) && time <= day => Ok(time),
        _ => Err(InvalidValue {
            expected: "a duration from 1ms to 24h, such as 100ms, 2s or 1h",
        }),
    }
}

/// The flags of a demo, in these arguments.
pub(crate) fn of<T: clap::Args>(
    technique: &Technique,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Flags<T>, ExitCode> {
    let about =
        format!("Realtime Workshop: live data in a browser, by {}", technique.name);
    parse(technique.name, about, arguments, |command| own_flags(technique, command))
}

/// The port of the technique, unless told otherwise. Its own flags are durations, and
/// called so: `--hold <DURATION>`.
fn own_flags(technique: &Technique, command: clap::Command) -> clap::Command {
    let duration = TypeId::of::<Duration>();
    command
        .mut_arg("port", |port| {
            port.required(false).default_value(technique.port.to_string())
        })
        .mut_args(|flag| match flag.get_value_parser().type_id() == duration {
            true => flag.value_name("DURATION"),
            false => flag,
        })
}

/// Parses the flags in these arguments, after `adjust` has changed the command, and
/// starts the log. The first argument is the program's name, and not read.
///
/// # Errors
/// The exit code, when the program is to end: after `--help`, or after wrong flags,
/// which are reported in one line.
pub fn parse<F: Parser + AsRef<CommonFlags>>(
    name: &'static str,
    about: String,
    arguments: impl IntoIterator<Item = OsString>,
    adjust: impl FnOnce(clap::Command) -> clap::Command,
) -> Result<F, ExitCode> {
    // Otherwise `--help` begins with a doc comment.
    let command = adjust(F::command().name(name).about(about).long_about(None));
    let matches = command.try_get_matches_from(arguments);
    let flags = matches.and_then(|matches| F::from_arg_matches(&matches));
    let flags = flags.map_err(|error| print_flag_error(name, &error))?;
    start_log(flags.as_ref().log);
    Ok(flags)
}

/// Prints the help that was asked for, or in one line which flag was wrong. Returns the
/// status that the process ends with.
pub fn print_flag_error(name: &str, error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::DisplayHelp {
        banner::print_line(&error.to_string());
        return ExitCode::SUCCESS;
    }
    banner::print_error(name, &one_line(error));
    ExitCode::from(2)
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_techniques_own_flag_says_that_it_takes_a_duration() {
        #[derive(Debug, clap::Args)]
        struct Timings {
            #[arg(long, default_value = "30s", value_parser = super::duration)]
            _hold: Duration,
        }
        let technique =
            Technique { name: "", port: 3002, endpoints: &[], source: "" };
        let help = own_flags(&technique, Flags::<Timings>::command())
            .render_long_help()
            .to_string();
        for flag in ["--hold <DURATION>", "--every <DURATION>", "--port <PORT>"] {
            assert!(help.contains(flag), "{help}");
        }
    }

    #[test]
    fn the_room_is_sent_to_the_public_address() {
        #[derive(Debug, Parser)]
        struct Program {
            #[command(flatten)]
            common: CommonFlags,
        }
        let urls = |flags: &[&str]| {
            let program = Program::try_parse_from([&["demo"], flags].concat());
            program.map(|program| program.common.urls(3000))
        };
        let public = ["--lan", "--public-address", "192.168.1.20"];
        assert_eq!(urls(&public).unwrap(), ["http://192.168.1.20:3000/"]);
        assert_eq!(urls(&[]).unwrap(), [""; 0]);
        let alone = urls(&public[1..]).unwrap_err().to_string();
        assert!(alone.contains("--lan"), "{alone}");
    }

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for text in ["", "2", "0s", "1us", "-1s", "25h", "99999999999y", "soon"] {
            let error = duration(text).unwrap_err().to_string();
            assert!(error.contains("100ms"), "{text}: {error}");
        }
    }
}
