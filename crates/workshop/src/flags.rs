//! The flags of the workshop, and the ports that follow from them.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::{Parser, Subcommand};
use stage::{CommonFlags, InvalidValue, Technique};

use crate::techniques::SERVED;

/// The usual port of the hub, and the first of seven; the gallery's is twelve above it. With
/// another base port, all move by the same distance.
pub(crate) const FIRST_PORT: u16 = 3000;

/// How far from the first port the presenter's own listener is.
const PRESENTER_OFFSET: u16 = 6;

/// How far from the first port the gallery is.
pub(crate) const GALLERY_OFFSET: u16 = gallery::TECHNIQUE.port - FIRST_PORT;

/// How far from the first port each of the workshop's is: the hub's, one for each technique,
/// the presenter's, and the gallery's. `scripts/behind` has the same.
pub(crate) const OFFSETS: [u16; 8] = {
    let [a, b, c, d, e, _] = SERVED;
    [
        0,
        a.port - FIRST_PORT,
        b.port - FIRST_PORT,
        c.port - FIRST_PORT,
        d.port - FIRST_PORT,
        e.port - FIRST_PORT,
        PRESENTER_OFFSET,
        GALLERY_OFFSET,
    ]
};

const STATE_DIR: &str = "workshop-state";

/// The flags of the workshop.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// First of the ports to listen on (the gallery's is twelve above); 0 chooses free ones
    #[arg(long, value_name = "PORT", default_value_t = FIRST_PORT)]
    #[arg(value_parser = base_port)]
    base_port: u16,

    #[command(flatten)]
    pub(crate) common: CommonFlags,

    /// Address of a proxy that writes X-Forwarded-For and is believed, so that devices
    /// behind it are told apart; may be repeated
    #[arg(long, value_name = "ADDRESS", value_parser = behind)]
    pub(crate) behind: Vec<IpAddr>,

    /// Put lenses before a proxy, too, whose seven ports begin at this one: they listen
    /// 100 ports up, for this machine alone, and /wire shows both sides of the proxy
    #[arg(long, value_name = "PORT", value_parser = proxy_port)]
    pub(crate) before_proxy: Option<u16>,

    /// long-poll: how long to hold a request while there is no new sample
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = stage::duration)]
    pub(crate) hold: Duration,

    /// http-stream: how long a response lasts
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = stage::duration)]
    pub(crate) lifetime: Duration,

    /// http-stream, sse, websocket: how often to send a heartbeat
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = stage::duration)]
    pub(crate) heartbeat: Duration,

    /// sse: how often the weather changes
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = stage::duration)]
    pub(crate) weather: Duration,

    /// Folder for what is kept across restarts: the quiz's answers, in quiz.json
    #[arg(long, value_name = "FOLDER", default_value = STATE_DIR)]
    pub(crate) state_dir: PathBuf,
}

/// What the program does instead of running the workshop.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look, before the talk, at ports, network, files and browser, and wait for a phone
    Doctor(DoctorFlags),
}

/// The flags of `workshop doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorFlags {
    /// First of the ports that the workshop will listen on
    #[arg(long, value_name = "PORT", default_value_t = FIRST_PORT)]
    #[arg(value_parser = known_base_port)]
    pub(crate) base_port: u16,

    /// Number of devices to expect
    #[arg(long, value_name = "NUMBER", default_value_t = 60, value_parser = devices)]
    pub(crate) devices: u32,

    /// Folder in which the workshop will keep the quiz's answers
    #[arg(long, value_name = "FOLDER", default_value = STATE_DIR)]
    pub(crate) state_dir: PathBuf,

    /// How long to wait for a phone
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = stage::duration)]
    pub(crate) wait: Duration,

    /// Do not wait for a phone
    #[arg(long)]
    pub(crate) no_phone: bool,

    /// Print JSON: {"ready":true,"checks":[{"name":"ports","outcome":"ok","found":…,
    /// "advice":null},…]}
    #[arg(long)]
    pub(crate) json: bool,
}

impl DoctorFlags {
    /// Where the workshop will listen with `--lan`.
    pub(crate) fn addresses(&self) -> [SocketAddr; OFFSETS.len()] {
        OFFSETS.map(|offset| {
            let host = match offset {
                PRESENTER_OFFSET => Ipv4Addr::LOCALHOST,
                _ => Ipv4Addr::UNSPECIFIED,
            };
            (host, self.base_port + offset).into()
        })
    }

