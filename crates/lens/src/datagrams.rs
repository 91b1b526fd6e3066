//! `lens --udp`: a relay of datagrams, and a line in the terminal for each.
//!
//! ```text
//!     2.104 s  flow 1  ► 1200 bytes  Initial · version 1 · … · encrypted  held 20 ms
//!     2.125 s  flow 1  ◄ 1200 bytes  Initial · version 1 · … · encrypted  LOST
//! ```

use std::{future::Future, net::SocketAddr, time::Instant};

use lens::{
    Direction, Label, OutOfRange, Span,
    udp::{
        Conditions, DatagramWatcher, Delay, Duplicate, Fate, FlowInfo, Lose,
        LossCause, Throttle, UdpControl, UdpRelay,
    },
};
use tokio::net::UdpSocket;

use crate::terminal::{Terminal, print};

/// The flags of `--udp`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Effects {
    /// With --udp: lose so many of 100 datagrams, in each direction
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "udp")]
    lose: u64,

    /// With --udp: let so many of 100 datagrams arrive twice
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "udp")]
    duplicate: u64,

    /// With --udp: delay datagrams by so many milliseconds, in each direction
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "udp")]
    delay: u64,

    /// With --udp: vary the delay by up to so many milliseconds, which changes the order
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "udp")]
    jitter: u64,

    /// With --udp: let at most so many bytes a second pass, in each direction of a flow
    #[arg(long, value_name = "BYTES", requires = "udp")]
    throttle: Option<u64>,
}

impl Effects {
    /// The same as conditions of a relay.
    pub(crate) fn control(&self) -> Result<UdpControl, OutOfRange> {
        let control = UdpControl::default();
        control.set(Conditions {
            lose: Lose { percent: self.lose, direction: None },
            duplicate: Duplicate { percent: self.duplicate },
            delay: Delay { ms: self.delay, jitter: self.jitter },
            throttle: self
                .throttle
                .map(|bytes_per_second| Throttle { bytes_per_second }),
            ..Conditions::default()
        })?;
        Ok(control)
    }
}

/// Passes datagrams on and prints them, until `shutdown` is ready.
pub(crate) async fn run(
    socket: UdpSocket,
    server: SocketAddr,
    control: UdpControl,
    tokens: bool,
    shutdown: impl Future<Output = ()>,
) {
    let terminal = tokens.then(|| Terminal::new(tokens));
    let watcher = Lines { start: Instant::now(), tokens: terminal };
    UdpRelay { server, control, watcher }.run(socket, shutdown).await;
}

/// Prints a line for each datagram.
struct Lines {
    start: Instant,
    /// Prints each token of it as well.
    tokens: Option<Terminal>,
}

impl DatagramWatcher for Lines {
    fn opened(&mut self, flow: &FlowInfo) {
        self.line(flow, &format!("opened by {}", flow.client));
    }

    fn passed(
        &mut self,
        flow: &FlowInfo,
        direction: Direction,
        spans: &[Span],
        fate: Fate,
    ) {
        let arrow = match direction {
            Direction::Up => '►',
            Direction::Down => '◄',
        };
        let fate = match fate {
            Fate::Delivered(held) if held.as_millis() == 0 => String::new(),
            Fate::Delivered(held) => format!("held {} ms", held.as_millis()),
            Fate::Lost(LossCause::Lose | LossCause::Cut) => "LOST".into(),
            Fate::Lost(LossCause::QueueFull) => "DROPPED: the queue is full".into(),
            Fate::Lost(LossCause::NotSent) => "DROPPED: it could not be sent".into(),
        };
        let bytes: usize = spans.iter().map(|span| span.bytes.len()).sum();
        let notes: Vec<&str> = spans.iter().filter_map(note).collect();
        let notes = notes.join(" · ");
        self.line(flow, &format!("{arrow} {bytes} bytes  {notes}  {fate}"));
        if let Some(terminal) = &self.tokens {
            spans.iter().for_each(|span| print(&terminal.token(span)));
        }
    }

    fn closed(&mut self, flow: &FlowInfo) {
        self.line(flow, "was idle, and is forgotten");
    }
}

impl Lines {
    fn line(&self, flow: &FlowInfo, text: &str) {
        let seconds = self.start.elapsed().as_secs_f64();
        print(&format!("{seconds:9.3} s  flow {}  {text}", flow.id));
    }
}

/// What a line says of a span.
fn note(span: &Span) -> Option<&str> {
    match span.label {
        Label::Encrypted | Label::Opaque => Some(span.label.title()),
        _ => span.note.as_deref(),
    }
}
