use std::{
    cell::RefCell,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
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
    CloseCause, Connection, Control, Decoded, Decoder, Direction, Markers, Rule,
    Watcher,
    effects::{Life, Shape, Verdict},
    queue::{End, Pending, Queue},
};

/// The most that one read takes, in bytes.
const READ: usize = 16 << 10;

/// The same, where effects hold bytes back: what is read together is shown and counted
/// when the last of it has left.
const SHAPED: usize = 512;

/// How long a client may say nothing while so much of what it said waits that its end
/// can't be seen. Only a stall gets that far.
const FULL: Duration = Duration::from_secs(60);

thread_local! {
    /// What was read last: each connection needs it for a moment only.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
}

/// How long a connection is kept, in silence, of which a client has left without being
/// missed, or whose client was told of its end and does not answer it.
const FAREWELL: Duration = Duration::from_secs(10);

/// What a connection is forwarded with.
pub(crate) struct Context<'a, W> {
    pub(crate) connection: &'a Connection,
    /// The name of the lens.
    pub(crate) lens: &'a str,
    pub(crate) control: &'a Control,
    pub(crate) markers: Markers,
    pub(crate) watcher: &'a W,
}

/// Passes bytes between a client and a server, until both have ended or an effect
/// ends them. Why it ended is the first of what happened.
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
    context: Context<'_, impl Watcher>,
) -> CloseCause {
    let opened = context.connection.accepted;
    let shared = Shared {
        state: Mutex::new(State {
            decoder: Decoder::new(context.markers),
            life: Life { opened, active: opened },
            first: None,
            over: None,
            full: None,
            answered: false,
        }),
        look: Notify::new(),
        decided: Notify::new(),
        context,
    };
    let (mut client_in, mut client_out) = client.split();
    let (mut server_in, mut server_out) = server.split();
    let mut unreported = Unreported {
        shared: &shared,
        up: Pending::new(Direction::Up),
        down: Pending::new(Direction::Down),
    };
    let Unreported { up, down, .. } = &mut unreported;
    let up = shared.pump(&mut client_in, &mut server_out, up);
    let down = async {
        let end = shared.pump(&mut server_in, &mut client_out, down).await;
        shared.state().answered = true;
        shared.decided.notify_one();
        end
    };
    // The reaper is asked first: nothing passes after a cut.
    let cause = select! {
        biased;
        cause = shared.reap() => cause,
        // Over when both directions are, or when a reset has passed.
        _ = async { try_join!(up, down) } => shared.state().first.unwrap_or(CloseCause::Reset),
    };
    if matches!(cause, CloseCause::Reset | CloseCause::Cut | CloseCause::Refuse) {
        // Without this, dropping a socket ends it politely. It fails for one that is
        // reset already.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
    cause
}

/// Reports what has left, however the connection ends: also when its task is not run to
/// its end.
struct Unreported<'s, 'a, W: Watcher> {
    shared: &'s Shared<'a, W>,
    up: Pending,
    down: Pending,
}

impl<W: Watcher> Drop for Unreported<'_, '_, W> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let mut down = state.decoder.end(Direction::Down);
        let up = state.decoder.end(Direction::Up);
        drop(state);
        // A response that was broken off has not ended.
        down.events.clear();
        for (pending, last) in [(&mut self.up, up), (&mut self.down, down)] {
            let decoded = pending.finish(last);
            if decoded != Decoded::default() {
                self.shared.report(pending, decoded);
            }
        }
    }
}

struct Shared<'a, W> {
    context: Context<'a, W>,
    state: Mutex<State>,
    /// The reaper has something new to look at.
    look: Notify,
    /// What the client said may be known now, or never will be.
    decided: Notify,
}

struct State {
    decoder: Decoder,
    life: Life,
    /// Which side ended first.
    first: Option<CloseCause>,
    /// When the client left, or was told that the server has.
    over: Option<Instant>,
    /// Since when nothing more is read from the client.
    full: Option<Instant>,
    /// Nothing will come from the server any more.
    answered: bool,
}

