//! What a lens sees, written down by device.

use std::{sync::Arc, time::SystemTime};

use lens::{Connection, Decoded, Direction, Happening, How, Watcher, Write};

use super::{CLOSED, HISTORY, Known, Line, News, Passed, path, precise_unix_millis};
use crate::{hub::Hub, servers::TECHNIQUES};

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
        let bytes: usize =
            decoded.pieces.iter().map(|piece| piece.bytes.len()).sum();
        *match direction {
            Direction::Up => &mut line.up,
            Direction::Down => &mut line.down,
        } += bytes as u64;
        let mut news = None;
        for happening in &decoded.happenings {
            if let Happening::Request { target } = happening {
                let other = line.target.as_deref().map(path) != Some(path(target));
                line.target = Some(target.clone());
                if other {
                    *changes += 1;
                    line.change = *changes;
                    news = Some(line.clone());
                }
            }
        }
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
            pieces: decoded.pieces,
            writes,
        });
        device.size += passed.size();
        device.history.push_back(passed.clone());
        while device.size > HISTORY
            && let Some(old) = device.history.pop_front()
        {
            device.size -= old.size();
        }
        if let Some(line) = news {
            devices.tell(device, News::Line(line));
        }
        devices.tell(device, News::Passed(passed));
    }

    fn closed(&self, connection: &Connection, how: How) {
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

fn unix_millis(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
