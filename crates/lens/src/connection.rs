//! One connection through a lens: a pump for each direction, and a reaper that ends it.

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
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
use tracing::debug;

use crate::{
    CloseCause, Connection, Control, Decoded, Direction, Markers, Rule, Watcher,
    connection_state::State,
    effects::decision::{Decision, Shaper, decide},
    queue::{End, Pending, Queue},
    reading,
};

/// What a connection is forwarded with.
pub(crate) struct Context<'a, W> {
    pub(crate) connection: &'a Connection,
    /// The name of the lens.
    pub(crate) lens: &'a str,
    pub(crate) control: &'a Control,
    pub(crate) markers: Markers,
    pub(crate) watcher: &'a W,
}

/// Connects to a server, and forwards bytes between a client and it, until both have
/// ended or an effect ends them. Returns what ended the connection first.
///
/// ```text
///            ┌────────── pump up ──────────►┐
///   client ──┤                              ├── server
///            └◄───────── pump down ─────────┘
///                         reaper: cut, refuse, refuse_upgrade, idle_kill
/// ```
pub(crate) async fn forward(
    client: &mut TcpStream,
    address: SocketAddr,
    context: Context<'_, impl Watcher>,
) -> CloseCause {
    let shared = Shared {
        state: Mutex::new(State::new(context.connection.accepted, context.markers)),
        reaper_wakeup: Notify::new(),
        deferred_ready: Notify::new(),
        context,
    };
    let (mut client_in, mut client_out) = client.split();
    let mut server = None;
    let mut reports = ReportOnDrop {
        shared: &shared,
        up: Pending::new(Direction::Up),
        down: Pending::new(Direction::Down),
    };
    let ReportOnDrop { up, down, .. } = &mut reports;
    let forwarded = async {
        let Ok(connected) = shared.connect(address, &client_in, up).await else {
            return CloseCause::Unreachable;
        };
        let server = server.insert(connected);
        let (mut server_in, mut server_out) = server.split();
        let up = shared.pump(&mut client_in, &mut server_out, up);
        let down = async {
            let end = shared.pump(&mut server_in, &mut client_out, down).await;
            shared.state().server_ended = true;
            shared.deferred_ready.notify_one();
            end
        };
        // Over when both directions are, or when a reset has passed.
        let _ = try_join!(up, down);
        shared.state().first_end.unwrap_or(CloseCause::Reset)
    };
    // The reaper is polled first: nothing passes after a cut.
    let cause = select! {
        biased;
        cause = shared.reap() => cause,
        cause = forwarded => cause,
    };
    if cause.is_reset() {
        // Otherwise, dropping a socket would send a FIN. It fails for a socket that is
        // reset already.
        for socket in [Some(&*client), server.as_ref()].into_iter().flatten() {
            let _ = socket.set_zero_linger();
        }
    }
    cause
}

/// Reports the bytes that have left and are not reported, however the connection ends:
/// also when its task is dropped.
struct ReportOnDrop<'s, 'a, W: Watcher> {
    shared: &'s Shared<'a, W>,
    up: Pending,
    down: Pending,
}

impl<W: Watcher> Drop for ReportOnDrop<'_, '_, W> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let mut down = state.decoder.end(Direction::Down);
        let up = state.decoder.end(Direction::Up);
        drop(state);
        // A response that was broken off is no complete message.
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
    /// Written by both pumps; the reaper only reads it.
    state: Mutex<State>,
    /// Notified by the pumps, when a time changed that the reaper waits for.
    reaper_wakeup: Notify,
    /// Notified by the pump down, when labels of the client's bytes were deferred and are
    /// there now, or never will be.
    deferred_ready: Notify,
}