    /// The ports that other devices have to reach.
    pub(crate) fn room_ports(&self) -> Vec<u16> {
        let addresses = self.addresses().into_iter();
        let room = addresses.filter(|address| !address.ip().is_loopback());
        room.map(|address| address.port()).collect()
    }
}

impl AsRef<CommonFlags> for Flags {
    fn as_ref(&self) -> &CommonFlags {
        &self.common
    }
}

impl Flags {
    pub(crate) fn address(&self) -> IpAddr {
        self.common.address()
    }

    pub(crate) fn hub_port(&self) -> u16 {
        self.base_port
    }

    pub(crate) fn port(&self, technique: &Technique) -> u16 {
        self.plus(technique.port - FIRST_PORT)
    }

    pub(crate) fn presenter_port(&self) -> u16 {
        self.plus(PRESENTER_OFFSET)
    }

    fn plus(&self, offset: u16) -> u16 {
        if self.base_port == 0 { 0 } else { self.base_port + offset }
    }
}

/// Reads the address of a proxy.
fn behind(text: &str) -> Result<IpAddr, InvalidValue> {
    text.parse().map_err(|_| InvalidValue { expected: "an IP address" })
}

/// The highest first port of a proxy: the lenses, 100 ports up, have ports, too.
const PROXY_PORT_LIMIT: u16 = BASE_PORT_LIMIT - 100;

fn proxy_port(text: &str) -> Result<u16, InvalidValue> {
    match text.parse() {
        Ok(port) if (1..=PROXY_PORT_LIMIT).contains(&port) => Ok(port),
        _ => Err(InvalidValue { expected: "1 to 65423" }),
    }
}

/// The highest base port: the gallery's, twelve above it, still exists.
const BASE_PORT_LIMIT: u16 = u16::MAX - GALLERY_OFFSET;

fn base_port(text: &str) -> Result<u16, InvalidValue> {
    match text.parse() {
        Ok(port) if port <= BASE_PORT_LIMIT => Ok(port),
        _ => Err(InvalidValue { expected: "0 to 65523" }),
    }
}

/// Reads a base port whose ports are known before the workshop is started.
fn known_base_port(text: &str) -> Result<u16, InvalidValue> {
    match base_port(text) {
        Ok(port @ 1..) => Ok(port),
        _ => Err(InvalidValue {
            expected: "1 to 65523 (with 0, the system chooses when the workshop starts)",
        }),
    }
}

fn devices(text: &str) -> Result<u32, InvalidValue> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(InvalidValue { expected: "a number from 1 up" }),
    }
}

/// Another base port, for when this port is in use.
pub(crate) fn other_base_port(port: u16) -> u16 {
    match port.wrapping_add(1000).max(4000) / 1000 * 1000 {
        6000 => 7000, // no browser opens a page at 6000
        base => base,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_port_leaves_a_port_for_the_gallery() {
        let expected = InvalidValue { expected: "0 to 65523" };
        assert_eq!(base_port(&BASE_PORT_LIMIT.to_string()), Ok(65523));
        for wrong in ["65524", "65536", "-1", "", "http"] {
            assert_eq!(base_port(wrong), Err(expected), "{wrong:?}");
        }
    }

    #[test]
    fn the_doctor_is_told_a_port_that_is_known_and_some_devices() {
        let read = |flag: &str| {
            let flags = Flags::try_parse_from(["workshop", "doctor", flag]);
            flags.map(|_| ()).map_err(|error| error.to_string())
        };
        for right in ["--base-port=1", "--base-port=65523", "--devices=1"] {
            assert_eq!(read(right), Ok(()), "{right}");
        }
        for (wrong, expected) in [
            ("--base-port=0", "expected 1 to 65523"),
            ("--base-port=65524", "expected 1 to 65523"),
            ("--base-port=-1", "expected 1 to 65523"),
            ("--devices=0", "expected a number from 1 up"),
            ("--devices=many", "expected a number from 1 up"),
        ] {
            let said = read(wrong).unwrap_err();
            assert!(said.contains(expected), "{wrong}: {said}");
        }
    }

    #[test]
    fn other_base_ports_are_whole_thousands_with_room_above() {
        for (port, other) in [
            (80, 4000),
            (3004, 4000),
            (4000, 5000),
            (5000, 7000),
            (64535, 65000),
            (65000, 4000),
        ] {
            assert_eq!(other_base_port(port), other);
            assert!(other <= BASE_PORT_LIMIT);
        }
    }
}
