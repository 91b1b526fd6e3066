mod seen;

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use lens::{Account, CloseCause, Direction, Span, Write};
use serde::Serialize;
use tokio::sync::broadcast;

pub(crate) use seen::Seen;

use crate::techniques::TECHNIQUES;

/// How much of what a device said and heard is kept for pages that are opened later,
/// in bytes with what is known of them.
const HISTORY: usize = 128 << 10;

/// What a piece takes besides its bytes, about.
const PIECE: usize = 100;

/// The same of a write.
const WRITE: usize = 50;

/// Of the connections that are closed, so many are kept in the list of a device.
const CLOSED: usize = 20;

/// How many devices are remembered. Beyond that, those that have left are forgotten.
const DEVICES: usize = 1000;

/// Devices by address: what each had to do with the five servers, as the lenses saw
/// it. Several people behind one address (a proxy, the same laptop) are one device.
pub(crate) struct Devices {
    known: Mutex<Known>,
    /// For the presenter.
    all: broadcast::Sender<News>,
}

#[derive(Default)]
struct Known {
    devices: HashMap<IpAddr, Device>,
    totals: [Account; 5],
    /// Counts what passed, over all devices.
    serial: u64,
    /// Counts the changes of connections that pages are told of.
    changes: u64,
}

struct Device {
    accounts: [Account; 5],
    lines: VecDeque<Line>,
    history: VecDeque<Arc<Passed>>,
    /// Size of the history.
    size: usize,
    /// Pages of the hub that are open on it.
    pages: usize,
    news: broadcast::Sender<News>,
    seen: Instant,
}

/// A device that is here.
#[derive(Debug)]
pub(crate) struct Present {
    pub(crate) client: IpAddr,
    /// Pages of the hub that are open on it.
    pub(crate) pages: usize,
    /// Its open connections to each technique.
    pub(crate) open: [u64; 5],
}

/// Something new about a device.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// A connection opened, asked for something else, or closed.
    Line(Line),
    /// Bytes passed.
    Passed(Arc<Passed>),
}

/// A connection to one of the servers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub(crate) id: u64,
    pub(crate) technique: &'static str,
    pub(crate) client: SocketAddr,
    /// Unix milliseconds, as all times here.
    pub(crate) opened: u64,
    pub(crate) closed: Option<u64>,
    pub(crate) how: Option<CloseCause>,
    /// What was asked for last.
    pub(crate) target: Option<String>,
    pub(crate) up: u64,
    pub(crate) down: u64,
    /// It has been live, and is in the accounts.
    #[serde(skip)]
    counted: bool,
    /// The number of its last change that pages are told of, over all connections.
    #[serde(skip)]
    pub(crate) change: u64,
}

impl Line {
    /// Whether it carries what the technique is about, and not just its page.
    pub(crate) fn is_live(&self) -> bool {
        let path = self.target.as_deref().map(path);
        TECHNIQUES.iter().filter(|technique| technique.name == self.technique).any(
            |technique| path.is_some_and(|path| technique.endpoints.contains(&path)),
        )
    }
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

/// Bytes that left a lens, with their labels.
#[derive(Debug, Serialize)]
pub(crate) struct Passed {
    #[serde(skip)]
    pub(crate) serial: u64,
    #[serde(skip)]
    pub(crate) technique: &'static str,
    /// The connection carries what the technique is about.
    #[serde(skip)]
    pub(crate) live: bool,
    pub(crate) connection: u64,
    /// Unix milliseconds.
    pub(crate) at: f64,
    pub(crate) direction: Direction,
    #[serde(serialize_with = "pieces")]
    pub(crate) pieces: Vec<Span>,
    /// How their bytes left, one after the other.
    #[serde(serialize_with = "writes")]
    pub(crate) writes: Vec<Write>,
}

fn pieces<S: serde::Serializer>(pieces: &[Span], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Wire<'a> {
        unit: u32,
        group: u32,
        label: &'static str,
        hex: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'a str>,
    }
    to.collect_seq(pieces.iter().map(|piece| Wire {
        unit: piece.unit,
        group: piece.group,
        label: piece.label.name(),
        hex: hex(&piece.bytes),
        note: piece.note.as_deref(),
    }))
}

