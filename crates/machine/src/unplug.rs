//! A network of two hosts, and a cable that is pulled: no FIN, no RST, nothing. Linux
//! alone has networks to make, and needs root or user namespaces for it.

use std::{process::Command, time::Duration};

use crate::error::Error;

/// Whether a network can be made here.
///
/// # Errors
/// When a program for it, or the right to use it, is missing.
pub fn find_network_tools() -> Result<(), Error> {
    let probe = "for needed in ss nsenter curl; do command -v $needed; done; \
                 ip link add name near type veth peer name far";
    in_a_network(&["sh", "-ec", probe]).map(drop)
}

/// Lets a client ask a demo for `target`, each on a host of its own, and then pulls the
/// client's cable. Returns how long the demo kept the connection after that. `NEWEST` at
/// the end of `target` stands for the newest sample's cursor; `fields` are what curl
/// sends besides.
///
/// # Errors
/// When there is no such network here, or no client was served in it.
pub fn unplug(
    binary: &str,
    target: &str,
    fields: &[&str],
) -> Result<Duration, Error> {
    let script = include_str!("unplug.sh");
    let mut command = vec!["bash", "-c", script, "unplug.sh", binary, target];
    command.extend(fields.iter().flat_map(|field| ["-H", field]));
    let printed = in_a_network(&command)?;
    match printed.trim().parse() {
        Ok(millis) => Ok(Duration::from_millis(millis)),
        Err(_) => Err(Error::Network(printed)),
    }
}

/// What a command prints that runs in a network namespace of its own.
fn in_a_network(command: &[&str]) -> Result<String, Error> {
    let output = Command::new("unshare").arg("-rn").args(command).output();
    let output = output.map_err(|error| Error::Network(error.to_string()))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Network(complaint.trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
