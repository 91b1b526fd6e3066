//! QUIC (RFC 8999, RFC 9000): below HTTP/3 and WebTransport. The packets of a handshake
//! have a long header; all others have a short one, whose every useful bit is encrypted.

use super::parts::{Parts, hex};
use crate::Label;

const VERSION_1: u32 = 1;
const VERSION_2: u32 = 0x6b33_43cf;

/// How long a connection id is at most (RFC 9000 §17.2).
const ID_LIMIT_BYTES: usize = 20;

/// Labels the packets of a datagram. `known` is whether the flow is QUIC, and becomes true.
pub(super) fn label(parts: &mut Parts, known: &mut bool) {
    while parts.has_more() {
        let Some(head) = Head::of(parts.left()) else {
            if *known && parts.left()[0] & 0xc0 == 0x40 {
                parts.next_group();
                let note = "short header: all that follows is encrypted";
                parts.take(1, Label::QuicFirst, Some(note.into()));
                parts.rest(Label::Encrypted, None);
            }
            return;
        };
        *known = true;
        parts.next_group();
        parts.take(1, Label::QuicFirst, Some(head.kind.name().into()));
        parts.take(4, Label::QuicVersion, Some(head.version_name()));
        for whose in ["of the receiver", "of the sender"] {
            let id = parts.left().get(1..).unwrap_or_default();
            let length = usize::from(parts.left()[0]);
            let note = format!("{} {whose}", hex(&id[..length]));
            parts.take(1 + length, Label::QuicConnectionId, Some(note));
        }
        let Some((prefix, length)) = head.kind.payload(parts.left()) else {
            return parts.rest(Label::QuicLength, None);
        };
        parts.take(prefix, Label::QuicLength, Some(format!("{length} bytes")));
        parts.take(length, Label::Encrypted, None);
    }
}

/// A long header, as far as all versions have it (RFC 8999 §5.1).
struct Head {
    kind: Kind,
    version: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    VersionNegotiation,
}

impl Head {
    /// The long header with which these bytes begin, if they do and all of it is here.
    fn of(bytes: &[u8]) -> Option<Self> {
        let [first, v0, v1, v2, v3, rest @ ..] = bytes else { return None };
        let version = u32::from_be_bytes([*v0, *v1, *v2, *v3]);
        let kind = match (version, first >> 4 & 3) {
            _ if first & 0x80 == 0 => return None,
            (0, _) => Kind::VersionNegotiation,
            (VERSION_1, 0) | (VERSION_2, 1) => Kind::Initial,
            (VERSION_1, 1) | (VERSION_2, 2) => Kind::ZeroRtt,
            (VERSION_1, 2) | (VERSION_2, 3) => Kind::Handshake,
            (VERSION_1, 3) | (VERSION_2, 0) => Kind::Retry,
            _ => return None,
        };
        let receiver = usize::from(*rest.first()?);
        let sender = usize::from(*rest.get(1 + receiver)?);
        let whole = rest.len() >= 2 + receiver + sender;
        (whole && receiver.max(sender) <= ID_LIMIT_BYTES)
            .then_some(Self { kind, version })
    }

    fn version_name(&self) -> String {
        match self.version {
            0 => "version negotiation".into(),
            VERSION_1 => "version 1".into(),
            _ => "version 2 (RFC 9369)".into(),
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Initial => "Initial",
            Self::ZeroRtt => "0-RTT",
            Self::Handshake => "Handshake",
            Self::Retry => "Retry",
            Self::VersionNegotiation => "Version Negotiation",
        }
    }

    /// How many bytes precede the payload, and how many it has: a token (in an Initial),
    /// and the length (RFC 9000 §17.2).
    fn payload(self, bytes: &[u8]) -> Option<(usize, usize)> {
        let token = match self {
            Self::Initial => {
                let (size, token) = varint(bytes)?;
                size.checked_add(token)?
            }
            Self::ZeroRtt | Self::Handshake => 0,
            Self::Retry | Self::VersionNegotiation => return None,
        };
        let (size, length) = varint(bytes.get(token..)?)?;
        (length <= bytes.len() - token - size).then_some((token + size, length))
    }
}

/// A number in 1, 2, 4 or 8 bytes, and in how many (RFC 9000 §16).
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let size = 1 << (bytes.first()? >> 6);
    let number =
        bytes.get(..size)?.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    // Without the two bits that say the size.
    let number = number & (u64::MAX >> (66 - 8 * size));
    Some((size, usize::try_from(number).ok()?))
}
