//! `broker cluster`: starts a cluster, and serves the page that shows it; at the presenter's
//! address, with buttons that kill and start its processes.

mod flags;
mod pages;
mod watch;

use std::{
    ffi::OsString,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::rt::{System, spawn};
use broker::{
    Broker, InvalidUrl,
    cluster::{Cluster, Error, Options},
};
use machine::Program;
use tokio::try_join;

use self::{flags::Flags, pages::Console, watch::Watch};
use crate::ports_in_use;

/// Runs until Ctrl-C or SIGTERM, or until the terminal is closed.
pub(crate) fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let about =
        "Several servers on one broker, behind nginx, and a page that shows them";
    let parsed =
        stage::parse::<Flags>("cluster", about.into(), arguments, |command| command);
    let flags = match parsed {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    match System::new().block_on(run(&flags)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stage::print_error("cluster", &error);
            ExitCode::FAILURE
        }
    }
}

/// Why the page can't be shown.
#[derive(Debug, thiserror::Error)]
enum ConsoleError {
    #[error(transparent)]
    Cluster(Error),
    #[error("{}", ports_in_use::advise(.0, other_ports))]
    Stage(#[from] stage::Error),
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    #[error("the operating system refused: {0}")]
    Io(#[from] io::Error),
}

impl From<Error> for ConsoleError {
    fn from(error: Error) -> Self {
        match error {
            Error::Port(error) => Self::Stage(error),
            error => Self::Cluster(error),
        }
    }
}

/// The flag that moves all ports of a cluster, of which this one is in use.
fn other_ports(port: u16) -> String {
    let base = port.wrapping_add(1000).max(4000) / 1000 * 1000;
    format!("--base-port {base}")
}

async fn run(flags: &Flags) -> Result<(), ConsoleError> {
    stage::raise_file_limit();
    let options = flags.options()?;
    let (host, ports) = (options.host, &options.ports);
    let everybody = stage::listen(host, ports.page)?;
    let presenter = stage::listen(Ipv4Addr::LOCALHOST.into(), ports.presenter)?;
    let shutdown = ended()?;
    let mut cluster =
        Cluster::start(&Program::this().map_err(Error::from)?, &options)?;
    let broker = Broker::new(&cluster.url())?;
    cluster.wait_until_up()?;
    let urls = stage::lan_urls(host, ports.page);
    stage::print_line(&banner(host, &urls, &options, &mut cluster));

    let cluster = Arc::new(Mutex::new(cluster));
    let watch = Watch::new(cluster.clone(), broker);
    let state = watch.subscribe();
    spawn(watch.run(shutdown));
    let console = |presenter: bool| Console {
        folder: flags.static_dir(),
        urls: urls.clone(),
        ports: options.ports.techniques,
        state: state.clone(),
        cluster: presenter.then(|| cluster.clone()),
    };
    let hosts = flags.hosts();
    let page = console(false).serve(everybody, &hosts)?;
    let desk = console(true).serve(presenter, &hosts)?;
    let ended = try_join!(page, desk);
    let mut cluster = cluster.lock().unwrap_or_else(PoisonError::into_inner);
    cluster.end();
    ended?;
    Ok(())
}

/// Ready on Ctrl-C, on SIGTERM, or when the terminal is closed, of which the processes of the
/// cluster are not told.
#[cfg(unix)]
fn ended() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = stage::interrupted()?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            () = interrupted => {}
            _ = hangup.recv() => {}
        }
    })
}

/// Ready on Ctrl-C.
#[cfg(not(unix))]
fn ended() -> io::Result<impl Future<Output = ()>> {
    stage::interrupted()
}

fn banner(
    host: IpAddr,
    urls: &[String],
    options: &Options,
    cluster: &mut Cluster,
) -> String {
    let ports = &options.ports;
    let mut text = String::from("\n  cluster\n\n");
    let mut line = |name: &str, at: &str| text += &format!("  {name:<10} {at}\n");
    line("page", &stage::local_url(host, ports.page));
    let presenter = stage::local_url(Ipv4Addr::LOCALHOST.into(), ports.presenter);
    line("presenter", &format!("{presenter}  with buttons, for this machine alone"));
    for state in cluster.states() {
        let process = state.process.unwrap_or_default();
        let (name, address) = (state.member.to_string(), state.address);
        line(&name, &format!("{address}  process {process}"));
    }
    let mut open = ports.techniques.to_vec();
    open.push(ports.page);
    text += "\n  nginx listens on five ports, one for each technique, and so does each server.\n";
    text += &stage::invitation(urls, host, &open);
    text + "\n  Press Ctrl-C to stop.\n"
}
