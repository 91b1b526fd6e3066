//! What the pages and the server say to each other on `/signal`, as JSON with one name each:
//! `{"candidate":…}`.

use lens::udp::UdpAccount;
use serde::{Deserialize, Serialize};

/// What a page says. All but `Network` and `Account` are for the other page.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientMessage {
    /// What the page offers or accepts.
    Description(Description),
    /// An address at which the page may be reached; null when there are no more.
    Candidate(Option<Candidate>),
    /// A sample, by way of the server.
    Sample(Sample),
    /// How the two are to reach each other from now on.
    Network(Network),
    /// What passed the relay? The reply is [`ServerMessage::Account`].
    Account(()),
}

/// What the server says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ServerMessage {
    /// The page is in the room of this code.
    Welcome {
        /// The code, for the other page.
        room: String,
        /// Another page is here already, and waits for this one's offer.
        offer: bool,
    },
    /// The other page has come. (To the one that was first.)
    Joined(()),
    /// The other page has left.
    Left(()),
    /// The other page's.
    Description(Description),
    /// The other page's; of the relay, when the two are to use it.
    Candidate(Option<Candidate>),
    /// The other page's.
    Sample(Sample),
    /// How the two are to reach each other from now on. To both.
    Network(Network),
    /// What passed the relay until now; null when there is none.
    Account(Option<Box<UdpAccount>>),
    /// The page's last message was not understood.
    Error(String),
}

/// A session description (W3C WebRTC §4.6.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    /// `offer` or `answer`.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// What the page can do, and the fingerprint of its certificate (RFC 8866, RFC 9429).
    pub(crate) sdp: String,
}

/// The kinds of a description that pages send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The first page's proposal.
    Offer,
    /// The other one's reply.
    Answer,
}

/// An ICE candidate (W3C WebRTC §4.8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Candidate {
    /// `candidate:… udp 2113937151 192.168.1.20 54321 typ host …` (RFC 8839 §5.1).
    pub(crate) candidate: String,
    /// Which part of the description it belongs to.
    pub(crate) sdp_mid: Option<String>,
    /// The same as a number.
    pub(crate) sdp_m_line_index: Option<u16>,
    /// To which gathering it belongs.
    pub(crate) username_fragment: Option<String>,
}

/// A sample of a page, in the shape of the feed's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sample {
    id: String,
    seq: u64,
    at: u64,
    data: String,
}

/// How two pages are to reach each other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// Through the relay of this server; otherwise directly.
    pub(crate) relayed: bool,
    /// How many of 100 datagrams the relay loses.
    pub(crate) loss: u64,
    /// Nothing passes the relay.
    pub(crate) cut: bool,
}
