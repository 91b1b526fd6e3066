//! What each device did: its connections to the five servers, what passed on
//! them, and what they cost, as the lenses saw it.

mod records;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use lens::{
    Account, CloseCause, Connection, Decoded, Direction, ProtocolEvent, Write,
};
use serde::Serialize;
use tokio::sync::broadcast;

pub(crate) use records::{ConnectionInfo, DeviceEvent, Place, Traffic};

use crate::techniques::{ByTechnique, SERVED};
use records::{precise_unix_millis, unix_millis};

/// How much traffic of a device is kept for pages that are opened later: its bytes, and
/// what is known of them.
const HISTORY_BYTES: usize = 128 << 10;

/// How many closed connections of a device are kept in its list.
const CLOSED_LIMIT: usize = 20;

/// How many devices are remembered. Beyond that, those that have left are forgotten.
const DEVICES_LIMIT: usize = 1000;

/// How many events a page may be behind before it is told that some are left out: a
/// page of the presenter's, which is told of all devices, and of an attendee's.
const ALL_EVENTS_CAPACITY: usize = 1024;
const DEVICE_EVENTS_CAPACITY: usize = 256;

/// Devices by address. Several people behind one address (a proxy, the same laptop) are
/// one device.
pub(crate) struct Devices {
    /// The lenses write here, for each connection and whenever bytes passed; pages, when
    /// they come and go; the presenter, when the counters are reset.
    state: Mutex<State>,
    /// The events of all devices, for the presenter's pages. Sent while `state` is
    /// locked, so that they come in the order of what is written there.
    all: broadcast::Sender<DeviceEvent>,
}

#[derive(Default)]
struct State {
    devices: HashMap<IpAddr, Device>,
    /// Sums over all devices, also those that are forgotten.
    totals: [Account; SERVED.len()],
    /// The number of the newest [`Traffic`], counted over all devices.
    last_serial: u64,
    /// The number of the newest change of a connection, counted over all devices.
    /// Pages are sent what changed after the last one that they know.
    last_change: u64,
}

struct Device {
    accounts: [Account; SERVED.len()],
    /// In the order in which they were opened.
    connections: VecDeque<ConnectionInfo>,
    /// The newest traffic, up to [`HISTORY_BYTES`].
    history: VecDeque<Arc<Traffic>>,
    /// Size of the history.
    size: usize,
    /// How many pages of the hub are open on it, by their place.
    pages: BTreeMap<Place, usize>,
    events: broadcast::Sender<DeviceEvent>,
    /// When it last opened a page or a connection.
    seen: Instant,
}

/// A device that is present: it has a page or a connection open.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Present {
    pub(crate) client: IpAddr,
    /// Pages of the hub that are open on it.
    pub(crate) pages: usize,
    /// The same by their path; empty for a page that did not say it.
    pub(crate) at: BTreeMap<String, usize>,
    /// Those of them that the presenter's pages opened.
    pub(crate) presenters: BTreeMap<String, usize>,
    /// Its open connections to each technique.
    pub(crate) open: ByTechnique<u64>,
}

impl Present {
    /// Whether it is the presenter's: a page of the presenter's is open on it.
    pub(crate) fn is_presenters(&self) -> bool {
        self.at.keys().any(|path| path.starts_with("/presenter"))
    }
}

impl Default for Devices {
    fn default() -> Self {
        let all = broadcast::Sender::new(ALL_EVENTS_CAPACITY);
        Self { state: Mutex::default(), all }
    }
}

/// What the lenses write.
impl Devices {
    /// A connection was opened to this technique.
    pub(crate) fn opened(
        &self,
        technique: usize,
        before_proxy: bool,
        connection: &Connection,
    ) {
        let mut state = self.lock();
        state.last_change += 1;
        let change = state.last_change;
        let device = state.device(connection.client.ip());
        let info = ConnectionInfo::new(technique, before_proxy, connection, change);
        device.connections.push_back(info.clone());
        self.send(device, DeviceEvent::Connection(info));
    }

