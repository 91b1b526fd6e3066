use std::{
    io,
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::BytesMut;
use serde::Serialize;
use tokio::{
    io::AsyncWriteExt,
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    select,
    sync::{Notify, watch},
    time::{Instant, sleep_until},
    try_join,
};

use crate::{
    Control, Decoder, Direction, Rule, Watcher,
    effects::{Life, Shape, Verdict},
    queue::Queue,
};

/// The most that one read takes.
const READ: usize = 16 << 10;

/// How long a connection is kept, in silence, of which a client has left without being
/// missed, or whose client was told of its end and does not answer it.
const FAREWELL: Duration = Duration::from_secs(10);

/// One connection through a lens, for those who watch.
#[derive(Debug)]
pub struct Connection {
    /// A number of its own, in the order in which connections come.
    pub id: u64,
    /// Who connected.
    pub client: SocketAddr,
    /// When.
    pub opened: SystemTime,
    /// The same, on a clock that is never set.
    accepted: Instant,
}

impl Connection {
    pub(crate) fn new(client: SocketAddr) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        // A client that came by IPv6 to a socket for both is known by its IPv4.
        let client = SocketAddr::new(client.ip().to_canonical(), client.port());
        Self { id, client, opened: SystemTime::now(), accepted: Instant::now() }
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The client ended it first.
    Client,
    /// The server ended it first.
    Server,
    /// One of them broke it off, or was gone.
    Reset,
    /// The server could not be reached.
    Unreachable,
    /// The effect.
    Cut,
    /// The effect.
    Refuse,
    /// The effect.
    IdleKill,
    /// The lens itself ended.
    Shutdown,
}

/// Passes bytes between a client and a server, until both have ended or an effect
/// ends them. How it ended is the first of what happened.
///
/// ```text
///            ┌────────── pump up ──────────►┐
///   client ──┤                              ├── server
///            └◄───────── pump down ─────────┘
///                         reaper: cut, refuse, idle_kill
/// ```
pub(crate) async fn forward(
    client: &mut TcpStream,
    server: &mut TcpStream,
    connection: &Connection,
    lens: &str,
    control: &Control,
    watcher: &impl Watcher,
) -> How {
    let opened = connection.accepted;
    let shared = Shared {
        connection,
        lens,
        control,
        watcher,
        state: Mutex::new(State {
            decoder: Decoder::new(),
            life: Life { opened, active: opened },
            first: None,
            over: None,
        }),
        one_ended: Notify::new(),
    };
    let (mut client_in, mut client_out) = client.split();
    let (mut server_in, mut server_out) = server.split();
    let up = shared.pump(Direction::Up, &mut client_in, &mut server_out);
    let down = shared.pump(Direction::Down, &mut server_in, &mut client_out);
    // The reaper is asked first: nothing passes after a cut.
    let how = select! {
        biased;
        how = shared.reap() => how,
        pumped = async { try_join!(up, down) } => match pumped {
            Ok(_) => shared.state().first.unwrap_or(How::Reset),
            Err(_) => How::Reset,
        },
    };
    if matches!(how, How::Reset | How::Cut | How::Refuse) {
        // Without this, dropping a socket ends it politely. It fails for one that is
        // reset already.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
    how
}

struct Shared<'a, W> {
    connection: &'a Connection,
    lens: &'a str,
    control: &'a Control,
    watcher: &'a W,
    state: Mutex<State>,
    one_ended: Notify,
}

struct State {
    decoder: Decoder,
    life: Life,
    /// Which side ended first.
    first: Option<How>,
    /// When the client left, or was told that the server has.
    over: Option<Instant>,
}

impl<W: Watcher> Shared<'_, W> {
    /// Carries the bytes of one direction, and then its end.
    async fn pump(
        &self,
        direction: Direction,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
    ) -> io::Result<()> {
        let mut rules = self.control.subscribe();
        let mut shapes = self.shapes(&mut rules, direction);
        let mut queue = Queue::default();
        let mut buffer = BytesMut::new();
        let mut ended = false;
        loop {
            match verdict(&mut shapes, &queue) {
                Verdict::Pass(most) => {
                    let front = queue.front();
                    if front.is_empty() {
                        self.is_over();
                        return to.shutdown().await;
                    }
                    let written = select! {
                        biased;
                        // It can't fail: we hold the other end.
                        _ = rules.changed() => {
                            shapes = self.shapes(&mut rules, direction);
                            continue;
                        }
                        written = to.write(&front[..most.min(front.len())]) => written?,
                    };
                    let now = Instant::now();
                    shapes.iter_mut().for_each(|shape| shape.passed(written, now));
                    self.state().life.active = now;
                    if let Some(decoded) = queue.advance(written) {
                        self.watcher.passed(self.connection, direction, decoded);
                    }
                }
                Verdict::Wait(until) => select! {
                    _ = rules.changed() => {
                        shapes = self.shapes(&mut rules, direction);
                    }
                    readable = from.readable(), if !ended && !queue.is_full() => {
                        readable?;
                        buffer.reserve(READ);
                        match from.try_read_buf(&mut buffer) {
                            Ok(0) => ended = true,
                            Ok(_) => {}
                            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                                continue;
                            }
                            Err(error) => return Err(error),
                        }
                        self.decode(direction, &mut buffer, &mut queue);
                    }
                    () = sleep_until(until.unwrap_or_else(Instant::now)),
                        if until.is_some() => {}
                },
            }
        }
    }

    /// Both sides know that one of them has ended.
    fn is_over(&self) {
        self.state().over.get_or_insert_with(Instant::now);
        self.one_ended.notify_one();
    }

    /// Labels what was read, or that it ended, and puts it into the queue.
    fn decode(
        &self,
        direction: Direction,
        buffer: &mut BytesMut,
        queue: &mut Queue,
    ) {
        let bytes = buffer.split().freeze();
        let mut state = self.state();
        let now = Instant::now();
        let decoded = if bytes.is_empty() {
            let how = match direction {
                Direction::Up => How::Client,
                Direction::Down => How::Server,
            };
            state.first.get_or_insert(how);
            if how == How::Client {
                state.over.get_or_insert(now);
                self.one_ended.notify_one();
            }
            state.decoder.end(direction)
        } else {
            state.decoder.push(direction, bytes.clone())
        };
        queue.set_whole(bytes.is_empty() || !state.decoder.answer_pending());
        queue.push(bytes, decoded, now);
    }

    /// Waits until an effect ends the connection, or nobody is interested in it.
    async fn reap(&self) -> How {
        let mut rules = self.control.subscribe();
        loop {
            let end = {
                let rules = rules.borrow_and_update();
                let state = self.state();
                let ends = self
                    .reaching(&rules)
                    .filter_map(|rule| rule.effect.end(&state.life, rule.since));
                let left = state.over.map(|over| {
                    let how = state.first.unwrap_or(How::Reset);
                    (over.max(state.life.active) + FAREWELL, how)
                });
                ends.chain(left).min_by_key(|(at, _)| *at)
            };
            if let Some((at, how)) = end
                && at <= Instant::now()
            {
                return how;
            }
            let at = end.map(|(at, _)| at);
            select! {
                _ = rules.changed() => {}
                () = self.one_ended.notified() => {}
                () = sleep_until(at.unwrap_or_else(Instant::now)), if at.is_some() => {}
            }
        }
    }

    /// The effects that hold bytes of this direction back, as they are now.
    fn shapes(
        &self,
        rules: &mut watch::Receiver<Vec<Rule>>,
        direction: Direction,
    ) -> Vec<Box<dyn Shape>> {
        let rules = rules.borrow_and_update();
        self.reaching(&rules)
            .filter_map(|rule| rule.effect.shape(direction))
            .collect()
    }

    fn reaching<'r>(&self, rules: &'r [Rule]) -> impl Iterator<Item = &'r Rule> {
        rules
            .iter()
            .filter(|rule| rule.reaches(self.lens, self.connection.client.ip()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all effects allow together.
fn verdict(shapes: &mut [Box<dyn Shape>], queue: &Queue) -> Verdict {
    if queue.is_empty() {
        return Verdict::Wait(None);
    }
    let now = Instant::now();
    shapes
        .iter_mut()
        .map(|shape| shape.verdict(queue, now))
        .fold(Verdict::Pass(usize::MAX), Verdict::and)
}