impl<W: Watcher> Shared<'_, W> {
    /// Connects to the server when the effects would let a byte pass: behind a stall, a
    /// server does not learn that somebody connects. Meanwhile the client's bytes wait.
    async fn connect(
        &self,
        address: SocketAddr,
        from: &ReadHalf<'_>,
        pending: &mut Pending,
    ) -> io::Result<TcpStream> {
        let Context { connection, lens, control, watcher, .. } = self.context;
        let mut rules = control.subscribe();
        let mut shapers = self.shapers(&mut rules, Direction::Up);
        // An opening has no bytes.
        pending.queue.push(Bytes::new(), Decoded::default(), connection.accepted);
        while let Decision::Hold(until) = decide(&mut shapers, &pending.queue) {
            self.hold(until, &mut rules, from, reading::most(true), pending).await;
            shapers = self.shapers(&mut rules, Direction::Up);
        }
        pending.queue.advance(0);
        let server = crate::server::open(address).await.inspect_err(|error| {
            debug!(lens, %address, %error, "the server can't be reached");
        })?;
        // What is written leaves at once. It fails for a connection that is gone.
        let _ = server.set_nodelay(true);
        if let Ok(local) = server.local_addr() {
            watcher.connected(connection, local);
        }
        Ok(server)
    }

    /// Forwards the bytes of one direction, and then its end, unless the receiver is gone
    /// before. The error is a reset that was forwarded.
    async fn pump(
        &self,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
        pending: &mut Pending,
    ) -> Result<(), End> {
        let direction = pending.direction;
        let mut rules = self.context.control.subscribe();
        rules.mark_changed();
        let mut shapers = Vec::new();
        loop {
            self.report_deferred(pending);
            // Checked here, so that bytes that came after an effect never escape it.
            if rules.has_changed().unwrap_or(false) {
                shapers = self.shapers(&mut rules, direction);
            }
            match decide(&mut shapers, &pending.queue) {
                Decision::Forward(most) => {
                    if let Some((end, decoded)) = pending.queue.end() {
                        self.report(pending, decoded);
                        return self.forward_end(end, to, pending).await;
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
                    // The receiver is gone: the other direction notices that by itself,
                    // after forwarding what still waits there.
                    let Ok(written) = written else { return Ok(()) };
                    let now = Instant::now();
                    shapers
                        .iter_mut()
                        .for_each(|shaper| shaper.forwarded(written, now));
                    self.written(written, pending);
                }
                Decision::Hold(until) => {
                    let most = reading::most(!shapers.is_empty());
                    self.hold(until, &mut rules, from, most, pending).await;
                }
            }
        }
    }

    /// Waits until bytes may leave, or there are more of them, or other effects.
    async fn hold(
        &self,
        until: Option<Instant>,
        rules: &mut watch::Receiver<Vec<Rule>>,
        from: &ReadHalf<'_>,
        most: usize,
        pending: &mut Pending,
    ) {
        let Pending { direction, ref mut queue, .. } = *pending;
        select! {
            _ = rules.changed() => rules.mark_changed(),
            _ = from.readable(), if !queue.has_ended() && !queue.is_full() => {
                self.read(direction, from, most, queue);
            }
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            () = self.deferred_ready.notified(), if direction == Direction::Up => {}
        }
    }

    /// Forwards the end of one side. The error is a reset.
    async fn forward_end(
        &self,
        end: End,
        to: &mut WriteHalf<'_>,
        pending: &mut Pending,
    ) -> Result<(), End> {
        self.state().half_closed_since.get_or_insert_with(Instant::now);
        self.reaper_wakeup.notify_one();
        if end == End::Reset {
            return Err(end);
        }
        // It fails when the other side has gone, too.
        let _ = to.shutdown().await;
        self.await_deferred_labels(pending).await;
        Ok(())
    }

    /// Notes how many bytes have left.
    fn written(&self, bytes: usize, pending: &mut Pending) {
        let mut state = self.state();
        state.lifetime.last_byte = Instant::now();
        state.full_since = None;
        drop(state);
        pending.writes.push(bytes, pending.queue.arrived());
        if let Some(decoded) = pending.queue.advance(bytes) {
            self.report(pending, decoded);
        }
    }

    /// Tells the watcher of bytes that have left, with their labels.
    fn report(&self, pending: &mut Pending, decoded: Decoded) {
        let writes = pending.writes.of(&decoded);
        let Context { connection, watcher, .. } = self.context;
        watcher.passed(connection, pending.direction, decoded, writes);
    }

    /// Reports deferred labels of the client's bytes, when those bytes have left.
    fn report_deferred(&self, pending: &mut Pending) {
        if pending.direction == Direction::Down {
            return;
        }
        let deferred = self.state().decoder.take_deferred();
        if let Some(decoded) =
            deferred.and_then(|decoded| pending.queue.add(decoded))
        {
            self.report(pending, decoded);
        }
    }

    /// After the client's end, waits for labels that depend on a response.
    async fn await_deferred_labels(&self, pending: &mut Pending) {
        let waits = || {
            let state = self.state();
            !state.server_ended && state.decoder.is_unsettled()
        };
        while pending.direction == Direction::Up && waits() {
            self.deferred_ready.notified().await;
        }
        self.report_deferred(pending);
    }

    /// Reads what is there, or the end, labels it and puts it into the queue.
    fn read(
        &self,
        direction: Direction,
        from: &ReadHalf<'_>,
        most: usize,
        queue: &mut Queue,
    ) {
        let read = reading::try_read(from, most);
        let now = Instant::now();
        let mut state = self.state();
        let (end, cause) = match read {
            Ok(bytes) if !bytes.is_empty() => {
                let decoded = state.decoder.push(direction, bytes.clone());
                queue.set_complete(!state.decoder.response_pending());
                queue.push(bytes, decoded, now);
                self.wake_up_pump(&state);
                if direction == Direction::Up && state.decoder.asks_to_upgrade() {
                    state.lifetime.upgrade_asked.get_or_insert(now);
                    self.reaper_wakeup.notify_one();
                }
                if direction == Direction::Up && queue.is_full() {
                    state.full_since.get_or_insert(now);
                    self.reaper_wakeup.notify_one();
                }
                return;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Ok(_) if direction == Direction::Up => (End::Fin, CloseCause::Client),
            Ok(_) => (End::Fin, CloseCause::Server),
            Err(_) => (End::Reset, CloseCause::Reset),
        };
        state.first_end.get_or_insert(cause);
        if direction == Direction::Up {
            state.half_closed_since.get_or_insert(now);
            self.reaper_wakeup.notify_one();
        }
        queue.push_end(end, state.decoder.end(direction), now);
        self.wake_up_pump(&state);
    }

    /// Wakes the pump up, if there are deferred labels for it: not with each sample.
    fn wake_up_pump(&self, state: &State) {
        if state.decoder.has_deferred() {
            self.deferred_ready.notify_one();
        }
    }

    /// Waits until an effect ends the connection, or a timeout of a dead connection does.
    async fn reap(&self) -> CloseCause {
        let mut rules = self.context.control.subscribe();
        loop {
            let end = {
                let rules = rules.borrow_and_update();
                let state = self.state();
                let ends = self
                    .matching_rules(&rules)
                    .filter_map(|rule| rule.effect.end(&state.lifetime, rule.since));
                ends.chain(state.timeouts()).min_by_key(|(at, _)| *at)
            };
            if let Some((at, cause)) = end
                && at <= Instant::now()
            {
                return cause;
            }
            let at = end.map(|(at, _)| at);
            select! {
                _ = rules.changed() => {}
                () = self.reaper_wakeup.notified() => {}
                () = sleep_until(at.unwrap_or_else(Instant::now)), if at.is_some() => {}
            }
        }
    }

    /// The shapers of this direction, for the rules that hold now.
    fn shapers(
        &self,
        rules: &mut watch::Receiver<Vec<Rule>>,
        direction: Direction,
    ) -> Vec<Box<dyn Shaper>> {
        let rules = rules.borrow_and_update();
        self.matching_rules(&rules)
            .filter_map(|rule| rule.effect.shaper(direction))
            .collect()
    }

    /// The rules that apply to this connection.
    fn matching_rules<'r>(
        &self,
        rules: &'r [Rule],
    ) -> impl Iterator<Item = &'r Rule> {
        let Context { lens, connection, .. } = self.context;
        let client = connection.client.ip();
        rules.iter().filter(move |rule| rule.applies_to(lens, client))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
