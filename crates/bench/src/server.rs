//! A server as a process of its own, on a core of its own, and what the system knows
//! of it.

use std::{
    ffi::OsString,
    fs,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A server to measure: how it is called, and how it is started.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) binary: PathBuf,
    pub(crate) arguments: Vec<OsString>,
}

impl Program {
    pub(crate) fn new(binary: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { binary: binary.into(), arguments }
    }

    /// A demo's binary, beside this one.
    ///
    /// # Errors
    /// When it was not built: says how.
    pub(crate) fn demo(name: &str) -> io::Result<Self> {
        let own = std::env::current_exe()?;
        let binary =
            own.with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION);
        if !binary.is_file() {
            let release = if cfg!(debug_assertions) { "" } else { "--release " };
            return Err(io::Error::other(format!(
                "there is no {}: run `cargo build {release}-p {name}`",
                binary.display()
            )));
        }
        Ok(Self { binary, arguments: Vec::new() })
    }

    /// This program itself, as a server.
    pub(crate) fn own(arguments: &[&str]) -> io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?, arguments))
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }
}

/// A server's process. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) started: Instant,
}

impl Server {
    /// Starts it on the first core (where there are several, and Linux), and waits
    /// until it says where it listens: `http://localhost:PORT/`.
    ///
    /// # Errors
    /// When it can't be started, or ends before it listens.
    pub(crate) fn start(program: &Program) -> io::Result<Self> {
        let mut command = match several_cores() {
            true => {
                let mut command = Command::new("taskset");
                command.args(["-c", "0"]).arg(&program.binary);
                command
            }
            false => Command::new(&program.binary),
        };
        command.args(&program.arguments);
        Self::spawn(command)
    }

    /// As [`Server::start`], on any core, by a command.
    pub(crate) fn spawn(mut command: Command) -> io::Result<Self> {
        let started = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        // Ctrl-C is for the bench, which then ends its servers.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .spawn()
            .map_err(|error| io::Error::other(format!("{command:?}: {error}")))?;
        let output = process.stdout.take().map(BufReader::new);
        let lines = output.into_iter().flat_map(BufRead::lines);
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("http://localhost:")?;
            rest.split('/').next()?.parse::<u16>().ok()
        });
        let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
        let server = Self { process, address, started };
        match port {
            Some(_) => Ok(server),
            None => Err(io::Error::other(format!("{command:?} does not listen"))),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// How long it has run on a core so far: what `stat` has in `utime` and `stime`,
    /// but in nanoseconds instead of hundredths of a second (`schedstat`).
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.id()))?;
        let mut nanos = 0;
        for thread in threads {
            // A thread may end in between.
            let schedstat = fs::read_to_string(thread?.path().join("schedstat"));
            nanos += schedstat.map_or(Ok(0), |text| first_number(&text))?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// How much memory of the machine it has, in bytes (`VmRSS`).
    pub(crate) fn memory(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(first_number(line.unwrap_or_default())? * 1024)
    }

    /// Whether it is still there.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Sends a signal, by name.
    pub(crate) fn signal(&self, name: &str) -> io::Result<()> {
        let id = self.id().to_string();
        Command::new("kill").args(["-s", name, &id]).status().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It fails when the process has ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How much the kernel holds in the buffers of all TCP sockets of the machine, in
/// bytes: `mem`, in pages, of `/proc/net/sockstat`.
pub(crate) fn socket_buffers() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/net/sockstat")?;
    let line = text.lines().find(|line| line.starts_with("TCP:"));
    let pages = line.and_then(|line| line.rsplit(' ').next());
    Ok(first_number(pages.unwrap_or_default())? * 4096)
}

/// Leaves the first core to the server. Returns whether that was possible.
pub(crate) fn keep_off_its_core() -> bool {
    let id = std::process::id().to_string();
    let others = match thread::available_parallelism() {
        Ok(cores) if cores.get() > 1 => format!("1-{}", cores.get() - 1),
        _ => return false,
    };
    let taskset = Command::new("taskset")
        .args(["-apc", &others, &id])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    taskset.is_ok_and(|status| status.success())
}

/// Whether there is a core for the server alone, and a way to say so.
fn several_cores() -> bool {
    let taskset = Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    taskset.is_ok_and(|status| status.success())
        && fs::read_to_string("/proc/cpuinfo")
            .is_ok_and(|text| text.matches("processor\t").count() > 1)
}

fn first_number(text: &str) -> io::Result<u64> {
    let number = text.split_whitespace().next().and_then(|word| word.parse().ok());
    number
        .ok_or_else(|| io::Error::other(format!("a number was expected: {text:?}")))
}
