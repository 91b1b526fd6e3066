//! The flags of `broker cluster`.

use std::{ffi::OsString, path::PathBuf};

use broker::cluster::{Error, Options, Ports, SERVERS_LIMIT};
use clap::Parser;
use stage::{CommonFlags, Hosts, InvalidValue};

/// The flags of `broker cluster`.
#[derive(Debug, Parser)]
pub(super) struct Flags {
    /// Number of servers
    #[arg(default_value = "2", value_name = "SERVERS", value_parser = servers)]
    servers: usize,

    /// First of the ports to listen on; 0 chooses free ones
    #[arg(long, value_name = "PORT", default_value = "4000", value_parser = base_port)]
    base_port: u16,

    /// Let the broker write its log to a file: killed and started, it has it again
    #[arg(long)]
    persistent: bool,

    #[command(flatten)]
    common: CommonFlags,
}

impl AsRef<CommonFlags> for Flags {
    fn as_ref(&self) -> &CommonFlags {
        &self.common
    }
}

impl Flags {
    pub(super) fn options(&self) -> Result<Options, Error> {
        let common = &self.common;
        // They write to the same terminal.
        let mut flags: Vec<OsString> = vec!["--log=warn".into()];
        let hosts = common.allow_host.iter();
        flags.extend(hosts.map(|name| format!("--allow-host={name}").into()));
        flags.push(format!("--every={}ms", common.every.as_millis()).into());
        flags.push(format!("--keep={}", common.keep).into());
        if let Some(folder) = &common.static_dir {
            flags.extend(["--static-dir".into(), folder.into()]);
        }
        let ports = match self.base_port {
            0 => Ports::free()?,
            base => Ports::from_base(base),
        };
        Ok(Options {
            servers: self.servers,
            host: common.address(),
            ports,
            persistent: self.persistent,
            server_flags: flags,
        })
    }

    pub(super) fn static_dir(&self) -> Option<PathBuf> {
        self.common.static_dir.clone()
    }

    pub(super) fn hosts(&self) -> Hosts {
        self.common.hosts()
    }
}

fn servers(text: &str) -> Result<usize, InvalidValue> {
    match text.parse() {
        Ok(servers @ 1..=SERVERS_LIMIT) => Ok(servers),
        _ => Err(InvalidValue { expected: "a number of servers from 1 to 8" }),
    }
}

fn base_port(text: &str) -> Result<u16, InvalidValue> {
    let last = u16::MAX - Ports::COUNT as u16;
    match text.parse() {
        Ok(port) if port <= last => Ok(port),
        _ => Err(InvalidValue { expected: "a port from 0 to 65445" }),
    }
}
