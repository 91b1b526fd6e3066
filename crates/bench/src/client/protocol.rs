//! The five techniques as a client speaks them, bare lines, which the floor sends, the three
//! sessions of WebTransport, and the stock prices of the gallery.

use std::fmt;

use clap::ValueEnum;
use feed::Cursor;
use serde::{Serialize, Serializer};

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Protocol {
    /// `GET /short-polling` again and again.
    ShortPoll,
    /// `GET /long-polling` again and again.
    LongPoll,
    /// `GET /stream`: one line for each sample.
    HttpStream,
    /// `GET /api/v1/live-data`: one event for each sample.
    Sse,
    /// `/chat`: one text message for each sample.
    Websocket,
    /// No HTTP: from the beginning, one line for each sample.
    #[value(skip)]
    Bare,
    /// WebTransport's session `/datagrams`: a datagram for each sample.
    #[value(skip)]
    Datagrams,
    /// `/stream`: a line for each sample, on one stream.
    #[value(skip)]
    OneStream,
    /// `/streams`: a stream for each sample.
    #[value(skip)]
    StreamEach,
    /// The gallery's `GET /stock/events`: an event for each change, behind a snapshot.
    Stock,
}

impl Protocol {
    /// The five techniques.
    pub const ALL: [Self; 5] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::HttpStream,
        Self::Sse,
        Self::Websocket,
    ];

    /// The three sessions of WebTransport.
    pub const SESSIONS: [Self; 3] =
        [Self::Datagrams, Self::OneStream, Self::StreamEach];

    /// The name of the demo's package.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Stock => "gallery",
            _ if self.is_session() => "webtransport",
            _ => self.name(),
        }
    }

    /// Whether it is a session of WebTransport, over UDP.
    #[must_use]
    pub fn is_session(self) -> bool {
        Self::SESSIONS.contains(&self)
    }

    /// Whether samples may overtake each other.
    #[must_use]
    pub fn overtakes(self) -> bool {
        matches!(self, Self::Datagrams | Self::StreamEach)
    }

    /// What it is called in tables: the demo's package, or the session.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ShortPoll => "short-poll",
            Self::LongPoll => "long-poll",
            Self::HttpStream => "http-stream",
            Self::Sse => "sse",
            Self::Websocket => "websocket",
            Self::Bare => "bare",
            Self::Datagrams => "datagrams",
            Self::OneStream => "one-stream",
            Self::StreamEach => "stream-each",
            Self::Stock => "stock",
        }
    }

    /// Whether it is a stream of server-sent events.
    #[must_use]
    pub fn has_events(self) -> bool {
        matches!(self, Self::Sse | Self::Stock)
    }

    /// Where the demo answers.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::ShortPoll => "/short-polling",
            Self::LongPoll => "/long-polling",
            Self::HttpStream => "/stream",
            Self::Sse => "/api/v1/live-data",
            Self::Websocket => "/chat",
            Self::Stock => "/stock/events",
            Self::Bare => "",
            Self::Datagrams => "/datagrams",
            Self::OneStream => "/stream",
            Self::StreamEach => "/streams",
        }
    }

    /// Whether each response needs another request.
    #[must_use]
    pub fn polls(self) -> bool {
        matches!(self, Self::ShortPoll | Self::LongPoll)
    }

    /// A request with no more fields than it needs. (A session's was sent when it was
    /// opened.)
    #[must_use]
    pub fn request(self, after: Option<Cursor>) -> String {
        if self == Self::Bare || self.is_session() {
            return String::new();
        }
        let mut request = format!("GET {}", self.path());
        if let Some(after) = after.filter(|_| !self.has_events()) {
            request += &format!("?after={after}");
        }
        request += " HTTP/1.1\r\nHost: localhost\r\n";
        match self {
            Self::Sse | Self::Stock => {
                if let Some(after) = after {
                    request += &format!("Last-Event-ID: {after}\r\n");
                }
            }
            Self::Websocket => {
                request += "Upgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\
                    Sec-WebSocket-Protocol: chat\r\n";
            }
            _ => {}
        }
        request + "\r\n"
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
