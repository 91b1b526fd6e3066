//! The flags of the workshop, and the ports that follow from them.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use clap::Parser;
use stage::{CommonFlags, Technique};

/// Of all ports, the hub's is the first, and each technique's as far from it as it is
/// from this one when it runs alone.
const BASE: u16 = 3000;

/// How far from the first port the presenter's own way in is.
const PRESENTER: u16 = 6;

/// The flags of the workshop.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// First of the seven ports to listen on; 0 takes free ones
    #[arg(long, value_name = "PORT", default_value_t = BASE)]
    #[arg(value_parser = base_port)]
    base_port: u16,

    #[command(flatten)]
    pub(crate) common: CommonFlags,

    /// long-poll: how long to hold a request until there is something
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = stage::duration)]
    pub(crate) hold: Duration,

    /// http-stream: how long an answer goes on
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = stage::duration)]
    pub(crate) lifetime: Duration,

    /// http-stream, sse, websocket: how often to say "I am still here"
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = stage::duration)]
    pub(crate) heartbeat: Duration,

    /// sse: how often the weather changes
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = stage::duration)]
    pub(crate) weather: Duration,

    /// Folder for what outlives a restart: the answers of the quiz, as quiz.json
    #[arg(long, value_name = "FOLDER", default_value = "workshop-state")]
    pub(crate) state_dir: PathBuf,
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
        self.plus(technique.port - BASE)
    }

    pub(crate) fn presenter_port(&self) -> u16 {
        self.plus(PRESENTER)
    }

    fn plus(&self, offset: u16) -> u16 {
        if self.base_port == 0 { 0 } else { self.base_port + offset }
    }
}

fn base_port(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(port) if port <= u16::MAX - PRESENTER => Ok(port),
        _ => Err(format!("expected 0 to {}", u16::MAX - PRESENTER)),
    }
}
