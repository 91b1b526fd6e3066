//! However the bytes are split, the labels are the same.

use lens::Direction::{Down, Up};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    ASK, CHUNKED, HANDSHAKE, OK, SAMPLE, SWITCHING,
    check::{Bursts, check},
    chunk,
    inside::{engine_io_handshake, switching_to_mqtt},
    masked,
    standards::{EMPTY, EVENTS, KEY, switching, upgrade},
};

/// What connections may consist of, and some bytes that they may not.
fn bursts() -> impl Strategy<Value = Bursts> {
    let up = select(vec![
        ASK.as_bytes().to_vec(),
        HANDSHAKE.into(),
        b"HEAD / HTTP/1.1\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
        masked(0x81, b"Hello"),
        engine_io_handshake().into(),
        b"POST /?EIO=4 HTTP/1.1\r\nContent-Length: 7\r\n\r\n42/a,1[".to_vec(),
        masked(0x81, b"42/a,1[\"x\"]"),
        masked(0x82, b"\x33\x08\x00\x01a\x00\x01x"),
        masked(0x82, b"yz\x82\x06\x00\x01\x00\x01#\x00\xc0\x00"),
        masked(0x01, b"Hel"),
        masked(0x80, b"lo"),
        masked(0x8a, b""),
        masked(0x88, b"\x03\xe8bye"),
        b"CONNECT a:1 HTTP/1.1\r\n\r\n".to_vec(),
        upgrade("h2c", "").into(),
        upgrade("h2c, websocket", KEY).into(),
        upgrade("websocket", &format!("{KEY}Content-Length: 8\r\n")).into(),
        upgrade("websocket", &format!("{KEY}Transfer-Encoding: chunked\r\n")).into(),
        b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n".to_vec(),
        b"8\r\n12345678\r\n0\r\n\r\n".to_vec(),
        b"\x01\x01a".to_vec(),
    ]);
    let event_stream = format!("{CHUNKED}content-type: text/event-stream\r\n\r\n");
    let text_stream = format!("{CHUNKED}content-type: text/plain\r\n\r\n");
    let json = format!(
        "{OK}content-type: application/json\r\ncontent-length: 69\r\n\r\n[{SAMPLE}]"
    );
    let odd_event = format!(
        "event: {}\nretry: 99999999999999999999\nid: \0\ndata\n\n",
        "é".repeat(50)
    );
    let down = select(vec![
        event_stream.into_bytes(),
        text_stream.into_bytes(),
        json.into_bytes(),
        format!("{OK}content-type: text/event-stream\r\n\r\n").into_bytes(),
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        SWITCHING.into(),
        switching_to_mqtt().into(),
        format!(
            "{OK}content-type: text/plain\r\ncontent-length: 9\r\n\r\n40{{}}\x1e42[]"
        )
        .into(),
        b"\x82\x0e\x31\x0a\x00\x03a/b{\"id\":\x30\x05".to_vec(),
        b"\x82\x07\x00\x01a\x32\x03\x00\x00".to_vec(),
        b"\x81\x064/a,[]".to_vec(),
        chunk(&format!("id: k3f9-17\ndata: {SAMPLE}\n\n")).into(),
        chunk(": heartbeat\r\n\r").into(),
        chunk("\nevent: weather\rdata: BERLIN\r\r").into(),
        chunk("\n").into(),
        chunk(SAMPLE).into(),
        b"0\r\n\r\n".to_vec(),
        b"0\r\nA: b\r\n\r\n".to_vec(),
        [b"\x81\x43", SAMPLE.as_bytes()].concat(),
        b"\x89\x00".to_vec(),
        b"\x01\x01a\x80\x7e\x00\x01b".to_vec(),
        b"\x88\x02\x03\xe8".to_vec(),
        EMPTY.into(),
        EVENTS.replace("200", "503").into(),
        format!("{OK}X: a\r\n\tb\r\nContent-Length: 2\r\n\r\nok").into(),
        format!("{OK}Transfer-Encoding: gzip\r\n\r\n").into(),
        switching("h2c").into(),
        b"HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n".to_vec(),
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n".to_vec(),
        odd_event.into_bytes(),
        b"00000000000000000005\r\nretry\r\n0\r\n\r\n".to_vec(),
        b"\x01\x7e\0\x01a".to_vec(),
    ]);
    let any = || vec(any::<u8>(), 0..20);
    vec(
        prop_oneof![
            10 => up.prop_map(|bytes| (Up, bytes)),
            20 => down.prop_map(|bytes| (Down, bytes)),
            1 => any().prop_map(|bytes| (Up, bytes)),
            1 => any().prop_map(|bytes| (Down, bytes)),
        ],
        0..20,
    )
}

proptest! {
    #[test]
    fn labels_do_not_depend_on_how_bytes_are_cut(
        bursts in bursts(),
        sizes in vec(prop_oneof![0..4_u8, 0..80_u8], 1..20),
    ) {
        check(&bursts, &sizes);
    }

    #[test]
    fn arbitrary_bytes_have_labels(
        up in vec(any::<u8>(), 0..500),
        down in vec(any::<u8>(), 0..500),
        head in any::<bool>(),
        sizes in vec(0..20_u8, 1..20),
    ) {
        let mut bursts: Bursts = vec![(Up, up), (Down, down)];
        if head {
            bursts.insert(0, (Up, HANDSHAKE.into()));
            bursts.insert(1, (Down, SWITCHING.into()));
        }
        check(&bursts, &sizes);
    }
}
