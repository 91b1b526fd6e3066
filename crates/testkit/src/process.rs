//! A program as a process: run until its banner says where it listens, sent signals,
//! and killed in the end.

use std::{
    net::SocketAddr,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use machine::{ServerProcess, Signal, Stopwatch};

use crate::{client::Client, wait::wait_until};

/// A running program of the workspace, such as a demo. It is killed when it is dropped.
pub struct Process {
    process: ServerProcess,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Process {
    /// Runs it on a free port, with these flags, until its banner says where it is.
    pub fn run(binary: &str, flags: &[&str]) -> Self {
        Self::start(Command::new(binary).args(["--port", "0"]).args(flags)).0
    }

    /// Runs a program until its banner says where it is. Returns the rest of the banner,
    /// too, which does not have to be read.
    pub fn start(
        command: &mut Command,
    ) -> (Self, impl Iterator<Item = String> + use<>) {
        command.stderr(Stdio::null());
        let (process, lines) = ServerProcess::start_and_read(command).unwrap();
        (Self { address: process.address, process }, lines)
    }

    /// A new connection to it.
    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// A new connection to it, on which `GET target` was asked for.
    pub fn get(&self, target: &str) -> Client {
        let mut client = self.connect();
        client.get(target);
        client
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How much of the machine's memory it has, in KiB.
    pub fn memory(&self) -> u64 {
        self.process.memory().unwrap() / 1024
    }

    /// Stops it as Ctrl-Z does, and lets it go on after so long.
    pub fn pause_for(&mut self, time: Duration) {
        self.pause();
        let until = Instant::now() + time;
        wait_until("the pause is over", || Instant::now() >= until);
        self.resume();
    }

    /// Stops it as Ctrl-Z does.
    pub fn pause(&mut self) {
        self.process.signal(Signal::Stop).unwrap();
    }

    /// Lets it go on after that.
    pub fn resume(&mut self) {
        self.process.signal(Signal::Continue).unwrap();
    }

    /// Sends a signal that ends it. How it ended, and how long that took.
    pub fn signal(mut self, signal: Signal) -> (ExitStatus, Duration) {
        self.process.signal(signal).unwrap();
        let mut watch = Stopwatch::start(Duration::from_millis(50));
        let mut status = None;
        wait_until("ended", || {
            watch.elapsed();
            status = self.process.exit_status().unwrap();
            status.is_some()
        });
        (status.unwrap(), watch.elapsed())
    }

    /// Runs a program that ends by itself before it prints anything. Returns its exit code
    /// and what it wrote to standard error.
    pub fn fail(binary: &str, flags: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(binary);
        let output = command.args(flags).stdin(Stdio::null()).output().unwrap();
        let [printed, complaint] = [output.stdout, output.stderr]
            .map(|text| String::from_utf8(text).unwrap());
        assert_eq!(printed, "", "{flags:?}: {complaint}");
        (output.status.code(), complaint)
    }
}
