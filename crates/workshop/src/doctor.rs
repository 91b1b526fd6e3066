//! `workshop doctor`: looks, before the talk, at what goes wrong in front of people. A line
//! for each thing, with what to do about it; the last one waits for a phone to come.
//!
//! ```text
//! ok       ports     3000 to 3006 and 3012 are free
//! PROBLEM  files     256 may be open, 60 devices need 2048: raise the hard limit, …
//! ```
//!
//! A problem makes the exit code 1. What a system does not tell is a note that says so.

mod check;
mod firewall;
mod network;
mod phone;
mod ports;
mod programs;
mod rules;
mod run;
mod system;

use std::process::ExitCode;

use serde::Serialize;

use self::check::{Check, Outcome};
use crate::flags::DoctorFlags;

/// All that was looked at.
#[derive(Debug, Serialize)]
struct Report {
    /// Whether there is no problem.
    ready: bool,
    checks: Vec<Check>,
}

/// Looks at everything, and prints it: line by line, or as JSON in the end.
pub(crate) fn main(flags: &DoctorFlags) -> ExitCode {
    let mut checks = Vec::new();
    let mut add = |check: Check| {
        if !flags.json {
            stage::print_line(&check.to_string());
        }
        checks.push(check);
    };
    let room = flags.room_ports();
    let urls = network::urls(flags.base_port);
    add(ports::check(&flags.addresses()));
    add(network::addresses(&urls));
    add(firewall::check(&room));
    add(system::clock());
    add(system::files(flags.devices));
    add(system::memory());
    add(system::answers(&flags.state_dir));
    add(programs::browser());
    programs::optional().into_iter().for_each(&mut add);
    add(match flags.no_phone {
        true => Check::note("phone", "not tried", "leave out --no-phone"),
        false => phone::check(&urls, &room, flags),
    });
    let ready = checks.iter().all(|check| check.outcome != Outcome::Problem);
    let report = Report { ready, checks };
    if flags.json {
        // Text alone: that can't fail.
        stage::print_line(&serde_json::to_string(&report).unwrap_or_default());
    }
    if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
