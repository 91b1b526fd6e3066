//! The processes of a cluster: started, killed, and ended together.

use std::{
    ffi::OsString,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use machine::{Program, ServerProcess, Signal, shield_from_ctrl_c};
use stage::{TempFolder, find_program};

use super::{
    error::Error,
    member::{Member, NoMember, State},
    nginx,
    options::Options,
};

/// How long processes may take to end, before they are killed.
const END_TIMEOUT: Duration = Duration::from_millis(1400);

/// How long until all of it is up.
const START_TIMEOUT: Duration = Duration::from_secs(15);

/// A process that may be killed and started again.
#[derive(Debug)]
struct Part {
    member: Member,
    program: Program,
    /// Where it listens, or the first of its ports.
    address: SocketAddr,
    /// None, until it is started, and when it was killed.
    process: Option<ServerProcess>,
    /// Whether the process has accepted a connection.
    listens: bool,
}

impl Part {
    fn run(&mut self) -> Result<(), Error> {
        if self.state() == State::Dead {
            let mut command: Command = self.program.command();
            let command = shield_from_ctrl_c(&mut command);
            self.process = Some(ServerProcess::spawn(command, self.address)?);
            self.listens = false;
        }
        Ok(())
    }

    fn wait_until_up(&mut self) -> Result<(), Error> {
        let start = Instant::now();
        while self.state() != State::Running {
            if self.state() == State::Dead || start.elapsed() > START_TIMEOUT {
                return Err(Error::NotUp { member: self.member });
            }
            thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }

    fn state(&mut self) -> State {
        let Some(process) = &mut self.process else { return State::Dead };
        if !matches!(process.exit_status(), Ok(None)) {
            return State::Dead;
        }
        self.listens = self.listens || process.listens();
        if self.listens { State::Running } else { State::Starting }
    }
}

/// What has become of a process.
#[derive(Debug, Clone, Copy)]
pub struct MemberState {
    /// Which.
    pub member: Member,
    /// Where it listens, or the first of its ports.
    pub address: SocketAddr,
    /// Whether it does.
    pub state: State,
    /// The number of its process, until it is killed.
    pub process: Option<u32>,
}

/// All processes. They are killed when this is dropped, and then their folder is removed.
#[derive(Debug)]
pub struct Cluster {
    /// The broker, the servers in their order, nginx.
    parts: Vec<Part>,
    /// Where nginx passes requests on from, in the order of the techniques.
    addresses: [SocketAddr; 5],
    /// Removed after the processes have ended.
    _folder: TempFolder,
}

impl Cluster {
    /// Starts all processes; the servers are this `program`, which is `broker`'s. Does
    /// not wait for them.
    ///
    /// # Errors
    /// When a program is missing, or a port in use.
    pub fn start(program: &Program, options: &Options) -> Result<Self, Error> {
        let Options { ports, host, .. } = options;
        for port in ports.all(options.servers) {
            // nginx alone listens on the network; what is free there is free here, too.
            drop(stage::listen(*host, port)?);
        }
        let (redis, nginx) = (installed("redis-server")?, installed("nginx")?);
        let folder = TempFolder::new("cluster")?;
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let part = |member, address, program| Part {
            member,
            program,
            address,
            process: None,
            listens: false,
        };
        let broker = local(ports.broker);
        let redis =
            redis.with(redis_flags(folder.path(), ports.broker, options.persistent));
        let mut parts = vec![part(Member::Broker, broker, redis)];
        for number in 1..=options.servers {
            let own = ports.server(number);
            let server = program.clone().with(server_flags(broker, &own));
            let server = server.with(&options.server_flags);
            parts.push(part(Member::Server(number), local(own[0]), server));
        }
        let file = folder.path().join("nginx.conf");
        fs::write(&file, nginx::configuration(folder.path(), options))?;
        let nginx = nginx.with(["-e", "stderr", "-p"]);
        let nginx = nginx.with([folder.path()]).with(["-c"]).with([file]);
        let host = match host {
            IpAddr::V4(all) if all.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(all) if all.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            one => *one,
        };
        let addresses = ports.techniques.map(|port| SocketAddr::new(host, port));
        parts.push(part(Member::Proxy, addresses[0], nginx));
        let mut cluster = Self { parts, addresses, _folder: folder };
        for part in &mut cluster.parts {
            part.run()?;
            // The servers would find it out, too, and say so in the log.
            if part.member == Member::Broker {
                part.wait_until_up()?;
            }
        }
        Ok(cluster)
    }

    /// Waits until all of it accepts connections.
    ///
    /// # Errors
    /// When a process has ended, or takes too long.
    pub fn wait_until_up(&mut self) -> Result<(), Error> {
        self.parts.iter_mut().try_for_each(Part::wait_until_up)
    }

    /// What has become of each process.
    pub fn states(&mut self) -> Vec<MemberState> {
        let state = |part: &mut Part| MemberState {
            member: part.member,
            address: part.address,
            state: part.state(),
            process: part.process.as_ref().map(ServerProcess::id),
        };
        self.parts.iter_mut().map(state).collect()
    }

    /// `kill -9`. One that is dead already stays so.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn kill(&mut self, member: Member) -> Result<(), Error> {
        self.part(member)?.process = None;
        Ok(())
    }

    /// Starts a process that is dead. One that runs goes on.
    ///
    /// # Errors
    /// When there is no such process, or it can't be started.
    pub fn run(&mut self, member: Member) -> Result<(), Error> {
        self.part(member)?.run()
    }

    /// The process of a member, while it runs: for its signals, and what it costs.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn process(&mut self, member: Member) -> Result<&mut ServerProcess, Error> {
        Ok(self.part(member)?.process.as_mut().ok_or(NoMember)?)
    }

    fn part(&mut self, member: Member) -> Result<&mut Part, Error> {
        let found = self.parts.iter_mut().find(|part| part.member == member);
        Ok(found.ok_or(NoMember)?)
    }

    /// The URL of the broker.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}/", self.parts[0].address)
    }

    /// Where nginx passes requests on to the servers, in the order of the techniques.
    #[must_use]
    pub fn addresses(&self) -> [SocketAddr; 5] {
        self.addresses
    }

    /// Tells all processes to end, nginx first: then the servers have no clients left to tell.
    /// Those that do not end in time are killed.
    pub fn end(&mut self) {
        let start = Instant::now();
        for part in self.parts.iter_mut().rev() {
            if let Some(process) = &mut part.process {
                // One that has ended gets no signal.
                let _ = process.signal(Signal::Terminate);
            }
        }
        while start.elapsed() < END_TIMEOUT
            && self.parts.iter_mut().any(|part| part.state() != State::Dead)
        {
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// A program of others.
fn installed(name: &'static str) -> Result<Program, Error> {
    find_program(name).map(Program::new).ok_or(Error::NotInstalled { name })
}

fn redis_flags(folder: &Path, port: u16, persistent: bool) -> Vec<OsString> {
    let port = port.to_string();
    let log = if persistent { "yes" } else { "no" };
    let flags =
        ["--bind", "127.0.0.1", "--port", &port, "--appendonly", log, "--dir"];
    let mut flags: Vec<OsString> = flags.map(Into::into).to_vec();
    // An empty value: no snapshots either.
    flags.extend([folder.into(), "--save".into(), "".into()]);
    flags
}

fn server_flags(broker: SocketAddr, ports: &[u16; 5]) -> [String; 5] {
    let ports = ports.map(|port| port.to_string()).join(",");
    let url = format!("redis://{broker}/");
    ["--broker", &url, "five", "--ports", &ports].map(ToOwned::to_owned)
}
