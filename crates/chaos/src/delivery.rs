//! What clients were told, held to the rules of delivery:
//!
//! 1. Ids are +1 within a run, unless a gap was announced first.
//! 2. A change of run is announced.
//! 3. What came and what was announced as missed are together what was published.
//! 4. All five agree on the data of an id.
//!
//! The fifth, that memory does not grow with what is published, shows when much is:
//! the burst of samples is where it is judged.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use bench::client::{Event, Protocol, Sample};
use feed::Cursor;

/// What all clients have seen, and what was wrong with it.
#[derive(Default)]
pub(crate) struct DeliveryChecker {
    /// The data of each id, from the first client that was given it.
    data: RefCell<HashMap<Cursor, [u8; 13]>>,
    /// By rule and technique: how often, and what it was at first.
    violations: RefCell<BTreeMap<String, (u64, String)>>,
    /// By technique and number; each client writes its own.
    clients: RefCell<HashMap<(Protocol, usize), Progress>>,
    /// How far the server's clock was from ours, in ms, at most: written with each
    /// sample.
    clock: Cell<u64>,
    /// Clients read slowly, now and then: the chaos says when.
    pub(crate) slow: Cell<bool>,
}

/// How far a client is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// The cursor: the id of the newest sample, or of the newest gap.
    pub(crate) last: Option<Cursor>,
    /// How many samples came.
    pub(crate) received: u64,
    /// How many were announced as missed.
    pub(crate) announced: u64,
    /// How often a change of run was announced.
    pub(crate) restarts: u64,
    /// How often it has tried to connect.
    pub(crate) attempts: u64,
    /// Its response, stream or WebSocket has come to its end.
    pub(crate) ended: bool,
}

impl DeliveryChecker {
    pub(crate) fn violation(&self, rule: &str, protocol: Protocol, text: String) {
        let mut violations = self.violations.borrow_mut();
        let key = format!("{rule}: {protocol}");
        violations.entry(key).or_insert((0, text)).0 += 1;
    }

    /// What was wrong, a line for each rule and technique.
    pub(crate) fn violations(&self) -> Vec<String> {
        let violations = self.violations.borrow();
        let line = |(key, (count, first)): (&String, &(u64, String))| {
            format!("{key}: {count} times, at first {first}")
        };
        violations.iter().map(line).collect()
    }

    /// How far the server's clock was from ours, at most.
    pub(crate) fn clock(&self) -> Duration {
        Duration::from_millis(self.clock.get())
    }

    /// Looks a client up, or changes it.
    pub(crate) fn client<R>(
        &self,
        protocol: Protocol,
        number: usize,
        with: impl FnOnce(&mut Progress) -> R,
    ) -> R {
        with(self.clients.borrow_mut().entry((protocol, number)).or_default())
    }

    /// All clients, as they are now.
    pub(crate) fn clients(&self) -> Vec<(Protocol, usize, Progress)> {
        let clients = self.clients.borrow();
        clients
            .iter()
            .map(|(&(protocol, number), &c)| (protocol, number, c))
            .collect()
    }

    /// The sum over the clients of a technique.
    pub(crate) fn sum(
        &self,
        protocol: Protocol,
        read: impl Fn(&Progress) -> u64,
    ) -> u64 {
        let clients = self.clients.borrow();
        clients
            .iter()
            .filter(|((k, _), _)| *k == protocol)
            .map(|(_, c)| read(c))
            .sum()
    }

    /// Checks what a client was told.
    pub(crate) fn note(&self, protocol: Protocol, number: usize, event: &Event) {
        self.client(protocol, number, |client| {
            self.check(protocol, number, client, event)
        });
    }

    fn check(
        &self,
        protocol: Protocol,
        number: usize,
        client: &mut Progress,
        event: &Event,
    ) {
        let last = client.last;
        match *event {
            Event::Head(status) => self.check_status(protocol, number, status),
            Event::Sample(sample) => {
                client.received += 1;
                self.check_sample(protocol, number, last, sample);
                client.last = Some(sample.id);
            }
            Event::Gap { missed, restarted, id } => {
                let expected = match last {
                    Some(last) if !restarted => {
                        last.run == id.run && last.seq + missed == id.seq
                    }
                    Some(last) => last.run != id.run && id.seq == missed,
                    None => true,
                };
                if !expected || (missed == 0 && !restarted) {
                    let text = format!("{number}: at {last:?}, was told {event:?}");
                    self.violation("rule 3", protocol, text);
                }
                client.announced += missed;
                client.restarts += u64::from(restarted);
                client.last = Some(id);
            }
            Event::End => client.ended = true,
            Event::Other => {}
        }
    }

    fn check_status(&self, protocol: Protocol, number: usize, status: u16) {
        let right = match protocol {
            Protocol::ShortPoll => matches!(status, 200 | 204),
            // 503: it was held when the server ended.
            Protocol::LongPoll => matches!(status, 200 | 204 | 503),
            Protocol::Websocket => status == 101,
            _ => status == 200,
        };
        if !right {
            self.violation("status", protocol, format!("{number}: {status}"));
        }
    }

    fn check_sample(
        &self,
        protocol: Protocol,
        number: usize,
        last: Option<Cursor>,
        Sample { id, at, data }: Sample,
    ) {
        if let Some(last) = last
            && (last.run != id.run || last.seq + 1 != id.seq)
        {
            let run = last.run != id.run;
            let rule = if run { "rule 2" } else { "rule 1" };
            self.violation(rule, protocol, format!("{number}: {last}, then {id}"));
        }
        let known = *self.data.borrow_mut().entry(id).or_insert(data);
        if known != data {
            self.violation("rule 4", protocol, format!("{number}: {id} differs"));
        }
        let off = at.abs_diff(feed::unix_millis());
        self.clock.set(self.clock.get().max(off));
    }

    /// The clients that are not told all up to a sample.
    pub(crate) fn behind(&self, newest: Cursor) -> Vec<(Protocol, usize, Progress)> {
        let mut clients = self.clients();
        clients.retain(|(_, _, client)| {
            client.last.is_none_or(|id| id.run != newest.run || id.seq < newest.seq)
        });
        clients
    }
}
