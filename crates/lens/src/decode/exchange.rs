//! What each direction of a connection has to know of the other.
//!
//! ```text
//! up    GET /chat, Upgrade: websocket ─── undecided ───┬─► frames, after a 101
//! down                                  response ──────┴─► the next request, if not
//! ```

use std::collections::VecDeque;

use super::{handshake::Accept, head::Head};

/// A client that has sent so many requests, and got no answer, is not decoded any
/// more: each waits in memory. Browsers send one at a time.
pub(super) const PENDING_REQUESTS_LIMIT: usize = 1000;

/// What each direction has to know of the other.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// Requests that have no final response yet.
    pub(super) pending: VecDeque<PendingRequest>,
    /// A response is not complete.
    pub(super) answering: bool,
    /// What the client speaks after its last request.
    pub(super) protocol: Protocol,
    /// A response has just decided it.
    pub(super) decided: bool,
    /// The client's requests are not understood any more.
    pub(super) lost: bool,
}

/// What of a request is needed to understand its response.
#[derive(Debug, Default)]
pub(super) struct PendingRequest {
    /// HEAD: the response has no content, whatever it says.
    pub(super) head: bool,
    /// CONNECT: a good response makes a tunnel.
    pub(super) connect: bool,
    /// Offers a WebSocket.
    pub(super) accept: Option<Accept>,
    /// The answer decides what the client speaks then. Only one request can do
    /// that: what comes after it waits for the answer.
    pub(super) switches: bool,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Protocol {
    #[default]
    Http,
    /// The answer to the last request decides.
    Undecided,
    WebSocket {
        deflate: bool,
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
        }
    }
}

impl Exchange {
    pub(super) fn response_pending(&self) -> bool {
        self.answering || !self.pending.is_empty()
    }

    pub(super) fn is_undecided(&self) -> bool {
        matches!(self.protocol, Protocol::Undecided)
    }

    pub(super) fn decide(&mut self, protocol: Protocol) {
        self.decided = self.is_undecided();
        self.protocol = protocol;
    }
}
