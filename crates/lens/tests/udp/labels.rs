//! Labels of datagrams, on the bytes of RFCs, and on bytes that nobody wrote.

use bytes::Bytes;
use lens::{Label, udp::DatagramDecoder};
use proptest::{collection::vec, prelude::*, sample::select};

/// RFC 5769 §2.1.
pub(crate) const STUN_REQUEST: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\
    \xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
    \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\
    \x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\x00\x06\x00\x09evtj:h6vY   \
    \x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\
    \xc1\xb5\x71\xa2\x80\x28\x00\x04\xe5\x7b\x3b\xcf";

/// RFC 5769 §2.2.
const STUN_RESPONSE: &[u8] = b"\x01\x01\x00\x3c\x21\x12\xa4\x42\
    \xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
    \x80\x22\x00\x0btest vector \x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43\
    \x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9\x2a\xf9\xba\x53\
    \xf0\x6b\xe7\xd7\x80\x28\x00\x04\xc0\x7d\x4c\x96";

/// The header of a client's Initial (RFC 9001 A.2): 1200 bytes with what follows.
fn quic_initial() -> Vec<u8> {
    let header =
        b"\xc0\x00\x00\x00\x01\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\x00\x00\x44\x9e";
    [&header[..], &[0x7b; 1182]].concat()
}

/// The header of the server's Initial (RFC 9001 A.3), and a Handshake in the same datagram.
fn quic_response() -> Vec<u8> {
    let initial =
        b"\xcf\x00\x00\x00\x01\x00\x08\xf0\x67\xa5\x50\x2a\x42\x62\xb5\x00\x40\x75";
    let handshake =
        b"\xe5\x00\x00\x00\x01\x00\x08\xf0\x67\xa5\x50\x2a\x42\x62\xb5\x15";
    [&initial[..], &[0xc0; 117], handshake, &[1; 21]].concat()
}

/// The same with no version that fits (RFC 9000 §17.2.1).
const QUIC_NEGOTIATION: &[u8] =
    b"\xff\x00\x00\x00\x00\x00\x02ab\x00\x00\x00\x01\x6b\x33\x43\xcf";

fn quic_short() -> Vec<u8> {
    [&[0x5d][..], &[9; 40]].concat()
}

/// A record of DTLS 1.2 (RFC 6347 §4.1).
fn dtls(kind: u8, epoch: u8, content: &[u8]) -> Vec<u8> {
    let head = [kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 7];
    [&head[..], &(content.len() as u16).to_be_bytes(), content].concat()
}

fn dtls_1_3() -> Vec<u8> {
    [&[0x2f][..], &[9; 40]].concat()
}

/// The labels and notes of a datagram, after others of the same flow.
fn labels(before: &[Vec<u8>], datagram: &[u8]) -> Vec<(Label, String)> {
    let mut decoder = DatagramDecoder::default();
    for datagram in before {
        decoder.decode(&Bytes::copy_from_slice(datagram));
    }
    let spans = decoder.decode(&Bytes::copy_from_slice(datagram));
    assert_eq!(
        spans.iter().flat_map(|s| &s.bytes).copied().collect::<Vec<_>>(),
        datagram
    );
    spans.into_iter().map(|s| (s.label, s.note.unwrap_or_default())).collect()
}

/// Those of the labels that have notes.
fn notes(datagram: &[u8]) -> Vec<String> {
    let notes = labels(&[], datagram).into_iter().map(|(_, note)| note);
    notes.filter(|note| !note.is_empty()).collect()
}

#[test]
fn stun_is_read_to_the_end() {
    assert_eq!(
        notes(STUN_REQUEST),
        [
            "Binding request",
            "b7e7a701bc34d686fa87dfae",
            "SOFTWARE",
            "PRIORITY",
            "ICE-CONTROLLED",
            "USERNAME evtj:h6vY",
            "MESSAGE-INTEGRITY",
            "FINGERPRINT"
        ]
    );
    let response = notes(STUN_RESPONSE);
    assert_eq!(response[0], "Binding success response");
    assert_eq!(response[3], "XOR-MAPPED-ADDRESS 192.0.2.1:32853");
}