    /// Bytes passed, in these writes.
    pub(crate) fn passed(
        &self,
        technique: usize,
        connection: &Connection,
        direction: Direction,
        mut decoded: Decoded,
        writes: Vec<Write>,
    ) {
        let mut state = self.lock();
        let State { devices, totals, last_serial, last_change } = &mut *state;
        let Some(device) = devices.get_mut(&connection.client.ip()) else { return };
        let Some(info) =
            device.connections.iter_mut().rfind(|c| c.id == connection.id)
        else {
            return;
        };
        let before = info.up + info.down;
        info.add(direction, &decoded);
        let changed = info.update_target(&decoded).then(|| {
            *last_change += 1;
            info.change = *last_change;
            info.clone()
        });
        if !info.carries_samples() {
            use ProtocolEvent::{Missed, Sample};
            decoded.events.retain(|event| !matches!(event, Sample | Missed(_)));
        }
        // A page and its pictures are no cost of the technique, and what passes a proxy
        // is counted once.
        let for_endpoint = info.is_for_endpoint();
        if for_endpoint && !info.before_proxy {
            let first = !info.counted;
            info.counted = true;
            for account in [&mut device.accounts[technique], &mut totals[technique]]
            {
                if first {
                    account.opened();
                }
                account.add(direction, &decoded);
            }
        }
        *last_serial += 1;
        let traffic = Arc::new(Traffic {
            serial: *last_serial,
            technique: SERVED[technique].name,
            before_proxy: info.before_proxy,
            for_endpoint,
            connection: connection.id,
            before,
            at: precise_unix_millis(SystemTime::now()),
            direction,
            pieces: decoded.spans,
            writes,
        });
        device.keep(traffic.clone());
        if let Some(info) = changed {
            self.send(device, DeviceEvent::Connection(info));
        }
        self.send(device, DeviceEvent::Traffic(traffic));
    }

    /// A connection ended.
    pub(crate) fn closed(
        &self,
        technique: usize,
        connection: &Connection,
        cause: CloseCause,
    ) {
        let mut state = self.lock();
        let State { devices, totals, last_change, .. } = &mut *state;
        let Some(device) = devices.get_mut(&connection.client.ip()) else { return };
        let connections = &mut device.connections;
        if let Some(info) = connections.iter_mut().rfind(|c| c.id == connection.id) {
            if info.counted {
                device.accounts[technique].closed();
                totals[technique].closed();
            }
            info.closed = Some(unix_millis(SystemTime::now()));
            info.cause = Some(cause);
            *last_change += 1;
            info.change = *last_change;
            let info = info.clone();
            self.send(device, DeviceEvent::Connection(info));
        }
        device.forget_closed();
    }

    fn send(&self, device: &Device, event: DeviceEvent) {
        // It fails when nobody listens.
        let _ = device.events.send(event.clone());
        let _ = self.all.send(event);
    }
}

/// What the pages read, and what the presenter resets.
impl Devices {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing here panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of the hub was opened on a device: the events there, or everywhere.
    pub(crate) fn enter(
        &self,
        client: IpAddr,
        place: &Place,
        all: bool,
    ) -> broadcast::Receiver<DeviceEvent> {
        let mut state = self.lock();
        let device = state.device(client);
        *device.pages.entry(place.clone()).or_default() += 1;
        if all { self.all.subscribe() } else { device.events.subscribe() }
    }

    /// The page was closed.
    pub(crate) fn leave(&self, client: IpAddr, place: &Place) {
        let mut state = self.lock();
        let pages = &mut state.device(client).pages;
        if let Some(count) = pages.get_mut(place) {
            *count -= 1;
            pages.retain(|_, count| *count > 0);
        }
    }

    /// What each technique cost a device, or all: its endpoints alone, and the
    /// connections that were used for them.
    pub(crate) fn accounts(
        &self,
        client: Option<IpAddr>,
    ) -> [Account; SERVED.len()] {
        let mut state = self.lock();
        match client {
            Some(client) => state.device(client).accounts,
            None => state.totals,
        }
    }

