//! STUN (RFC 8489): the packets by which ICE finds out whether two addresses reach each
//! other, and how each looks from the other side. They are authenticated, not encrypted.

use std::net::Ipv4Addr;

use super::parts::{Parts, hex, two_bytes};
use crate::Label;

const HEADER_BYTES: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// How much of a user name a note repeats.
const NOTE_LIMIT: usize = 100;

pub(super) fn label(parts: &mut Parts) {
    let Some(kind) = message(parts.left()) else { return };
    let transaction = hex(&parts.left()[8..HEADER_BYTES]);
    parts.take(2, Label::StunType, Some(kind.into()));
    parts.take(2, Label::StunLength, None);
    parts.take(4, Label::StunCookie, None);
    parts.take(12, Label::StunTransaction, Some(transaction));
    while parts.has_more() {
        let bytes = parts.left();
        let (Some(kind), Some(length)) = (two_bytes(bytes, 0), two_bytes(bytes, 2))
        else {
            return;
        };
        // Each value is padded to a multiple of four bytes.
        let whole = 4 + usize::from(length).next_multiple_of(4);
        if whole > bytes.len() {
            return;
        }
        let note = attribute(kind, &bytes[4..][..length.into()]);
        parts.next_group();
        parts.take(whole, Label::StunAttribute, Some(note));
    }
}

/// What a STUN message is, if these bytes are one.
fn message(bytes: &[u8]) -> Option<&'static str> {
    let length = usize::from(two_bytes(bytes, 2)?);
    if bytes.get(4..8)? != COOKIE
        || bytes.len() != HEADER_BYTES + length
        || length % 4 > 0
    {
        return None;
    }
    Some(match two_bytes(bytes, 0)? {
        0x0001 => "Binding request",
        0x0011 => "Binding indication",
        0x0101 => "Binding success response",
        0x0111 => "Binding error response",
        _ => "another method (TURN has some)",
    })
}

fn attribute(kind: u16, value: &[u8]) -> String {
    let name = match kind {
        0x0006 => {
            let name = String::from_utf8_lossy(value);
            return format!("USERNAME {:.NOTE_LIMIT$}", name.escape_debug());
        }
        0x0020 => {
            let address = xor_address(value).unwrap_or_default();
            return format!("XOR-MAPPED-ADDRESS {address}");
        }
        0x0008 => "MESSAGE-INTEGRITY",
        0x0009 => "ERROR-CODE",
        0x0024 => "PRIORITY",
        0x0025 => "USE-CANDIDATE",
        0x8022 => "SOFTWARE",
        0x8028 => "FINGERPRINT",
        0x8029 => "ICE-CONTROLLED",
        0x802a => "ICE-CONTROLLING",
        _ => return format!("attribute {kind:#06x}"),
    };
    name.into()
}

/// The address that the receiver saw: XORed with the cookie, since some routers rewrite
/// addresses wherever they find them (RFC 8489 §14.2).
fn xor_address(value: &[u8]) -> Option<String> {
    let [_, 1, p0, p1, ip @ ..] = value else { return None };
    let ip: &[u8; 4] = ip.try_into().ok()?;
    let port = u16::from_be_bytes([p0 ^ COOKIE[0], p1 ^ COOKIE[1]]);
    let ip: [u8; 4] = std::array::from_fn(|i| ip[i] ^ COOKIE[i]);
    Some(format!("{}:{port}", Ipv4Addr::from(ip)))
}
