//! What a page is told of connections and their bytes.

use actix_ws::{Closed, Session};

use super::{
    Page, known,
    messages::{ServerMessage, Watch},
    tell,
};
use crate::devices::{ConnectionInfo, DeviceEvent, Traffic};

/// The bytes of one connection after another.
pub(super) struct Wire {
    technique: String,
    /// The connection that was asked for; otherwise, the newest one.
    chosen: Option<u64>,
    current: Option<u64>,
    /// The current one has ended.
    over: bool,
    /// The last of what was sent.
    serial: u64,
}

impl Page {
    /// Tells of all connections that it may look at and that are not as it was told.
    pub(super) async fn list(
        &mut self,
        session: &mut Session,
    ) -> Result<(), Closed> {
        for info in self.hub.devices.connections(self.scope(), self.listed) {
            self.connection(&info, session).await?;
        }
        Ok(())
    }

    /// Tells what is new, if this page was not told yet.
    pub(super) async fn pass_on(
        &mut self,
        event: &DeviceEvent,
        session: &mut Session,
    ) -> Result<(), Closed> {
        match event {
            // What came with the list is known.
            DeviceEvent::Connection(info) if info.change <= self.listed => Ok(()),
            DeviceEvent::Connection(info) => self.connection(info, session).await,
            DeviceEvent::Traffic(traffic) => self.show(traffic, session).await,
        }
    }

    /// Tells of a connection.
    pub(super) async fn connection(
        &mut self,
        info: &ConnectionInfo,
        session: &mut Session,
    ) -> Result<(), Closed> {
        tell(session, &ServerMessage::Connection(info)).await?;
        self.listed = self.listed.max(info.change);
        if let Some(wire) = &mut self.wire
            && wire.current == Some(info.id)
        {
            wire.over = info.closed.is_some();
        }
        Ok(())
    }

    /// More was new than this page has taken: what is still known of it is told again.
    pub(super) async fn catch_up(
        &mut self,
        left_out: u64,
        session: &mut Session,
    ) -> Result<(), Closed> {
        self.list(session).await?;
        let Some(wire) = &self.wire else { return Ok(()) };
        let Some(current) = wire.current else { return Ok(()) };
        let known = wire.serial;
        let history = self.hub.devices.history(self.scope(), current);
        // The oldest that is kept may be newer than what came after the last one sent.
        if history.first().is_none_or(|oldest| oldest.serial > known) {
            tell(session, &ServerMessage::Skipped(left_out)).await?;
        }
        for traffic in history.iter().filter(|traffic| traffic.serial > known) {
            self.show(traffic, session).await?;
        }
        Ok(())
    }

    /// Tells of more from now on, or of nothing more.
    pub(super) async fn watch(
        &mut self,
        watch: Watch,
        session: &mut Session,
    ) -> Result<Result<(), String>, Closed> {
        let Watch { accounts, wire, connection } = watch;
        let technique = match wire.map(known).transpose() {
            Ok(technique) => technique,
            Err(error) => return Ok(Err(error)),
        };
        (self.accounts, self.wire) = (accounts, None);
        let Some(technique) = technique else { return Ok(Ok(())) };
        let connections = self.hub.devices.connections(self.scope(), 0);
        let newest = || {
            let mut newest = connections.iter().rev();
            newest.find(|info| info.technique == technique && info.is_live())
        };
        let current = connection.or_else(|| newest().map(|info| info.id));
        let (chosen, over) = (connection, false);
        self.wire = Some(Wire { technique, chosen, current: None, over, serial: 0 });
        if let Some(current) = current {
            self.turn_to(current, session).await?;
        }
        Ok(Ok(()))
    }

    /// Shows a connection from as early as is known.
    async fn turn_to(
        &mut self,
        connection: u64,
        session: &mut Session,
    ) -> Result<(), Closed> {
        let history = self.hub.devices.history(self.scope(), connection);
        if let Some(wire) = &mut self.wire {
            wire.current = Some(connection);
            wire.over = false;
            wire.serial = history.last().map_or(wire.serial, |last| last.serial);
        }
        for traffic in history {
            tell(session, &ServerMessage::Bytes(&traffic)).await?;
        }
        Ok(())
    }

    /// Shows bytes, if they are of what the page watches.
    pub(super) async fn show(
        &mut self,
        traffic: &Traffic,
        session: &mut Session,
    ) -> Result<(), Closed> {
        let Some(wire) = &mut self.wire else { return Ok(()) };
        if traffic.technique != wire.technique {
            return Ok(());
        }
        if wire.current == Some(traffic.connection) {
            // What came with the history is known.
            if traffic.serial > wire.serial {
                wire.serial = traffic.serial;
                tell(session, &ServerMessage::Bytes(traffic)).await?;
            }
        } else if wire.chosen.is_none()
            && traffic.live
            && (wire.over || Some(traffic.connection) > wire.current)
        {
            return self.turn_to(traffic.connection, session).await;
        }
        Ok(())
    }
}
