//! What the system has for the room: its clock, open files, memory.

use std::{
    env, fs,
    path::Path,
    time::{Duration, SystemTime},
};

use humantime::format_rfc3339_seconds;
use stage::find_program;
use sysinfo::System;

use super::{check::Check, run};

/// Open files that a device may need: on the page that compares all five it has eight
/// connections, and each that passes a lens takes three files, with one more at the hub.
const FILES_PER_DEVICE: u64 = 8 * 4;

/// Open files that the workshop needs besides.
const OWN_FILES: u64 = 128;

/// The memory of a browser with the pages of the talk beside the workshop, generously.
const MEMORY_BYTES: u64 = 1 << 30;

/// How far this machine's clock may be behind the one of the machine that made this program.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// Whether the clock can be right.
pub(super) fn clock() -> Check {
    let made =
        env::current_exe().and_then(fs::metadata).and_then(|it| it.modified());
    let now = SystemTime::now();
    let time = format_rfc3339_seconds(now);
    if made.is_ok_and(|made| now + CLOCK_TOLERANCE < made) {
        let found = format!("{time} is before this program was made");
        return Check::problem("clock", found, "set the clock");
    }
    let synchronized = find_program("timedatectl").and_then(|timedatectl| {
        let property = ["show", "--property=NTPSynchronized", "--value"];
        let said = run::ask(timedatectl, &property).ok()?.text;
        match said.trim() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    });
    match synchronized {
        Some(true) => Check::ok("clock", format!("{time}, set by the network")),
        Some(false) => Check::warning(
            "clock",
            format!("{time}, not set by the network"),
            "compare it with your phone; sudo timedatectl set-ntp true",
        ),
        None => Check::note(
            "clock",
            format!("{time}; it can't be told whether the network sets it"),
            "compare it with your phone",
        ),
    }
}

/// Whether the quiz's answers can be kept in this folder.
pub(super) fn answers(folder: &Path) -> Check {
    let place = folder.display();
    let trial = folder.join("doctor.new");
    let is_new = !folder.exists();
    let tried = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&trial, ""))
        .and_then(|()| fs::remove_file(&trial));
    if is_new {
        let _ = fs::remove_dir(folder); // The workshop makes it when it needs it.
    }
    match tried {
        Ok(()) => Check::ok("answers", format!("the quiz's can be kept in {place}")),
        Err(error) => Check::warning(
            "answers",
            format!("{place} can't be written ({error})"),
            "choose another folder with --state-dir, here and for the workshop",
        ),
    }
}

/// Whether so many devices may connect.
pub(super) fn files(devices: u32) -> Check {
    enough_files(stage::raise_file_limit(), devices)
}

fn enough_files(files: u64, devices: u32) -> Check {
    let needed = OWN_FILES + FILES_PER_DEVICE * u64::from(devices);
    if files >= needed {
        return Check::ok(
            "files",
            format!("{files} may be open, enough for {devices} devices"),
        );
    }
    Check::problem(
        "files",
        format!("{files} may be open, {devices} devices need {needed}"),
        // The program has raised the soft limit itself.
        format!(
            "raise the hard limit, which ulimit -Hn prints, to {needed} (on Linux: nofile in \
             /etc/security/limits.conf, then log in again)"
        ),
    )
}

/// Whether there is memory for a browser, too.
pub(super) fn memory() -> Check {
    let mut system = System::new();
    system.refresh_memory();
    enough_memory(system.available_memory())
}

fn enough_memory(available: u64) -> Check {
    let found = format!("{} MiB are free", available >> 20);
    match available {
        0 => Check::note(
            "memory",
            "it can't be told how much is free",
            "close what you don't need",
        ),
        1..MEMORY_BYTES => {
            Check::warning("memory", found, "close other programs and tabs")
        }
        _ => Check::ok("memory", found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::check::Outcome;

    #[test]
    fn memory_and_files_are_held_against_what_a_room_needs() {
        assert_eq!(enough_memory(MEMORY_BYTES).outcome, Outcome::Ok);
        assert_eq!(enough_memory(MEMORY_BYTES - 1).outcome, Outcome::Warning);
        assert_eq!(enough_memory(0).outcome, Outcome::Note);
        assert_eq!(enough_files(2048, 60).outcome, Outcome::Ok);
        let few = enough_files(2047, 60).to_string();
        assert!(
            few.starts_with("PROBLEM") && few.contains("prints, to 2048"),
            "{few}"
        );
    }
}
