//! A program as a process: run until its banner says where it listens, sent signals,
//! and killed in the end.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crate::{client::Client, stopwatch::Stopwatch, wait::wait_until};

/// A demo's own binary, running. It is killed when it is dropped.
pub struct Demo {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Demo {
    /// Runs it on a free port, with these flags, until its banner says where it is.
    pub fn run(binary: &str, flags: &[&str]) -> Self {
        let (demo, _) =
            Self::start(Command::new(binary).args(["--port", "0"]).args(flags));
        demo
    }

    /// Runs a program until its banner says where it is. Nobody reads the rest of the
    /// banner unless it is wanted: the program must not mind.
    pub fn start(
        command: &mut Command,
    ) -> (Self, impl Iterator<Item = String> + use<>) {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        let port = lines
            .find_map(|line| {
                let (_, url) = line.split_once("page      http://localhost:")?;
                url.trim_end_matches('/').parse::<u16>().ok()
            })
            .expect("the banner names the page");
        (Self { process, address: ([127, 0, 0, 1], port).into() }, lines)
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

    /// How much of the machine's memory it has, in KiB.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.unwrap().trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Stops it as Ctrl-Z does, and lets it go on after so long.
    pub fn pause_for(&self, time: Duration) {
        self.stand_still();
        let until = Instant::now() + time;
        wait_until("the pause is over", || Instant::now() >= until);
        self.go_on();
    }

    /// Stops it as Ctrl-Z does.
    pub fn stand_still(&self) {
        self.send("STOP");
    }

    /// Lets it go on after that.
    pub fn go_on(&self) {
        self.send("CONT");
    }

    fn send(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends `TERM` or `INT`. How it ended, and how long that took.
    pub fn signal(mut self, signal: &str) -> (ExitStatus, Duration) {
        self.send(signal);
        let mut watch = Stopwatch::start(Duration::from_millis(50));
        let mut status = None;
        wait_until("ended", || {
            watch.look();
            status = self.process.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap(), watch.look())
    }

    /// Runs a demo that ends by itself: its exit code, and what it complained of.
    pub fn fail(binary: &str, flags: &[&str]) -> (Option<i32>, String) {
        let mut process = Command::new(binary)
            .args(flags)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut complaint = String::new();
        process.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        (process.wait().unwrap().code(), complaint)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It fails when the process has ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
