//! WebSocket: the handshake and the frames.

use lens::{
    Direction::{Down, Up},
    ProtocolEvent::{Message, Sample},
};

use crate::{
    ASK, HANDSHAKE, SAMPLE, SWITCHING,
    check::{Bursts, check},
    fault, frames, groups, known, masked, request, response, text, without_heads,
};

#[test]
fn a_websocket_begins_with_a_handshake() {
    let known = frames(b"", b"");
    let accept = known.down.iter().find(|span| span.bytes.starts_with(b"HSmr"));
    assert_eq!(
        accept.unwrap().note.as_deref().unwrap(),
        "matches: x3JJHMbDL1EzLkh9GBhXDw== + 258EAFA5-E914-47DA-95CA-C5AB0DC85B11 \
         → SHA-1 1d29ab734b0c9585240069a6e4e3e91b61da1969 \
         → base64 HSmrc0sMlYUkAGmm5OPpG2HaGWk="
    );
    assert_eq!(known.events, [request("/chat"), response(101, false)]);
    assert_eq!(known.response_pending[..2], [true, false]);

    let wrong = SWITCHING.replace("HSmr", "hSmr");
    let known = self::known(&[(Up, HANDSHAKE), (Down, &wrong)]);
    let accept = known.down.iter().find(|span| span.bytes.starts_with(b"hSmr"));
    assert!(
        accept.unwrap().note.as_deref().unwrap().starts_with("does not match: ")
    );
}

#[test]
fn frames_have_a_header_a_mask_and_a_payload() {
    let up = [
        masked(0x81, b"Hello"),
        masked(0x8a, b"7"),
        masked(0x82, b"\x01\x02"),
        masked(0x88, b"\x03\xe8bye"),
    ];
    let sample = SAMPLE.as_bytes();
    let down = [&[0x81, 67][..], sample, b"\x89\x017", b"\x88\x02\x03\xe9"].concat();
    let known = frames(&up.concat(), &down);
    assert_eq!(
        without_heads(&known.up),
        text(
            r"
            ws-first \x81  # text, final frame
            ws-length \x85  # masked, 5 bytes
            ws-mask 7\xfa!=
            ws-payload \x7f\x9fMQX  # unmasked: Hello
            ws-first \x8a  # pong
            ws-length \x81  # masked, 1 byte
            ws-mask 7\xfa!=
            ws-pong \x00  # unmasked: 7
            ws-first \x82  # binary, final frame
            ws-length \x82  # masked, 2 bytes
            ws-mask 7\xfa!=
            ws-payload 6\xf8  # unmasked: 01 02
            ws-first \x88  # close
            ws-length \x85  # masked, 5 bytes
            ws-mask 7\xfa!=
            ws-close-code 4\x12  # 1000: normal closure
            ws-close-reason CDR  # unmasked: bye
            "
        )
    );
    assert_eq!(
        without_heads(&known.down),
        text(&format!(
            r"
            ws-first \x81  # text, final frame
            ws-length C  # 67 bytes
            ws-payload {}
            ws-first \x89  # ping
            ws-length \x01  # 1 byte
            ws-ping 7
            ws-first \x88  # close
            ws-length \x02  # 2 bytes
            ws-close-code \x03\xe9  # 1001: going away: the server goes down, or the page was left
            ",
            sample.escape_ascii()
        ))
    );
    assert_eq!(groups(&known.down)[1..], [3, 3, 3]);
    let told = known.events.into_iter().skip(2).collect::<Vec<_>>();
    assert_eq!(
        told,
        [(Up, Message), (Up, Message), (Down, Sample), (Down, Message)]
    );
}

#[test]
fn messages_may_be_long_and_in_parts() {
    let down = [
        b"\x01\x03Hel\x89\x00\x80\x02lo\x82\x7e\x01\x00".to_vec(),
        vec![7; 256],
        b"\x82\x7f\0\0\0\0\0\x01\x00\x00".to_vec(),
        vec![8; 65536],
    ];
    let mut up = vec![0x81, 0xfe, 0, 200, 0, 0, 0, 0];
    up.extend("€".repeat(66).into_bytes());
    up.extend(b"\n!\x81\x02hi");
    let known = frames(&up, &down.concat());
    let mut shown = without_heads(&known.down);
    shown.retain(|char| !matches!(char, '7' | '8'));
    let long = |byte: &str, count| {
        format!(r"\x0{byte}").repeat(count).replace(['7', '8'], "")
    };
    let expected = text(&format!(
        r"
        ws-first \x01  # text, more frames follow
        ws-length \x03  # 3 bytes
        ws-payload Hel
        ws-first \x89  # ping
        ws-length \x00  # 0 bytes
        ws-first \x80  # continuation, final frame
        ws-length \x02  # 2 bytes
        ws-payload lo
        ws-first \x82  # binary, final frame
        ws-length ~  # length in the next 2 bytes
        ws-extended-length \x01\x00  # 256 bytes
        ws-payload {}
        ws-first \x82  # binary, final frame
        ws-length \x7f  # length in the next 8 bytes
        ws-extended-length \x00\x00\x00\x00\x00\x01\x00\x00  # 65536 bytes
        ws-payload {}
        ",
        long("7", 256),
        long("8", 65536)
    ));
    assert_eq!(shown, expected.replace(['7', '8'], ""));
    let notes: Vec<_> =
        known.up.iter().filter_map(|span| span.note.clone()).collect();
    assert_eq!(
        notes[1..],
        [
            "text, final frame".into(),
            "masked, length in the next 2 bytes".into(),
            "200 bytes".into(),
            format!("unmasked: {}…", "€".repeat(50)),
            "text, final frame".into(),
            "not masked as it must be, 2 bytes".into(),
        ]
    );
}

#[test]
fn a_refused_upgrade_goes_on_with_http() {
    // The second request waits until it is known what it is.
    let up = format!("{HANDSHAKE}{ASK}");
    let refused = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    let known = known(&[(Up, &up), (Down, refused), (Up, ASK), (Down, refused)]);
    let requests = [request("/chat"), request("/x"), request("/x")];
    let seen = known.events.iter().filter(|(direction, _)| *direction == Up);
    assert!(seen.eq(&requests));
    assert_eq!(fault(&known.up), "");
}

#[test]
fn compressed_messages_are_not_read() {
    let switching = SWITCHING.replace(
        "upgrade\r\n",
        "upgrade\r\nsec-websocket-extensions: permessage-deflate\r\n",
    );
    let bursts: Bursts = vec![
        (Up, HANDSHAKE.into()),
        (Down, switching.into()),
        (Up, masked(0xc1, b"\x01")),
    ];
    let known = check(&bursts, &[0]);
    let shown = without_heads(&known.up);
    assert!(shown.contains("# text, final frame, compressed\n"), "{shown}");
    assert!(shown.ends_with("# unmasked: 01\n"), "{shown}");
}
