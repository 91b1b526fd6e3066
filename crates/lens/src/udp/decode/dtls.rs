//! DTLS (RFC 6347, RFC 9147): TLS for datagrams, below WebRTC's data channels. A record
//! says which kind it is and its number; what is in it is encrypted after the handshake.

use super::parts::{Parts, hex, two_bytes};
use crate::Label;

const HEADER_BYTES: usize = 13;

/// Labels the records of a datagram. `known` is whether the flow is DTLS, and becomes true.
pub(super) fn label(parts: &mut Parts, known: &mut bool) {
    while parts.has_more() {
        let first = parts.left()[0];
        if *known && first & 0xe0 == 0x20 {
            parts.next_group();
            let note = "DTLS 1.3: even the record's number is encrypted";
            parts.take(1, Label::DtlsType, Some(note.into()));
            return parts.rest(Label::Encrypted, None);
        }
        let Some(record) = Record::of(parts.left()) else { return };
        *known = true;
        parts.next_group();
        let number = hex(&parts.left()[5..11]);
        let number = format!("epoch {}, record {number}", record.epoch);
        parts.take(1, Label::DtlsType, Some(record.kind.into()));
        parts.take(2, Label::DtlsVersion, Some(record.version.into()));
        parts.take(8, Label::DtlsNumber, Some(number));
        parts.take(2, Label::DtlsLength, Some(format!("{} bytes", record.length)));
        let (label, note) = match record.epoch {
            0 => (Label::DtlsHandshake, message(&record, parts.left())),
            _ => (Label::Encrypted, None),
        };
        parts.take(record.length, label, note);
    }
}

struct Record {
    kind: &'static str,
    version: &'static str,
    epoch: u16,
    length: usize,
}

impl Record {
    /// The record with which these bytes begin, if they do and all of it is here.
    fn of(bytes: &[u8]) -> Option<Self> {
        let kind = match bytes.first()? {
            20 => "change cipher spec",
            21 => "alert",
            22 => "handshake",
            23 => "application data",
            26 => "acknowledgement",
            _ => return None,
        };
        let version = match two_bytes(bytes, 1)? {
            0xfeff => "DTLS 1.0, or the first message of a later one",
            0xfefd => "DTLS 1.2, or 1.3 in disguise",
            _ => return None,
        };
        let (epoch, length) = (two_bytes(bytes, 3)?, two_bytes(bytes, 11)?.into());
        let whole = HEADER_BYTES + length <= bytes.len();
        whole.then_some(Self { kind, version, epoch, length })
    }
}

/// The name of the message in a record that is not encrypted.
fn message(record: &Record, bytes: &[u8]) -> Option<String> {
    if record.kind != "handshake" {
        return None;
    }
    let name = match bytes.first()? {
        1 => "ClientHello",
        2 => "ServerHello",
        3 => "HelloVerifyRequest",
        11 => "Certificate",
        12 => "ServerKeyExchange",
        13 => "CertificateRequest",
        14 => "ServerHelloDone",
        15 => "CertificateVerify",
        16 => "ClientKeyExchange",
        _ => return None,
    };
    Some(name.into())
}
