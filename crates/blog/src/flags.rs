//! The flags of the blog, and which of its programs listens where.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use stage::{CommonFlags, InvalidValue, Technique};

use crate::{monolith, parts::PartName, services};

/// The flags of the blog.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// How the blog is built
    pub(crate) shape: Shape,

    /// Port to listen on; the services take the three above it [default: 3013 for the
    /// monolith, 3014 for the services]
    #[arg(long, value_name = "PORT", value_parser = port)]
    port: Option<u16>,

    /// How long a program that ended stays away, as while a new version starts
    #[arg(long, default_value = "3s", value_parser = stage::duration)]
    #[arg(value_name = "DURATION")]
    pub(crate) restart_delay: Duration,

    /// Which of the programs this process is; set by the process that starts it
    #[arg(long, hide = true)]
    pub(crate) program: Option<Program>,

    /// Where the parts keep what was written; set by the process that starts them
    #[arg(long, hide = true, default_value = ".")]
    pub(crate) data_dir: PathBuf,

    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

impl AsRef<CommonFlags> for Flags {
    fn as_ref(&self) -> &CommonFlags {
        &self.common
    }
}

/// How the blog is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// One program with all parts in it
    Monolith,
    /// A program for each part, and a gateway before them
    Services,
}

/// A program of the blog: a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    /// What readers connect to: the monolith, or the gateway of the services.
    Front,
    Posts,
    Comments,
    Likes,
}

impl Program {
    /// The programs of the parts.
    pub(crate) const PARTS: [Self; 3] = [Self::Posts, Self::Comments, Self::Likes];

    /// The part that it is, if it is one alone.
    pub(crate) fn part(self) -> Option<PartName> {
        let at = Self::PARTS.iter().position(|part| *part == self)?;
        PartName::ALL.get(at).copied()
    }

    /// What it is called.
    pub(crate) fn name(self, shape: Shape) -> &'static str {
        match (self.part(), shape) {
            (Some(part), _) => part.text(),
            (None, Shape::Monolith) => monolith::NAME,
            (None, Shape::Services) => services::GATEWAY,
        }
    }
}

impl Shape {
    /// The programs that it consists of. The last one has *likes* in it.
    pub(crate) fn programs(self) -> &'static [Program] {
        match self {
            Self::Monolith => &[Program::Front],
            Self::Services => {
                &[Program::Front, Program::Posts, Program::Comments, Program::Likes]
            }
        }
    }

    /// What it serves, where, and the source that the page shows.
    pub(crate) fn technique(self) -> Technique {
        let (port, source) = match self {
            Self::Monolith => (3013, include_str!("monolith.rs")),
            Self::Services => (3014, include_str!("services.rs")),
        };
        let endpoints = &["/events", "/posts", "/comments", "/likes"];
        Technique { name: "blog", port, endpoints, source }
    }

    /// What it is, in words.
    fn idea(self) -> &'static str {
        match self {
            Self::Monolith => "as one program",
            Self::Services => "as three programs with a gateway",
        }
    }
}

impl Flags {
    /// The port that readers connect to.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(self.shape.technique().port)
    }

    /// Where a program listens. Only the one for readers may be reached from elsewhere.
    pub(crate) fn address(&self, program: Program) -> SocketAddr {
        let host = match program {
            Program::Front => self.common.address(),
            _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        SocketAddr::new(host, self.port() + program as u16)
    }

    /// Where this machine reaches the program for readers.
    pub(crate) fn front(&self) -> SocketAddr {
        let mut address = self.address(Program::Front);
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        address
    }

    /// Where the page is, and what Enter does.
    pub(crate) fn banner(&self) -> String {
        let (host, port) = (self.common.address(), self.port());
        let urls = self.common.urls(port);
        let page = stage::local_url(host, port);
        let mut text =
            format!("\n  blog, {}\n\n  page      {page}\n", self.shape.idea());
        for program in &self.shape.programs()[1..] {
            let (name, address) = (program.name(self.shape), self.address(*program));
            text += &format!("  {name:<9} http://{address}/{name}\n");
        }
        let last = self.shape.programs()[self.shape.programs().len() - 1];
        text + &format!(
            "{}\n  Enter restarts {}, as a new version of likes would. Press Ctrl-C to stop.\n",
            stage::invitation(&urls, host, &[port]),
            last.name(self.shape)
        )
    }
}

/// The highest port: those of the services, three above it, still exist.
const PORT_LIMIT: u16 = u16::MAX - Program::Likes as u16;

fn port(text: &str) -> Result<u16, InvalidValue> {
    match text.parse() {
        Ok(port @ 1..=PORT_LIMIT) => Ok(port),
        _ => Err(InvalidValue { expected: "a port from 1 to 65532" }),
    }
}
