//! Shows every byte between a browser and a server, in a terminal.

mod target;
mod terminal;

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use clap::Parser;
use lens::{ConnectionLimit, Control, Lens, Markers};
use stage::{print_error, print_line};
use tokio::{net::TcpListener, sync::watch};

use crate::{target::Target, terminal::Terminal};

/// Connections at a time: each takes two files, of the 1024 that a shell gives.
const CONNECTION_LIMIT: usize = 400;

/// Show every byte that passes between clients and a server
#[derive(Debug, Parser)]
#[command(name = "lens", max_term_width = 85)]
struct Flags {
    /// Port to listen on, of this machine alone
    #[arg(long, value_name = "PORT")]
    listen: u16,

    /// The server: 3004 for a port of this machine, or HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    to: Target,

    /// A line a token, with its label, instead of one a line of HTTP, a chunk or a frame
    #[arg(long)]
    bytes: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            print_error("lens", &problem);
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), String> {
    let server = flags.to.resolve().await?;
    // Before it listens: if another program has the port, this is wrong all the same.
    if flags.listen > 0 && is_itself(server, flags.listen) {
        return Err(format!(
            "--to {} is this lens itself: give it the port of a server, and --listen \
             another port",
            flags.to
        ));
    }
    let (listener, port) = listen(flags.listen)?;
    print_line(&format!(
        "open http://localhost:{port}/ to see what passes to {}; Ctrl-C ends it",
        flags.to
    ));
    let (_server, server) = watch::channel(server);
    let lens = Lens {
        name: "lens".into(),
        server,
        control: Control::default(),
        markers: Markers::default(),
        limit: ConnectionLimit::new(CONNECTION_LIMIT),
        watcher: Terminal::new(flags.bytes),
    };
    let interrupted = async {
        // Where Ctrl-C can't be listened to, it ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    lens.run(listener, interrupted).await;
    Ok(())
}

/// Listens on a port; on which, if any will do.
fn listen(port: u16) -> Result<(TcpListener, u16), String> {
    let problem = |error: std::io::Error| match error.kind() {
        ErrorKind::AddrInUse => format!(
            "port {port} is in use: end the program that has it, or take another with \
             --listen"
        ),
        _ => format!(
            "can't listen on port {port}: {error}; take another with --listen"
        ),
    };
    let listener = stage::listen(Ipv4Addr::LOCALHOST.into(), port).map_err(
        |error| match error {
            stage::Error::Listen { source, .. } => problem(source),
            other => other.to_string(),
        },
    )?;
    listener.set_nonblocking(true).map_err(problem)?;
    let port = listener.local_addr().map_err(problem)?.port();
    Ok((TcpListener::from_std(listener).map_err(problem)?, port))
}

/// Whether what connects to this address comes to the lens.
fn is_itself(server: SocketAddr, port: u16) -> bool {
    let ip = server.ip().to_canonical();
    // A connection to the unspecified address goes to this machine.
    server.port() == port
        && (ip == Ipv4Addr::LOCALHOST || ip == Ipv4Addr::UNSPECIFIED)
}
