//! A server as a process of its own, from its first line of output until it is killed.

use std::{
    io::{self, BufRead, BufReader, ErrorKind},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{error::Error, guard, system};

/// How long a server may take until it listens.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// A server's process. It is killed when this is dropped, and when this program was killed.
#[derive(Debug)]
pub struct ServerProcess {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// When it was started.
    pub started: Instant,
}

/// A signal to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, as from Ctrl-C.
    Interrupt,
    /// SIGTERM: asks it to end.
    Terminate,
    /// SIGKILL: ends it at once.
    Kill,
    /// SIGSTOP: pauses it, as Ctrl-Z does.
    Stop,
    /// SIGCONT: resumes it.
    Continue,
}

/// Keeps Ctrl-C in the terminal from the process: it reaches only the program that
/// starts it, which has to end it then. A test does not: what it starts stays in its
/// own process group, and ends with it.
pub fn shield_from_ctrl_c(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command
}

fn spawn_guarded(command: &mut Command) -> Result<Child, Error> {
    let spawned = command.spawn();
    let mut process = spawned.map_err(|source| Error::Start {
        command: format!("{command:?}"),
        source,
    })?;
    if let Err(error) = guard::add(process.id()) {
        process.kill()?;
        process.wait()?;
        return Err(error.into());
    }
    Ok(process)
}

impl ServerProcess {
    /// Starts a server, and waits until it prints where it listens:
    /// `http://localhost:PORT/`. What it prints after that is lost.
    ///
    /// # Errors
    /// When it can't be started, or ends before it listens.
    pub fn start(command: &mut Command) -> Result<Self, Error> {
        Self::start_and_read(command).map(|(server, _)| server)
    }

    /// The same on the first core, where there is Linux and that core is allowed.
    ///
    /// # Errors
    /// When it can't be started, or ends before it listens.
    pub fn start_on_first_core(command: &mut Command) -> Result<Self, Error> {
        system::on_first_core(|| Self::start(command))
    }

    /// The same as [`start`](Self::start), with the lines that it prints after that one.
    ///
    /// # Errors
    /// When it can't be started, or ends before it listens.
    pub fn start_and_read(
        command: &mut Command,
    ) -> Result<(Self, impl Iterator<Item = String> + use<>), Error> {
        let started = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = spawn_guarded(command)?;
        let output = process.stdout.take().map(BufReader::new);
        let lines = output.into_iter().flat_map(BufRead::lines);
        let mut lines = lines.map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, rest) = line.split_once("http://localhost:")?;
            rest.split('/').next()?.parse::<u16>().ok()
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let server = Self { process, address, started };
        match port {
            Some(_) => Ok((server, lines)),
            None => Err(Error::NoAddress { command: format!("{command:?}") }),
        }
    }

    /// Starts a server that is to listen at this address, and does not wait until it does.
    /// What it prints is lost.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn spawn(command: &mut Command, address: SocketAddr) -> Result<Self, Error> {
        let started = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let process = spawn_guarded(command)?;
        Ok(Self { process, address, started })
    }

    /// The same, and waits until it accepts connections.
    ///
    /// # Errors
    /// When it can't be started, or ends before it listens, or does not listen in
    /// 10 s.
    pub fn start_at(
        command: &mut Command,
        address: SocketAddr,
    ) -> Result<Self, Error> {
        let mut server = Self::spawn(command, address)?;
        while !server.listens() {
            let ended = server.exit_status()?.is_some();
            if ended || server.started.elapsed() > START_TIMEOUT {
                let command = format!("{command:?}");
                return Err(Error::NotListening { command, address });
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        Ok(server)
    }

    /// Whether it accepts connections.
    #[must_use]
    pub fn listens(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How long it has run on a core so far.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn cpu(&self) -> Result<Duration, Error> {
        system::process_cpu_time(self.id())
    }

    /// How much memory of the machine it has, in bytes.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn memory(&self) -> Result<u64, Error> {
        system::memory(self.id())
    }

    /// How it has ended, if it has.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn exit_status(&mut self) -> Result<Option<ExitStatus>, Error> {
        let status = self.process.try_wait()?;
        if status.is_some() {
            guard::remove(self.id());
        }
        Ok(status)
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When the process has ended (its number may be another's by now), and on systems
    /// without signals.
    pub fn signal(&mut self, signal: Signal) -> Result<(), Error> {
        if let Some(status) = self.exit_status()? {
            return Err(Error::Ended { status });
        }
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal as Unix, kill_process};
            let signal = match signal {
                Signal::Interrupt => Unix::INT,
                Signal::Terminate => Unix::TERM,
                Signal::Kill => Unix::KILL,
                Signal::Stop => Unix::STOP,
                Signal::Continue => Unix::CONT,
            };
            let id = Pid::from_raw(self.id().cast_signed());
            let id = id.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
            Ok(kill_process(id, signal).map_err(io::Error::from)?)
        }
        #[cfg(not(unix))]
        {
            Err(io::Error::new(
                ErrorKind::Unsupported,
                format!("there is no {signal:?} on this system"),
            )
            .into())
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It fails when the process has ended before.
        let _ = self.process.kill();
        guard::remove(self.id());
        let _ = self.process.wait();
    }
}