    /// Resets the counters; what is open stays counted as open.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        let state = &mut *state;
        let accounts = state.devices.values_mut().map(|device| &mut device.accounts);
        for account in accounts.chain([&mut state.totals]).flatten() {
            *account = Account { open: account.open, ..Account::default() };
        }
    }

    /// Each device that has a page or a connection open.
    pub(crate) fn present(&self) -> Vec<Present> {
        let mut present: Vec<_> = self
            .lock()
            .devices
            .iter()
            .map(|(client, device)| Present {
                client: *client,
                pages: device.pages.values().sum(),
                at: device.pages_by_path(|_| true),
                presenters: device.pages_by_path(|place| place.presenters),
                open: ByTechnique(device.accounts.map(|account| account.open)),
            })
            .filter(|device| {
                device.pages > 0 || device.open.0.iter().any(|&open| open > 0)
            })
            .collect();
        present.sort_by_key(|device| device.client);
        present
    }

    /// The connections of a device, or all, in the order in which they were opened;
    /// only those that changed after the change with this number.
    pub(crate) fn connections(
        &self,
        client: Option<IpAddr>,
        after: u64,
    ) -> Vec<ConnectionInfo> {
        let state = self.lock();
        let connections = state.of(client).flat_map(|device| &device.connections);
        let mut connections: Vec<_> =
            connections.filter(|info| info.change > after).cloned().collect();
        connections.sort_by_key(|info| info.id);
        connections
    }

    /// The traffic of a connection of a device, or of any, as far as it is kept.
    pub(crate) fn history(
        &self,
        client: Option<IpAddr>,
        connection: u64,
    ) -> Vec<Arc<Traffic>> {
        let state = self.lock();
        let history = state.of(client).flat_map(|device| &device.history);
        history.filter(|traffic| traffic.connection == connection).cloned().collect()
    }
}

impl State {
    /// One device, or all.
    fn of(&self, client: Option<IpAddr>) -> impl Iterator<Item = &Device> {
        let devices = self.devices.iter();
        devices
            .filter(move |(address, _)| client.is_none_or(|it| it == **address))
            .map(|(_, device)| device)
    }

    fn device(&mut self, client: IpAddr) -> &mut Device {
        if !self.devices.contains_key(&client) && self.devices.len() >= DEVICES_LIMIT
        {
            self.forget_devices();
        }
        let device = self.devices.entry(client).or_insert_with(|| Device {
            accounts: Default::default(),
            connections: VecDeque::new(),
            history: VecDeque::new(),
            size: 0,
            pages: BTreeMap::new(),
            events: broadcast::Sender::new(DEVICE_EVENTS_CAPACITY),
            seen: Instant::now(),
        });
        device.seen = Instant::now();
        device
    }

    /// Forgets half of the devices that have left, the longest gone first.
    fn forget_devices(&mut self) {
        let mut gone: Vec<_> = self
            .devices
            .iter()
            .filter(|(_, device)| {
                device.pages.is_empty()
                    && device.connections.iter().all(|info| info.closed.is_some())
            })
            .map(|(client, device)| (device.seen, *client))
            .collect();
        gone.sort();
        for (_, client) in &gone[..gone.len().div_ceil(2)] {
            self.devices.remove(client);
        }
    }
}

impl Device {
    /// How many of its pages are at each path.
    fn pages_by_path(&self, counts: fn(&Place) -> bool) -> BTreeMap<String, usize> {
        let mut sums = BTreeMap::new();
        for (place, count) in self.pages.iter().filter(|(place, _)| counts(place)) {
            *sums.entry(place.path.clone()).or_default() += count;
        }
        sums
    }

    /// Keeps traffic, and forgets the oldest.
    fn keep(&mut self, traffic: Arc<Traffic>) {
        self.size += traffic.size();
        self.history.push_back(traffic);
        while self.size > HISTORY_BYTES
            && let Some(old) = self.history.pop_front()
        {
            self.size -= old.size();
        }
    }

    /// Forgets the closed connections that were opened first.
    fn forget_closed(&mut self) {
        let is_closed = |info: &ConnectionInfo| info.closed.is_some();
        let closed = self.connections.iter().filter(|info| is_closed(info)).count();
        for _ in CLOSED_LIMIT..closed {
            if let Some(oldest) = self.connections.iter().position(is_closed) {
                self.connections.remove(oldest);
            }
        }
    }
}
