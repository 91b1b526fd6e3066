//! A program as a process: run until its banner says where it listens, sent signals,
//! and killed in the end.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use machine::{ServerProcess, Signal, Stopwatch};

use crate::{client::Client, wait::wait_until};

/// How many lines of a program's log are kept.
const LOG_LINES_LIMIT: usize = 100;

/// How long the log of a program that was killed may take to end: a process that it started
/// may hold it open.
const LOG_END_TIMEOUT: Duration = Duration::from_secs(1);

/// A running program of the workspace, such as a demo. It is killed when it is dropped. If
/// that is since the test failed, its log is printed.
pub struct Process {
    process: ServerProcess,
    /// Where it listens.
    pub address: SocketAddr,
    /// Dropped behind the process.
    _log: Log,
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
        let log = Log::of(command);
        let started = ServerProcess::start_and_read(command);
        command.stderr(Stdio::null()); // This program's end of the pipe is closed.
        let (process, lines) = started.unwrap();
        (Self { address: process.address, process, _log: log }, lines)
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

/// What a program writes to standard error. It is printed if the test fails.
struct Log {
    /// The last lines; written by the reader, as they come.
    lines: Arc<Mutex<VecDeque<String>>>,
    reader: JoinHandle<()>,
}

impl Log {
    /// Of the program that this command starts next.
    fn of(command: &mut Command) -> Self {
        let (reader, writer) = io::pipe().unwrap();
        command.stderr(writer);
        let lines = Arc::<Mutex<VecDeque<_>>>::default();
        let kept = lines.clone();
        let reader = thread::spawn(move || {
            for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
                let mut kept = kept.lock().unwrap();
                kept.push_back(String::from_utf8_lossy(&line).into_owned());
                if kept.len() > LOG_LINES_LIMIT {
                    kept.pop_front();
                }
            }
        });
        Self { lines, reader }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let deadline = Instant::now() + LOG_END_TIMEOUT;
        while !self.reader.is_finished() && Instant::now() < deadline {
            thread::park_timeout(Duration::from_millis(1));
        }
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        eprintln!("the program's last {} lines:", lines.len());
        lines.iter().for_each(|line| eprintln!("{line}"));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// Standard error of a thread is captured by the harness, so another process fails.
    #[test]
    fn a_failing_test_prints_what_the_program_said() {
        let mut this = Command::new(std::env::current_exe().unwrap());
        this.args(["--exact", "process::tests::fails", "--ignored", "--nocapture"]);
        let output = this.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("this went wrong"), "{said}");
    }

    #[test]
    #[ignore = "started by the other one"]
    fn fails() {
        let script =
            "echo http://localhost:1/; echo this went wrong >&2; exec sleep 9";
        let _program = Process::start(Command::new("sh").args(["-c", script]));
        panic!("the test fails");
    }
}
