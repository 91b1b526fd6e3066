//! What is measured: a server, and what is asked of it.

use std::time::Duration;

use machine::{Program, ServerProcess, shield_from_ctrl_c};

use crate::{client::Protocol, error::Error};

/// What is asked of every server alike.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many clients.
    pub clients: usize,
    /// The mean time between samples.
    pub every: Duration,
    /// How long to measure.
    pub time: Duration,
    /// How often a client of short polling asks.
    pub poll: Duration,
}

/// What the demos are called among the servers.
pub(crate) const OURS: &str = "workshop";

/// A server, and how it is started for samples at a rhythm.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Its name in tables: [`OURS`] for the demos.
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    pub(crate) program: Program,
}

impl Subject {
    /// A demo's own binary.
    pub(crate) fn demo(protocol: Protocol) -> Result<Self, Error> {
        Ok(Self::of(protocol, Program::beside_this(protocol.package())?))
    }

    /// A program that takes a demo's flags.
    pub(crate) fn of(protocol: Protocol, program: Program) -> Self {
        let mut program = program.with(["--port", "0", "--log", "off"]);
        // Samples alone, and without end, as the peers have it.
        program = match protocol {
            Protocol::HttpStream => program.with(["--lifetime", "24h"]),
            Protocol::Sse => program.with(["--weather", "24h"]),
            _ => program,
        };
        Self { name: OURS, protocol, program }
    }

    pub(crate) fn start(&self, every: Duration) -> Result<ServerProcess, Error> {
        let every = format!("{}ms", every.as_millis());
        let rhythm =
            if self.protocol == Protocol::Stock { "--prices" } else { "--every" };
        let program = self.program.clone().with([rhythm, &every]);
        let mut command = program.command();
        Ok(ServerProcess::start_on_first_core(shield_from_ctrl_c(&mut command))?)
    }
}
