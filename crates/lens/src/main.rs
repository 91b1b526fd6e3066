//! Shows every byte between a browser and a server, in a terminal.

use std::{
    io::{self, IsTerminal, Write as _},
    net::{IpAddr, SocketAddr},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use clap::Parser;
use lens::{
    Class, Connection, Control, Decoded, Direction, How, Lens, Piece, Places,
    Watcher, Write,
};
use tokio::{net::TcpListener, sync::watch};

/// Connections at a time: each takes two files, of the 1024 that a shell gives.
const MOST: usize = 400;

/// Show every byte that passes between clients and a server
#[derive(Debug, Parser)]
#[command(name = "lens", max_term_width = 85)]
struct Flags {
    /// Port to listen on, of this machine alone
    #[arg(long, value_name = "PORT")]
    listen: u16,

    /// Address of the server, such as 127.0.0.1:3004
    #[arg(long, value_name = "ADDRESS")]
    to: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let address = SocketAddr::new(IpAddr::from([127, 0, 0, 1]), flags.listen);
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => {
            complain(&format!(
                "can't listen on port {}: {error}; take another with --listen",
                flags.listen
            ));
            return ExitCode::FAILURE;
        }
    };
    let terminal = io::stdout().is_terminal();
    let printer = Printer {
        start: Instant::now(),
        colours: terminal && std::env::var_os("NO_COLOR").is_none(),
        last: Mutex::new((0, Direction::Up)),
    };
    let at = listener.local_addr().unwrap_or(address);
    say(&format!(
        "open http://localhost:{}/ to see what passes to {}; Ctrl-C ends it",
        at.port(),
        flags.to
    ));
    let (_server, server) = watch::channel(flags.to);
    let lens = Lens {
        name: "lens".into(),
        server,
        control: Control::default(),
        places: Places::new(MOST),
        watcher: printer,
    };
    let interrupted = async {
        // Where Ctrl-C can't be listened to, it ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    lens.run(listener, interrupted).await;
    ExitCode::SUCCESS
}

fn complain(problem: &str) {
    let _ = writeln!(io::stderr().lock(), "lens: {problem}");
}

/// A reader that has gone away is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints a line for each piece: what it is, what it says, what it means.
struct Printer {
    start: Instant,
    colours: bool,
    /// Which connection spoke last, and in which direction.
    last: Mutex<(u64, Direction)>,
}

impl Watcher for Printer {
    fn opened(&self, connection: &Connection) {
        self.line(connection, "opened", &format!("by {}", connection.client));
    }

    fn passed(
        &self,
        connection: &Connection,
        direction: Direction,
        decoded: Decoded,
        _: Vec<Write>,
    ) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != (connection.id, direction) {
            *last = (connection.id, direction);
            let arrow = match direction {
                Direction::Up => "► client says",
                Direction::Down => "◄ server says",
            };
            self.line(connection, arrow, "");
        }
        for piece in &decoded.pieces {
            say(&self.piece(piece));
        }
    }

    fn closed(&self, connection: &Connection, how: How) {
        self.line(connection, "closed", &format!("by {how:?}").to_lowercase());
    }
}

impl Printer {
    fn line(&self, connection: &Connection, what: &str, more: &str) {
        let seconds = self.start.elapsed().as_secs_f64();
        say(&format!(
            "\n{seconds:9.3} s  connection {}  {what} {more}",
            connection.id
        ));
    }

    /// `  chunk-size         framing  4d␍␊    77 bytes follow`
    fn piece(&self, piece: &Piece) -> String {
        let class = piece.label.class();
        let (on, off) = match (self.colours, class) {
            (false, _) => ("", ""),
            (true, Class::Head) => ("\x1b[34m", "\x1b[0m"),
            (true, Class::Framing) => ("\x1b[33m", "\x1b[0m"),
            (true, Class::Payload) => ("\x1b[32m", "\x1b[0m"),
            (true, Class::Control) => ("\x1b[35m", "\x1b[0m"),
            (true, Class::Opaque) => ("\x1b[2m", "\x1b[0m"),
        };
        let note = piece.note.as_deref().unwrap_or_default();
        let class = format!("{class:?}").to_lowercase();
        format!(
            "  {on}{:<18} {class:<8}{off} {:<40} {note}",
            piece.label.name(),
            text(piece)
        )
        .trim_end()
        .to_owned()
    }
}

/// Bytes in letters where they are some, in hex otherwise; the beginning of many.
fn text(piece: &Piece) -> String {
    const MOST: usize = 100;
    let bytes = &piece.bytes;
    // What is a number in a frame may look like a letter.
    let letters = !piece.label.name().starts_with("ws-");
    let shown = &bytes[..bytes.len().min(MOST)];
    let printable = |byte: &u8| {
        byte.is_ascii_graphic() || matches!(byte, b' ' | b'\r' | b'\n' | b'\t')
    };
    let mut text = if letters && shown.iter().all(printable) {
        let picture = |byte: &u8| match byte {
            b'\r' => '␍',
            b'\n' => '␊',
            b'\t' => '␉',
            _ => char::from(*byte),
        };
        shown.iter().map(picture).collect::<String>()
    } else {
        let hex: Vec<_> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.join(" ")
    };
    if bytes.len() > MOST {
        text.push_str(&format!(" … {} bytes", bytes.len()));
    }
    text
}
