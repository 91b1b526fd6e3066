//! Whatever comes, the decoder does not panic, and does not mind where messages end.

use proptest::{collection::vec, prelude::*};

use super::*;

/// All packets up to the first that is none, with that, and how many bytes are kept.
fn decode_all(parts: &[&[u8]]) -> (Vec<ClientPacket>, Option<BadPacket>, usize) {
    let (mut decoder, mut packets) = (Decoder::default(), Vec::new());
    for part in parts {
        decoder.push(part);
        loop {
            match decoder.next() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(bad) => return (packets, Some(bad), decoder.0.len()),
            }
        }
    }
    (packets, None, decoder.0.len())
}

/// Bytes of each type, some of them right.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![
        Just(0x10),
        Just(0x30),
        Just(0x31),
        Just(0x32),
        Just(0x3a),
        Just(0x82),
        Just(0xa2),
        Just(0xc0),
        Just(0xe0),
        any::<u8>()
    ];
    let text = "[ab/+#$]{0,6}".prop_map(|text| {
        [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat()
    });
    let field = prop_oneof![
        5 => text,
        2 => Just(b"\0\x04MQTT\x04\x02\0\x05".to_vec()),
        2 => (1..4_u16).prop_map(|id| id.to_be_bytes().to_vec()),
        2 => (0..4_u8).prop_map(|qos| vec![qos]),
        1 => vec(any::<u8>(), 0..9),
    ];
    (kind, vec(field, 0..5))
        .prop_map(|(kind, fields)| packet(kind, fields.concat()).into())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..600)) {
        decode_all(&[&bytes]);
    }

    #[test]
    fn it_does_not_matter_where_messages_end(
        packets in vec(packets(), 1..6),
        cuts in vec(0..40_usize, 0..6),
    ) {
        let bytes = packets.concat();
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts {
            let (part, after) = rest.split_at(cut.min(rest.len()));
            parts.push(part);
            rest = after;
        }
        parts.push(rest);
        let (whole, bad, _) = decode_all(&[&bytes]);
        let (cut, bad_cut, _) = decode_all(&parts);
        prop_assert_eq!((whole, bad), (cut, bad_cut));
    }

    #[test]
    fn a_message_is_read_as_it_was_written(
        topic in "[a-z/€]{1,80}",
        payload in vec(any::<u8>(), 0..300),
        is_retained: bool,
    ) {
        let written = publish(&topic, &payload, is_retained);
        let message = Message { topic, payload: payload.into(), is_retained };
        let read = (vec![ClientPacket::Publish(message, None)], None, 0);
        prop_assert_eq!(decode_all(&[&written]), read);
    }
}
