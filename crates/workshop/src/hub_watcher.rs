//! Stands between a lens and the devices: what the lens sees is written down, and the
//! pages are told.

use std::{net::SocketAddr, sync::Arc};

use gallery::Clients;
use lens::{CloseCause, Connection, Decoded, Direction, Watcher, Write};

use crate::{devices::Devices, notifier::Notifier};

/// Watches one technique's lens.
pub(crate) struct HubWatcher {
    pub(crate) devices: Arc<Devices>,
    pub(crate) notifier: Notifier,
    /// For the server behind the lens, which sees the lens alone.
    pub(crate) clients: Clients,
    /// The index of the technique.
    pub(crate) technique: usize,
    /// The lens stands before a proxy, not before the server.
    pub(crate) before_proxy: bool,
}

impl Watcher for HubWatcher {
    fn opened(&self, connection: &Connection) {
        self.devices.opened(self.technique, self.before_proxy, connection);
        self.notifier.notify();
    }

    fn connected(&self, connection: &Connection, local: SocketAddr) {
        self.clients.connected(local, connection.client.ip());
    }

    fn passed(
        &self,
        connection: &Connection,
        direction: Direction,
        decoded: Decoded,
        writes: Vec<Write>,
    ) {
        self.devices.passed(self.technique, connection, direction, decoded, writes);
    }

    fn closed(&self, connection: &Connection, cause: CloseCause) {
        self.devices.closed(self.technique, connection, cause);
        self.notifier.notify();
    }
}