impl<W: Watcher> Shared<'_, W> {
    /// Carries the bytes of one direction, and then its end; or until nobody takes them.
    /// The error is a reset that has passed.
    async fn pump(
        &self,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
        pending: &mut Pending,
    ) -> Result<(), End> {
        let direction = pending.direction;
        let mut rules = self.context.control.subscribe();
        rules.mark_changed();
        let mut shapes = Vec::new();
        let mut ended = false;
        loop {
            self.report_decided(pending);
            // Here, so that nothing that came after an effect passes before it.
            if rules.has_changed().unwrap_or(false) {
                shapes = self.shapes(&mut rules, direction);
            }
            match verdict(&mut shapes, &pending.queue) {
                Verdict::Pass(most) => {
                    if let Some((end, decoded)) = pending.queue.end() {
                        self.report(pending, decoded);
                        self.is_over();
                        if end == End::Reset {
                            return Err(end);
                        }
                        // It fails when the other side has gone, too.
                        let _ = to.shutdown().await;
                        self.await_decision(pending).await;
                        return Ok(());
                    }
                    let front = pending.queue.front();
                    let written = select! {
                        biased;
                        // It can't fail: we hold the other end.
                        _ = rules.changed() => {
                            rules.mark_changed();
                            continue;
                        }
                        written = to.write(&front[..most.min(front.len())]) => written,
                    };
                    // The reader is gone: the other direction hears of that by itself,
                    // after what still waits there.
                    let Ok(written) = written else { return Ok(()) };
                    let now = Instant::now();
                    shapes.iter_mut().for_each(|shape| shape.passed(written, now));
                    self.written(written, pending);
                }
                Verdict::Wait(until) => select! {
                    _ = rules.changed() => rules.mark_changed(),
                    _ = from.readable(), if !ended && !pending.queue.is_full() => {
                        let most = if shapes.is_empty() { READ } else { SHAPED };
                        ended = self.read(direction, from, most, &mut pending.queue);
                    }
                    () = sleep_until(until.unwrap_or_else(Instant::now)),
                        if until.is_some() => {}
                    () = self.decided.notified(), if direction == Direction::Up => {}
                },
            }
        }
    }

    /// So many bytes have left.
    fn written(&self, bytes: usize, pending: &mut Pending) {
        let mut state = self.state();
        state.life.active = Instant::now();
        state.full = None;
        drop(state);
        pending.writes.push(bytes, pending.queue.arrived());
        if let Some(decoded) = pending.queue.advance(bytes) {
            self.report(pending, decoded);
        }
    }

    /// Bytes have left, and what they are is known.
    fn report(&self, pending: &mut Pending, decoded: Decoded) {
        let writes = pending.writes.of(&decoded);
        let Context { connection, watcher, .. } = self.context;
        watcher.passed(connection, pending.direction, decoded, writes);
    }

    /// What the client said may have waited for a response: reported when it has left.
    fn report_decided(&self, pending: &mut Pending) {
        if pending.direction == Direction::Down {
            return;
        }
        let decided = self.state().decoder.take_deferred();
        if let Some(decoded) = decided.and_then(|decoded| pending.queue.add(decoded))
        {
            self.report(pending, decoded);
        }
    }

    /// The client has said all; what that is may wait for a response still.
    async fn await_decision(&self, pending: &mut Pending) {
        let waits = || {
            let state = self.state();
            !state.answered && state.decoder.is_undecided()
        };
        while pending.direction == Direction::Up && waits() {
            self.decided.notified().await;
        }
        self.report_decided(pending);
    }

    /// Reads what is there, labels it and puts it into the queue. Whether it was the end.
    fn read(
        &self,
        direction: Direction,
        from: &ReadHalf<'_>,
        most: usize,
        queue: &mut Queue,
    ) -> bool {
        let read = SCRATCH.with_borrow_mut(|scratch| {
            let count = from.try_read(&mut scratch[..most])?;
            // A copy of its own size: a slice would keep all of a large one.
            io::Result::Ok(Bytes::copy_from_slice(&scratch[..count]))
        });
        let now = Instant::now();
        let mut state = self.state();
        let (end, cause) = match read {
            Ok(bytes) if !bytes.is_empty() => {
                let decoded = state.decoder.push(direction, bytes.clone());
                queue.set_whole(!state.decoder.response_pending());
                queue.push(bytes, decoded, now);
                self.tell_decided(&state);
                if direction == Direction::Up && queue.is_full() {
                    state.full.get_or_insert(now);
                    self.look.notify_one();
                }
                return false;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            Ok(_) if direction == Direction::Up => (End::Fin, CloseCause::Client),
            Ok(_) => (End::Fin, CloseCause::Server),
            Err(_) => (End::Reset, CloseCause::Reset),
        };
        state.first.get_or_insert(cause);
        if direction == Direction::Up {
            state.over.get_or_insert(now);
            self.look.notify_one();
        }
        queue.push_end(end, state.decoder.end(direction), now);
        self.tell_decided(&state);
        true
    }

    /// Wakes the client's direction, if there is something for it: not with each sample.
    fn tell_decided(&self, state: &State) {
        if state.decoder.has_deferred() {
            self.decided.notify_one();
        }
    }

    /// Both sides know that one of them has ended.
    fn is_over(&self) {
        self.state().over.get_or_insert_with(Instant::now);
        self.look.notify_one();
    }

    /// Waits until an effect ends the connection, or nobody is interested in it.
    async fn reap(&self) -> CloseCause {
        let mut rules = self.context.control.subscribe();
        loop {
            let end = {
                let rules = rules.borrow_and_update();
                let state = self.state();
                let ends = self
                    .reaching(&rules)
                    .filter_map(|rule| rule.effect.end(&state.life, rule.since));
                let left = state.over.map(|over| {
                    let cause = state.first.unwrap_or(CloseCause::Reset);
                    (over.max(state.life.active) + FAREWELL, cause)
                });
                let full = state.full.map(|full| (full + FULL, CloseCause::Reset));
                ends.chain(left).chain(full).min_by_key(|(at, _)| *at)
            };
            if let Some((at, cause)) = end
                && at <= Instant::now()
            {
                return cause;
            }
            let at = end.map(|(at, _)| at);
            select! {
                _ = rules.changed() => {}
                () = self.look.notified() => {}
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
        let Context { lens, connection, .. } = self.context;
        let client = connection.client.ip();
        rules.iter().filter(move |rule| rule.applies_to(lens, client))
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
