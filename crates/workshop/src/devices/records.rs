//! A device's connections and the bytes that passed on them, as the pages are told
//! of them.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use lens::{CloseCause, Decoded, Direction, Label, ProtocolEvent, Span, Write};
use serde::{Deserialize, Serialize, Serializer};

use crate::techniques::SERVED;

/// What a span takes in memory besides its bytes, about.
const SPAN_BYTES: usize = 100;

/// What a write takes in memory, about.
const WRITE_BYTES: usize = 50;

/// In the URL of a page's WebSocket: where the page is. The presenter is told how many
/// pages followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Place {
    /// The page's path.
    #[serde(default, rename = "at")]
    pub(super) path: String,
    /// It is in a window that the presenter's pages opened, for the projector.
    #[serde(default)]
    pub(super) presenters: bool,
}

impl Place {
    /// The longest path that is kept.
    const BYTES_LIMIT: usize = 200;

    /// A path that is longer than any page has is not kept.
    pub(crate) fn bounded(self) -> Self {
        let Self { path, presenters } = self;
        let path =
            if path.len() <= Self::BYTES_LIMIT { path } else { String::new() };
        Self { path, presenters }
    }
}

/// Something new about a device.
#[derive(Debug, Clone)]
pub(crate) enum DeviceEvent {
    /// A connection was opened, has a request for another path, or was closed.
    Connection(ConnectionInfo),
    /// Bytes passed.
    Traffic(Arc<Traffic>),
}

/// A connection to one of the five servers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ConnectionInfo {
    pub(crate) id: u64,
    pub(crate) technique: &'static str,
    pub(crate) client: SocketAddr,
    /// Its lens stands before a proxy: behind it, there is another one, which is counted.
    pub(crate) before_proxy: bool,
    /// Unix milliseconds, as all times here.
    pub(super) opened: u64,
    pub(crate) closed: Option<u64>,
    #[serde(rename = "how")]
    pub(super) cause: Option<CloseCause>,
    /// The target of the newest request.
    pub(super) target: Option<String>,
    /// Bytes from the client.
    pub(super) up: u64,
    /// Bytes to the client.
    pub(super) down: u64,
    /// It had a request for the technique's endpoint, and is in the accounts.
    #[serde(skip)]
    pub(super) counted: bool,
    /// What came from the client first is of no protocol that the lens knows.
    #[serde(skip)]
    encrypted: bool,
    /// The number of its last change that pages are told of, over all connections.
    #[serde(skip)]
    pub(crate) change: u64,
}

impl ConnectionInfo {
    pub(super) fn new(
        technique: usize,
        before_proxy: bool,
        connection: &lens::Connection,
        change: u64,
    ) -> Self {
        Self {
            id: connection.id,
            technique: SERVED[technique].name,
            client: connection.client,
            before_proxy,
            opened: unix_millis(connection.opened),
            closed: None,
            cause: None,
            target: None,
            up: 0,
            down: 0,
            counted: false,
            encrypted: false,
            change,
        }
    }

    /// Whether its request is for the technique's endpoint, and not for the page. Before a
    /// proxy, it may be encrypted: then any may be. (One that is open without a request is
    /// no such: browsers connect before they need to, and may load scripts on it.)
    pub(crate) fn is_for_endpoint(&self) -> bool {
        if self.before_proxy && self.encrypted {
            return true;
        }
        let path = self.target.as_deref().map(path);
        SERVED.iter().filter(|technique| technique.name == self.technique).any(
            |technique| path.is_some_and(|path| technique.endpoints.contains(&path)),
        )
    }

    /// Whether what comes on it may be samples: `/echo` sends back what a client sent.
    pub(super) fn carries_samples(&self) -> bool {
        self.target.as_deref().map(path) != Some("/echo")
    }

    /// Adds the bytes of one direction.
    pub(super) fn add(&mut self, direction: Direction, decoded: &Decoded) {
        let first = decoded.spans.first().filter(|_| self.up == 0);
        if direction == Direction::Up {
            self.encrypted |= first.is_some_and(|span| {
                matches!(span.label, Label::Encrypted | Label::Opaque)
            });
        }
        let bytes = decoded.spans.iter().map(|span| span.bytes.len() as u64);
        *match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        } += bytes.sum::<u64>();
    }

    /// Takes over the target of the newest request. Returns whether its path is another.
    pub(super) fn update_target(&mut self, decoded: &Decoded) -> bool {
        let mut other = false;
        for event in &decoded.events {
            if let ProtocolEvent::Request { target } = event {
                other |= self.target.as_deref().map(path) != Some(path(target));
                self.target = Some(target.clone());
            }
        }
        other
    }
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

/// Bytes that left a lens, with their labels.
#[derive(Debug, Serialize)]
pub(crate) struct Traffic {
    /// Its number, over all devices.
    #[serde(skip)]
    pub(crate) serial: u64,
    #[serde(skip)]
    pub(crate) technique: &'static str,
    /// See [`ConnectionInfo::before_proxy`].
    #[serde(skip)]
    pub(crate) before_proxy: bool,
    /// See [`ConnectionInfo::is_for_endpoint`]. What is kept of a connection may begin after
    /// the request.
    pub(crate) for_endpoint: bool,
    pub(crate) connection: u64,
    /// Bytes that had passed on the connection before, in both directions.
    pub(super) before: u64,
    /// Unix milliseconds.
    pub(super) at: f64,
    pub(super) direction: Direction,
    #[serde(serialize_with = "pieces")]
    pub(super) pieces: Vec<Span>,
    /// How their bytes left, one after the other.
    #[serde(serialize_with = "writes")]
    pub(super) writes: Vec<Write>,
}

impl Traffic {
    /// Whether a request of the client begins in it.
    pub(crate) fn has_request(&self) -> bool {
        self.pieces.iter().any(|span| span.label == Label::Target)
    }

    /// What it takes in memory, about.
    pub(super) fn size(&self) -> usize {
        let spans = self.pieces.iter().map(|span| span.bytes.len() + SPAN_BYTES);
        spans.sum::<usize>() + self.writes.len() * WRITE_BYTES
    }
}

fn pieces<S: Serializer>(spans: &[Span], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        unit: u32,
        group: u32,
        label: &'static str,
        hex: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'a str>,
    }
    to.collect_seq(spans.iter().map(|span| Shown {
        unit: span.unit,
        group: span.group,
        label: span.label.name(),
        hex: hex(&span.bytes),
        note: span.note.as_deref(),
    }))
}

fn writes<S: Serializer>(writes: &[Write], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown {
        bytes: usize,
        at: f64,
        /// Milliseconds.
        waited: u128,
    }
    to.collect_seq(writes.iter().map(|write| Shown {
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

pub(super) fn unix_millis(time: SystemTime) -> u64 {
    since_1970(time).as_millis() as u64
}

pub(super) fn precise_unix_millis(time: SystemTime) -> f64 {
    since_1970(time).as_secs_f64() * 1000.0
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
