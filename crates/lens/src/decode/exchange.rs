//! What each direction of a connection has to know of the other.
//!
//! ```text
//! up    GET /chat, Upgrade: websocket ─── unsettled ───┬─► frames, after a 101
//! down                                  response ──────┴─► the next request, if not
//! ```

use std::collections::VecDeque;

use super::{handshake::Accept, head::Head, subprotocol::Subprotocol};

/// How many requests may have no response yet: each takes memory, and beyond this
/// the client is not decoded any more. Browsers send one at a time.
pub(super) const PENDING_REQUESTS_LIMIT: usize = 1000;

/// What each direction has to know of the other.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// Requests that have no final response yet.
    pub(super) pending: VecDeque<PendingRequest>,
    /// The head of a response has come, and its content is not complete.
    pub(super) response_open: bool,
    /// What the client speaks after its last request.
    pub(super) protocol: Protocol,
    /// A response has just settled it.
    pub(super) settled: bool,
    /// The client's requests are not understood any more.
    pub(super) requests_opaque: bool,
}

/// What of a request is needed to understand its response.
#[derive(Debug, Default)]
pub(super) struct PendingRequest {
    /// HEAD: the response has no content, whatever it says.
    pub(super) head: bool,
    /// CONNECT: a good response makes a tunnel.
    pub(super) connect: bool,
    /// If the request asks for a WebSocket: what the response must contain.
    pub(super) accept: Option<Accept>,
    /// The response settles which protocol the client speaks then. Only one request
    /// can wait for that: the client's bytes after it wait for the response.
    pub(super) switches: bool,
    /// Engine.IO is spoken, by polling or in a WebSocket.
    pub(super) engine_io: bool,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Protocol {
    #[default]
    Http,
    /// The response to the last request settles it.
    Unsettled,
    WebSocket {
        deflate: bool,
        subprotocol: Subprotocol,
    },
    Unknown,
}

impl PendingRequest {
    pub(super) fn new(head: &Head) -> Self {
        let connect = head.method() == b"CONNECT";
        // In HTTP/1.0, a server ignores the field (RFC 9110 §7.8).
        let upgrades = head.list("upgrade").filter(|_| head.minor_version > 0);
        let upgrades: Vec<String> = upgrades.collect();
        let websocket = upgrades.iter().any(|protocol| protocol == "websocket");
        let keys: Vec<&[u8]> = head.values("sec-websocket-key").collect();
        let accept = match keys.as_slice() {
            [key] if websocket => Some(Accept::of(key)),
            _ => None,
        };
        Self {
            head: head.method() == b"HEAD",
            connect,
            accept,
            switches: connect || !upgrades.is_empty(),
            engine_io: head.target().contains("EIO=4"),
        }
    }
}

impl Exchange {
    pub(super) fn response_pending(&self) -> bool {
        self.response_open || !self.pending.is_empty()
    }

    pub(super) fn is_unsettled(&self) -> bool {
        matches!(self.protocol, Protocol::Unsettled)
    }

    /// Whether the client's last request was one for another protocol, which the server
    /// has not declined.
    pub(super) fn is_beyond_http(&self) -> bool {
        !matches!(self.protocol, Protocol::Http)
    }

    pub(super) fn settle(&mut self, protocol: Protocol) {
        self.settled = self.is_unsettled();
        self.protocol = protocol;
    }
}