#[test]
fn of_quic_the_long_header_is_read_and_what_comes_in_one_datagram_is_told_apart() {
    use Label::{Encrypted, QuicConnectionId, QuicFirst, QuicLength, QuicVersion};
    let packet = [
        QuicFirst,
        QuicVersion,
        QuicConnectionId,
        QuicConnectionId,
        QuicLength,
        Encrypted,
    ];
    let of =
        |datagram: &[u8]| labels(&[], datagram).into_iter().map(|(label, _)| label);
    assert!(of(&quic_initial()).eq(packet));
    assert!(of(&quic_response()).eq([packet, packet].concat()));
    let told = notes(&quic_initial());
    assert_eq!(told[..2], ["Initial", "version 1"]);
    assert_eq!(told[2..4], ["8394c8f03e515708 of the receiver", " of the sender"]);
    assert_eq!(notes(&quic_response())[5], "Handshake");
    assert_eq!(notes(QUIC_NEGOTIATION)[0], "Version Negotiation");
    // A short header is one only where QUIC was seen.
    assert_eq!(labels(&[], &quic_short())[0].0, Label::Opaque);
    let known = labels(&[quic_initial()], &quic_short());
    assert_eq!([known[0].0, known[1].0], [QuicFirst, Encrypted]);
}

#[test]
fn of_dtls_records_are_read_and_their_content_until_there_is_a_key() {
    use Label::{DtlsHandshake, Encrypted};
    let hello = dtls(22, 0, b"\x01hello");
    assert_eq!(
        notes(&hello),
        [
            "handshake",
            "DTLS 1.2, or 1.3 in disguise",
            "epoch 0, record 000000000007",
            "6 bytes",
            "ClientHello"
        ]
    );
    let flight = [dtls(20, 0, b"\x01"), dtls(22, 1, b"finished")].concat();
    let told = labels(&[], &flight);
    assert_eq!([told[4].0, told[9].0], [DtlsHandshake, Encrypted]);
    let data = labels(&[], &dtls(23, 1, b"sample"));
    assert_eq!(data.last().unwrap().0, Encrypted);
    // The header of DTLS 1.3 is one only where DTLS was seen.
    assert_eq!(labels(&[], &dtls_1_3())[0].0, Label::Opaque);
    assert_eq!(labels(&[hello], &dtls_1_3())[1].0, Encrypted);
}

#[test]
fn nothing_is_guessed() {
    let stun_with_another_length = [STUN_REQUEST, b"x"].concat();
    let mut without_cookie = STUN_REQUEST.to_vec();
    without_cookie[4] = 0x20;
    let mut unknown_version = quic_initial();
    unknown_version[4] = 9;
    let mut long_id = quic_initial();
    long_id[5] = 21;
    let cut_dtls = &dtls(23, 1, b"sample")[..18];
    for datagram in [
        b"hello",
        b"\x16\x03\x01\x00\x05hello".as_slice(),
        &stun_with_another_length,
        &without_cookie,
        &unknown_version,
        &long_id,
        cut_dtls,
    ] {
        let opaque = (Label::Opaque, String::new());
        assert_eq!(labels(&[], datagram), [opaque], "{datagram:x?}");
    }
    assert_eq!(labels(&[], b""), []);
}

proptest! {
    /// `labels` compares all bytes with the datagram.
    #[test]
    fn every_byte_has_one_label_and_notes_are_bounded(
        good in vec(
            select(vec![
                STUN_REQUEST.to_vec(), STUN_RESPONSE.to_vec(), quic_initial(), quic_response(),
                quic_short(), QUIC_NEGOTIATION.to_vec(), dtls(22, 0, b"\x0bcertificate"),
                dtls(23, 1, b"sample"), dtls_1_3(),
            ]),
            1..5,
        ),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut datagram = good.concat();
        for (index, byte) in changes {
            let index = index.index(datagram.len());
            datagram[index] = byte;
        }
        datagram.truncate(1 + cut.index(datagram.len()));
        let told = labels(&good, &datagram);
        prop_assert!(told.len() <= 102, "{}", told.len());
        for (label, note) in told {
            prop_assert!(note.chars().count() <= 200, "{label:?}: {note}");
        }
    }

    #[test]
    fn arbitrary_bytes_have_labels(datagram in vec(any::<u8>(), 0..200)) {
        labels(&[quic_initial(), dtls(22, 0, b"\x01")], &datagram);
    }
}
