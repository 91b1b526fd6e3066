//! What a page is told of connections and their bytes.

use std::{net::IpAddr, sync::Arc};

use actix_ws::{Closed, Session};

use super::messages::{ServerMessage, Watch};
use crate::{
    devices::{ConnectionInfo, DeviceEvent, Devices, Traffic},
    techniques::{self, Unknown},
};

/// What one page has been told, and what it watches.
pub(super) struct Watching {
    devices: Arc<Devices>,
    /// The device that it may look at; `None` is all of them.
    scope: Option<IpAddr>,
    /// It watches what the techniques cost.
    pub(super) accounts: bool,
    /// The number of the newest change of a connection that it was sent.
    last_change: u64,
    /// One for each side of a proxy, if there is one; or the chosen one.
    wires: Vec<WatchedConnection>,
}

/// The connection whose bytes the page is sent: a chosen one, or always the newest.
struct WatchedConnection {
    technique: String,
    /// On which side of a proxy it is: behind it, or without one, `false`.
    before_proxy: bool,
    /// The connection that was asked for; otherwise, the newest one.
    chosen: Option<u64>,
    current: Option<u64>,
    /// The current one has been closed.
    closed: bool,
    /// The number of the newest traffic that was sent.
    last_serial: u64,
}

impl Watching {
    pub(super) fn new(devices: Arc<Devices>, scope: Option<IpAddr>) -> Self {
        Self { devices, scope, accounts: false, last_change: 0, wires: Vec::new() }
    }

    /// The device that it may look at; `None` is all of them.
    pub(super) fn scope(&self) -> Option<IpAddr> {
        self.scope
    }

    /// Sends all connections that it may look at and that changed since it was told.
    pub(super) async fn send_connections(
        &mut self,
        session: &mut Session,
    ) -> Result<(), Closed> {
        for info in self.devices.connections(self.scope, self.last_change) {
            self.send_connection(&info, session).await?;
        }
        Ok(())
    }

    /// Sends what is new, if this page was not told yet.
    pub(super) async fn pass_on(
        &mut self,
        event: &DeviceEvent,
        session: &mut Session,
    ) -> Result<(), Closed> {
        match event {
            // It was sent with the list.
            DeviceEvent::Connection(info) if info.change <= self.last_change => {
                Ok(())
            }
            DeviceEvent::Connection(info) => {
                self.send_connection(info, session).await
            }
            DeviceEvent::Traffic(traffic) => {
                self.send_traffic(traffic, session).await
            }
        }
    }

    async fn send_connection(
        &mut self,
        info: &ConnectionInfo,
        session: &mut Session,
    ) -> Result<(), Closed> {
        ServerMessage::Connection(info).send(session).await?;
        self.last_change = self.last_change.max(info.change);
        for wire in &mut self.wires {
            if wire.current == Some(info.id) {
                wire.closed = info.closed.is_some();
            }
        }
        Ok(())
    }

    /// The page has fallen behind by this many events: it is sent what is kept of
    /// them.
    pub(super) async fn catch_up(
        &mut self,
        left_out: u64,
        session: &mut Session,
    ) -> Result<(), Closed> {
        self.send_connections(session).await?;
        let watched = self.wires.iter();
        let watched: Vec<_> = watched
            .filter_map(|wire| Some((wire.current?, wire.last_serial)))
            .collect();
        for (current, sent) in watched {
            let history = self.devices.history(self.scope, current);
            // The oldest that is kept may be newer than what came after the last one sent.
            if history.first().is_none_or(|oldest| oldest.serial > sent) {
                ServerMessage::Skipped(left_out).send(session).await?;
            }
            for traffic in history.iter().filter(|traffic| traffic.serial > sent) {
                self.send_traffic(traffic, session).await?;
            }
        }
        Ok(())
    }

    /// Watches what the page asks for from now on, and nothing else. The inner error is
    /// what was wrong with that.
    pub(super) async fn watch(
        &mut self,
        watch: Watch,
        session: &mut Session,
    ) -> Result<Result<(), Unknown>, Closed> {
        let Watch { accounts, wire, connection } = watch;
        if let Some(Err(error)) = wire.as_deref().map(techniques::find) {
            return Ok(Err(error));
        }
        self.accounts = accounts;
        self.wires.clear();
        let Some(technique) = wire else { return Ok(Ok(())) };
        let connections = self.devices.connections(self.scope, 0);
        for before_proxy in [true, false] {
            let newest = connections.iter().rev().find(|info| {
                info.technique == technique
                    && info.before_proxy == before_proxy
                    && info.is_for_endpoint()
            });
            let chosen = connection.filter(|&id| {
                let mut all = connections.iter();
                let info = all.find(|info| info.id == id);
                info.is_some_and(|info| info.before_proxy) == before_proxy
            });
            // A chosen connection is shown alone.
            if connection.is_some() && chosen.is_none() {
                continue;
            }
            self.wires.push(WatchedConnection {
                technique: technique.clone(),
                before_proxy,
                chosen,
                current: None,
                closed: false,
                last_serial: 0,
            });
            if let Some(current) = chosen.or(newest.map(|info| info.id)) {
                let index = self.wires.len() - 1;
                self.turn_to(index, current, session).await?;
                let mut ended = connections.iter().filter(|it| it.closed.is_some());
                if let Some(wire) = self.wires.last_mut() {
                    wire.closed = ended.any(|info| info.id == current);
                }
            }
        }
        Ok(Ok(()))
    }

    /// Sends the traffic of a connection from as early as is kept.
    async fn turn_to(
        &mut self,
        wire: usize,
        connection: u64,
        session: &mut Session,
    ) -> Result<(), Closed> {
        let history = self.devices.history(self.scope, connection);
        if let Some(wire) = self.wires.get_mut(wire) {
            wire.current = Some(connection);
            wire.closed = false;
            wire.last_serial =
                history.last().map_or(wire.last_serial, |last| last.serial);
        }
        for traffic in history {
            ServerMessage::Bytes(&traffic).send(session).await?;
        }
        Ok(())
    }

    /// Sends traffic, if it is of what the page watches.
    async fn send_traffic(
        &mut self,
        traffic: &Traffic,
        session: &mut Session,
    ) -> Result<(), Closed> {
        // A browser and a proxy keep connections, and send the next request on any of them:
        // what both sides show is the newest request, not the newest connection.
        let both = self.wires.iter().any(|wire| {
            wire.before_proxy && wire.chosen.is_none() && wire.current.is_some()
        });
        let requested = both && traffic.has_request();
        let mut wires = self.wires.iter_mut().enumerate();
        let Some((index, wire)) = wires.find(|(_, wire)| {
            wire.technique == traffic.technique
                && wire.before_proxy == traffic.before_proxy
        }) else {
            return Ok(());
        };
        if wire.current == Some(traffic.connection) {
            // It may have been sent with the history.
            if traffic.serial > wire.last_serial {
                wire.last_serial = traffic.serial;
                ServerMessage::Bytes(traffic).send(session).await?;
            }
        } else if wire.chosen.is_some() || !traffic.for_endpoint {
            return Ok(());
        } else if requested {
            wire.current = Some(traffic.connection);
            wire.closed = false;
            wire.last_serial = traffic.serial;
            ServerMessage::Bytes(traffic).send(session).await?;
        } else if wire.closed || Some(traffic.connection) > wire.current {
            return self.turn_to(index, traffic.connection, session).await;
        }
        Ok(())
    }
}
