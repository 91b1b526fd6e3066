//! The program `lens`: prints every byte between clients and a server to the terminal;
//! with `--udp`, every datagram.

mod datagrams;
mod target;
mod terminal;

use std::{
    future::Future,
    io::{self, ErrorKind},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use clap::Parser;
use lens::{
    ConnectionLimit, Control, Effect, Lens, Markers, OutOfRange, Owner, Scope,
    TrustedProxies,
};
use stage::{print_error, print_flag_error, print_line};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
};

use crate::{
    datagrams::Effects,
    target::{Target, Unresolved},
    terminal::Terminal,
};

/// Connections at a time: each takes two files, of the 1024 that a shell gives.
const CONNECTION_LIMIT: usize = 400;

/// Prints every byte that passes between clients and a server
#[derive(Debug, Parser)]
#[command(name = "lens", max_term_width = 85)]
struct Flags {
    /// Port to listen on; it can be reached from this machine only
    #[arg(long, value_name = "PORT")]
    listen: u16,

    /// Server to forward to: a port of this machine, as in 3004, or HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    to: Target,

    /// Print a line for each token, with its label, instead of one for each line of a
    /// head, chunk, event or frame
    #[arg(long)]
    bytes: bool,

    /// Let no WebSocket through: reset each connection that asks for Upgrade
    #[arg(long, conflicts_with = "udp")]
    refuse_upgrade: bool,

    /// Relay datagrams instead of TCP connections
    #[arg(long)]
    udp: bool,

    #[command(flatten)]
    effects: Effects,
}

/// Why the lens could not start.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(
        "--to {0} is this lens itself: give it the port of a server, and --listen \
         another port"
    )]
    Itself(Target),
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    #[error(
        "port {0} is in use: end the program that has it, or choose another with \
         --listen"
    )]
    InUse(u16),
    #[error("{}: choose another with --listen", stage::no_page_at(*.0))]
    BadPort(u16),
    #[error("can't listen on port {port}: {source}; choose another with --listen")]
    Listen { port: u16, source: io::Error },
    #[error(transparent)]
    Stage(stage::Error),
    #[error("a strength is out of its range: {0}")]
    Strength(#[from] OutOfRange),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(error) => return print_flag_error("lens", &error),
    };
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error("lens", &error);
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), Error> {
    let server = flags.to.resolve().await?;
    // Checked before it listens: otherwise the error would be that the port is in use.
    if flags.listen > 0 && is_itself(server, flags.listen) {
        return Err(Error::Itself(flags.to));
    }
    let interrupted = async {
        // Where Ctrl-C can't be handled, it ends the program anyway.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    match flags.udp {
        true => relay(flags, server, interrupted).await,
        false => proxy(flags, server, interrupted).await,
    }
}

/// Passes TCP connections on.
async fn proxy(
    flags: Flags,
    server: SocketAddr,
    interrupted: impl Future<Output = ()>,
) -> Result<(), Error> {
    let (listener, port) = listen(flags.listen)?;
    print_line(&format!(
        "open http://localhost:{port}/ to see what passes to {}; press Ctrl-C to stop",
        flags.to
    ));
    let control = Control::default();
    if flags.refuse_upgrade {
        control.add(
            Owner::Presenter,
            Scope::default(),
            Effect::RefuseUpgrade,
            None,
        )?;
    }
    let (_server, server) = watch::channel(server);
    let lens = Lens {
        name: "lens".into(),
        server,
        control,
        markers: Markers::default(),
        limit: ConnectionLimit::new(CONNECTION_LIMIT),
        proxies: TrustedProxies::default(),
        watcher: Terminal::new(flags.bytes),
    };
    lens.run(listener, interrupted).await;
    Ok(())
}

/// Passes datagrams on.
async fn relay(
    flags: Flags,
    server: SocketAddr,
    interrupted: impl Future<Output = ()>,
) -> Result<(), Error> {
    let control = flags.effects.control()?;
    let problem = |source| cannot_listen(flags.listen, source);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, flags.listen))
        .await
        .map_err(problem)?;
    let port = socket.local_addr().map_err(problem)?.port();
    print_line(&format!(
        "send datagrams to localhost:{port} to see what passes to {}; press Ctrl-C to \
         stop",
        flags.to
    ));
    datagrams::run(socket, server, control, flags.bytes, interrupted).await;
    Ok(())
}

/// Listens on a port, or on a free one if it is 0. Returns which one.
fn listen(port: u16) -> Result<(TcpListener, u16), Error> {
    let problem = |source| cannot_listen(port, source);
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), port).map_err(
        |error| match error {
            stage::Error::Listen { source, .. } => problem(source),
            stage::Error::BadPort { port } => Error::BadPort(port),
            other => Error::Stage(other),
        },
    )?;
    listener.set_nonblocking(true).map_err(problem)?;
    let port = listener.local_addr().map_err(problem)?.port();
    Ok((TcpListener::from_std(listener).map_err(problem)?, port))
}

fn cannot_listen(port: u16, source: io::Error) -> Error {
    match source.kind() {
        ErrorKind::AddrInUse => Error::InUse(port),
        _ => Error::Listen { port, source },
    }
}

/// Whether a connection to this address reaches the lens itself.
fn is_itself(server: SocketAddr, port: u16) -> bool {
    let ip = server.ip().to_canonical();
    // A connection to the unspecified address goes to this machine.
    server.port() == port
        && (ip == Ipv4Addr::LOCALHOST || ip == Ipv4Addr::UNSPECIFIED)
}