fn writes<S: serde::Serializer>(writes: &[Write], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Wire {
        bytes: usize,
        at: f64,
        /// Milliseconds.
        waited: u128,
    }
    to.collect_seq(writes.iter().map(|write| Wire {
        bytes: write.bytes,
        at: precise_unix_millis(write.at),
        waited: write.waited.as_millis(),
    }))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl Passed {
    fn size(&self) -> usize {
        let pieces = self.pieces.iter().map(|piece| piece.bytes.len() + PIECE);
        pieces.sum::<usize>() + self.writes.len() * WRITE
    }
}

impl Default for Devices {
    fn default() -> Self {
        Self { known: Mutex::default(), all: broadcast::Sender::new(1024) }
    }
}

impl Devices {
    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing here panics between two changes that belong together.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of the hub was opened on a device: what is new there, or everywhere.
    pub(crate) fn enter(
        &self,
        client: IpAddr,
        all: bool,
    ) -> broadcast::Receiver<News> {
        let mut known = self.known();
        let device = known.device(client);
        device.pages += 1;
        if all { self.all.subscribe() } else { device.news.subscribe() }
    }

    /// It was closed.
    pub(crate) fn leave(&self, client: IpAddr) {
        let mut known = self.known();
        let device = known.device(client);
        device.pages = device.pages.saturating_sub(1);
    }

    /// What each technique cost a device, or all: its endpoints alone, and the
    /// connections that were used for them.
    pub(crate) fn accounts(&self, client: Option<IpAddr>) -> [Account; 5] {
        let mut known = self.known();
        match client {
            Some(client) => known.device(client).accounts,
            None => known.totals,
        }
    }

    /// Begins to count anew.
    pub(crate) fn reset(&self) {
        let mut known = self.known();
        let known = &mut *known;
        let accounts = known.devices.values_mut().map(|device| &mut device.accounts);
        for account in accounts.chain([&mut known.totals]).flatten() {
            *account = Account { open: account.open, ..Account::default() };
        }
    }

    /// Each device that has a page or a connection open.
    pub(crate) fn present(&self) -> Vec<Present> {
        let mut present: Vec<_> = self
            .known()
            .devices
            .iter()
            .map(|(client, device)| Present {
                client: *client,
                pages: device.pages,
                open: device.accounts.map(|account| account.open),
            })
            .filter(|device| {
                device.pages > 0 || device.open.iter().any(|&open| open > 0)
            })
            .collect();
        present.sort_by_key(|device| device.client);
        present
    }

    /// The connections of a device, or all, in the order in which they were opened;
    /// those alone that changed since the change that is `known`.
    pub(crate) fn lines(&self, client: Option<IpAddr>, known: u64) -> Vec<Line> {
        let all = self.known();
        let of =
            |(address, _): &(&IpAddr, _)| client.is_none_or(|it| it == **address);
        let devices = all.devices.iter().filter(of);
        let lines = devices.flat_map(|(_, device)| &device.lines);
        let mut lines: Vec<_> =
            lines.filter(|line| line.change > known).cloned().collect();
        lines.sort_by_key(|line| line.id);
        lines
    }

    /// What passed on a connection of a device, or of any, as far as it is kept.
    pub(crate) fn history(
        &self,
        client: Option<IpAddr>,
        connection: u64,
    ) -> Vec<Arc<Passed>> {
        let known = self.known();
        let of =
            |(address, _): &(&IpAddr, _)| client.is_none_or(|it| it == **address);
        let devices = known.devices.iter().filter(of);
        devices
            .flat_map(|(_, device)| &device.history)
            .filter(|passed| passed.connection == connection)
            .cloned()
            .collect()
    }

    fn tell(&self, device: &Device, news: News) {
        // It fails when nobody listens.
        let _ = device.news.send(news.clone());
        let _ = self.all.send(news);
    }
}

impl Known {
    fn device(&mut self, client: IpAddr) -> &mut Device {
        if !self.devices.contains_key(&client) && self.devices.len() >= DEVICES {
            self.forget();
        }
        let device = self.devices.entry(client).or_insert_with(|| Device {
            accounts: Default::default(),
            lines: VecDeque::new(),
            history: VecDeque::new(),
            size: 0,
            pages: 0,
            news: broadcast::Sender::new(256),
            seen: Instant::now(),
        });
        device.seen = Instant::now();
        device
    }

    /// Forgets the half of the devices that have left, the longest gone first.
    fn forget(&mut self) {
        let mut gone: Vec<_> = self
            .devices
            .iter()
            .filter(|(_, device)| {
                device.pages == 0
                    && device.lines.iter().all(|line| line.closed.is_some())
            })
            .map(|(client, device)| (device.seen, *client))
            .collect();
        gone.sort();
        for (_, client) in &gone[..gone.len().div_ceil(2)] {
            self.devices.remove(client);
        }
    }
}

fn precise_unix_millis(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}
