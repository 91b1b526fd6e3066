//! `broker cluster`, running, for the tests of its page and of the card that shows it.

use std::{net::SocketAddr, process::Command, time::Duration};

use testkit::{Process, Signal};

use crate::program;

/// The program; it is told to end, since what it has started would outlive it otherwise.
pub struct Cluster {
    process: Option<Process>,
    /// The page, for everybody.
    pub page: SocketAddr,
    /// The page with buttons.
    pub presenter: SocketAddr,
    /// Redis.
    pub broker: SocketAddr,
}

impl Cluster {
    /// Runs it from a port on, or on free ones if that is 0.
    #[must_use]
    pub fn start(base_port: u16, flags: &[&str]) -> Self {
        let mut command = Command::new(program("broker"));
        command.args(["cluster", "--base-port", &base_port.to_string()]).args(flags);
        let (process, banner) = Process::start(&mut command);
        let banner: Vec<_> = banner.take(8).collect();
        let word = |name: &str| {
            let line =
                banner.iter().find(|line| line.trim().starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let presenter = word("presenter").replace("http://localhost", "127.0.0.1");
        Self {
            page: process.address,
            presenter: presenter.trim_end_matches('/').parse().unwrap(),
            broker: word("broker").parse().unwrap(),
            process: Some(process),
        }
    }

    /// Ctrl-C. How long it took.
    pub fn end(&mut self) -> Duration {
        let (status, time) = self.process.take().unwrap().signal(Signal::Interrupt);
        assert!(status.success(), "{status}");
        time
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.signal(Signal::Terminate);
        }
    }
}
