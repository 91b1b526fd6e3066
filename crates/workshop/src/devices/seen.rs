//! What a lens sees, written down by device.

use std::{sync::Arc, time::SystemTime};

use lens::{
    CloseCause, Connection, Decoded, Direction, ProtocolEvent, Watcher, Write,
};

use super::{
    CLOSED, Device, HISTORY, Known, Line, News, Passed, path, precise_unix_millis,
};
use crate::{hub::Hub, techniques::TECHNIQUES};

/// Writes down what one technique's lens sees.
pub(crate) struct Seen {
    pub(crate) hub: Arc<Hub>,
    /// The technique's place in [`TECHNIQUES`].
    pub(crate) number: usize,
}

impl Watcher for Seen {
    fn opened(&self, connection: &Connection) {
        let devices = &self.hub.devices;
        let mut known = devices.known();
        known.changes += 1;
        let change = known.changes;
        let device = known.device(connection.client.ip());
        let line = Line {
            id: connection.id,
            technique: TECHNIQUES[self.number].name,
            client: connection.client,
            opened: unix_millis(connection.opened),
            closed: None,
            how: None,
            target: None,
            up: 0,
            down: 0,
            counted: false,
            change,
        };
        device.lines.push_back(line.clone());
        devices.tell(device, News::Line(line));
        drop(known);
        self.hub.changed();
    }

    fn passed(
        &self,
        connection: &Connection,
        direction: Direction,
        decoded: Decoded,
        writes: Vec<Write>,
    ) {
        let devices = &self.hub.devices;
        let mut known = devices.known();
        let Known { devices: all, totals, serial, changes } = &mut *known;
        *serial += 1;
        let Some(device) = all.get_mut(&connection.client.ip()) else { return };
        let Some(at) =
            device.lines.iter().rposition(|line| line.id == connection.id)
        else {
            return;
        };
        let line = &mut device.lines[at];
        line.add(direction, &decoded);
        let news = line.turn_to_newest(&decoded).then(|| {
            *changes += 1;
            line.change = *changes;
            line.clone()
        });
        // A page and its pictures are no cost of the technique.
        if line.is_live() {
            let first = !line.counted;
            line.counted = true;
            for account in
                [&mut device.accounts[self.number], &mut totals[self.number]]
            {
                if first {
                    account.opened();
                }
                account.add(direction, &decoded);
            }
        }
        let passed = Arc::new(Passed {
            serial: *serial,
            technique: TECHNIQUES[self.number].name,
            live: line.is_live(),
            connection: connection.id,
            at: precise_unix_millis(SystemTime::now()),
            direction,
            pieces: decoded.spans,
            writes,
        });
        device.keep(passed.clone());
        if let Some(line) = news {
            devices.tell(device, News::Line(line));
        }
        devices.tell(device, News::Passed(passed));
    }

    fn closed(&self, connection: &Connection, how: CloseCause) {
        let devices = &self.hub.devices;
        let mut known = devices.known();
        let Known { devices: all, totals, changes, .. } = &mut *known;
        let Some(device) = all.get_mut(&connection.client.ip()) else { return };
        let closed = device.lines.iter_mut().rfind(|line| line.id == connection.id);
        if let Some(line) = closed {
            if line.counted {
                device.accounts[self.number].closed();
                totals[self.number].closed();
            }
            line.closed = Some(unix_millis(SystemTime::now()));
            line.how = Some(how);
            *changes += 1;
            line.change = *changes;
            let line = line.clone();
            devices.tell(device, News::Line(line));
        }
        let is_closed = |line: &Line| line.closed.is_some();
        while device.lines.iter().filter(|line| is_closed(line)).count() > CLOSED
            && let Some(oldest) = device.lines.iter().position(is_closed)
        {
            device.lines.remove(oldest);
        }
        drop(known);
        self.hub.changed();
    }
}

impl Line {
    /// Counts bytes.
    fn add(&mut self, direction: Direction, decoded: &Decoded) {
        let bytes = decoded.spans.iter().map(|piece| piece.bytes.len() as u64);
        *match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        } += bytes.sum::<u64>();
    }

    /// Notes the target of the newest request. Returns whether its path is another one.
    fn turn_to_newest(&mut self, decoded: &Decoded) -> bool {
        let mut other = false;
        for happening in &decoded.events {
            if let ProtocolEvent::Request { target } = happening {
                other |= self.target.as_deref().map(path) != Some(path(target));
                self.target = Some(target.clone());
            }
        }
        other
    }
}

impl Device {
    /// Keeps what passed, and forgets the oldest of it.
    fn keep(&mut self, passed: Arc<Passed>) {
        self.size += passed.size();
        self.history.push_back(passed);
        while self.size > HISTORY
            && let Some(old) = self.history.pop_front()
        {
            self.size -= old.size();
        }
    }
}

fn unix_millis(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
