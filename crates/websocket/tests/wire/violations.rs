//! Clients that break the protocol, and what is said to them.

use testkit::{Client, header, masked, wait_until};

use crate::{
    BINARY, CLOSE, LONG, PING, PONG, TEXT, closed, enter, open, ready, server, text,
};

/// What is wrong, the bytes, and the code of the Close frame that answers them.
fn violations() -> Vec<(&'static str, Vec<u8>, u16)> {
    let unmasked = [&[TEXT, 5][..], b"hello"].concat();
    let close = |code: u16, reason: &[u8]| {
        masked(CLOSE, [&code.to_be_bytes()[..], reason].concat())
    };
    vec![
        ("a frame without mask", unmasked, 1002),
        ("reserved bit 1", masked(0xc1, "x"), 1002),
        ("reserved bit 3", masked(0x91, "x"), 1002),
        ("a reserved bit, and not UTF-8", masked(0xc1, [0xff]), 1002),
        ("an unknown opcode", masked(0x83, "x"), 1002),
        ("an unknown control opcode", masked(0x8b, "x"), 1002),
        ("a continuation of nothing", masked(0x80, "x"), 1002),
        (
            "a text within a text",
            [masked(0x01, "x"), masked(TEXT, "y")].concat(),
            1002,
        ),
        ("a ping in parts", masked(0x09, "x"), 1002),
        ("a ping of 126 bytes", masked(PING, [0; 126]), 1002),
        ("a ping of a declared 2 MiB", header(PING, 2 << 20), 1002),
        ("a close of 1 byte", masked(CLOSE, [3]), 1002),
        ("close code 1005", close(1005, b""), 1002),
        ("close code 999", close(999, b"\xc3\xbc"), 1002),
        ("a reason that is not UTF-8", close(1000, b"a\xff"), 1007),
        ("a reason that is cut", close(1000, b"a\xc3"), 1007),
        ("text that is not UTF-8", masked(TEXT, [0xc3, 0x28]), 1007),
        ("text that is cut", masked(TEXT, [0xc3]), 1007),
        (
            "text in parts that is not UTF-8",
            [masked(0x01, [0xc3]), masked(0x80, [0x28])].concat(),
            1007,
        ),
        ("a declared 2 MiB", header(TEXT, 2 << 20), 1009),
        ("a declared 2^62 bytes", header(BINARY, 1 << 62), 1009),
        ("too many parts", [masked(0x01, ""), parts(8192)].concat(), 1009),
    ]
}

/// Frames of one byte that end no message.
fn parts(count: usize) -> Vec<u8> {
    masked(0x00, "x").repeat(count)
}

#[test]
fn each_violation_is_closed_with_its_code() {
    let server = server(LONG);
    for target in ["/chat", "/echo"] {
        for (what, bytes, code) in violations() {
            let mut client = ready(&server, target);
            client.send(bytes);
            let (came, reason) = closed(&mut client);
            assert_eq!(came, code, "{target}, {what}: {reason}");
            assert!(!reason.is_empty(), "{what}");
        }
    }
    let mut client = enter(&server);
    client.send(masked(TEXT, vec![b'x'; 4097]));
    assert_eq!(closed(&mut client).0, 1009);
    let mut client = enter(&server);
    client.send(masked(BINARY, "x"));
    assert_eq!(closed(&mut client).0, 1003);
    server.shut_down();
}

/// What a client sends, and takes before the Close that its violation is answered with.
fn good(target: &str) -> (Vec<u8>, fn(&mut Client)) {
    let ping = masked(PING, "good");
    if target == "/echo" {
        let parts = [masked(0x01, "go"), masked(0x80, "od")].concat();
        return ([masked(TEXT, "good"), ping, parts].concat(), |client| {
            assert_eq!(text(client), "good");
            assert_eq!(client.frame(), (PONG, b"good".to_vec()));
            assert_eq!(text(client), "good");
        });
    }
    let (say, sing) = (r#"{"say":"good"}"#, r#"{"sing":"la"}"#);
    ([ping, masked(TEXT, say), masked(TEXT, sing)].concat(), |client| {
        assert_eq!(client.frame(), (PONG, b"good".to_vec()));
        let answers = [text(client), text(client)];
        assert!(answers.iter().any(|a| a.starts_with(r#"{"said":"#)), "{answers:?}");
        assert!(
            answers.iter().any(|a| a.starts_with(r#"{"error":"#)),
            "{answers:?}"
        );
    })
}

#[test]
fn what_came_with_a_violation_is_answered_before_the_close() {
    let server = server(LONG);
    for target in ["/chat", "/echo"] {
        for (what, violation, code) in violations() {
            let (good, take_answers) = good(target);
            let mut client = ready(&server, target);
            // In one packet, and with the start of the violation alone.
            client.send([good.clone(), violation.clone()].concat());
            take_answers(&mut client);
            assert_eq!(closed(&mut client).0, code, "{target}, {what}");
            let mut client = ready(&server, target);
            let (start, rest) = violation.split_at(1);
            client.send([&good, start].concat());
            take_answers(&mut client);
            client.send(rest);
            assert_eq!(
                closed(&mut client).0,
                code,
                "{target}, {what} in two packets"
            );
        }
    }
    server.shut_down();
}

#[test]
fn what_is_said_last_is_heard_though_its_client_has_gone() {
    let server = server(LONG);
    let mut bob = enter(&server);
    for _ in 0..20 {
        let mut ada = enter(&server);
        ada.send(masked(TEXT, r#"{"say":"good"}"#));
        drop(ada);
        assert!(text(&mut bob).contains(r#""text":"good""#));
    }
    wait_until("the others have left", || server.feed.followers() == 1);
    server.shut_down();
}

#[test]
fn text_is_refused_at_its_first_wrong_byte() {
    let server = server(LONG);
    let right = "κόσμε".as_bytes();
    // Beyond U+10FFFF, which shows in the second byte (RFC 3629 §3).
    let wrong = b"\xf4\x90";
    for target in ["/chat", "/echo"] {
        // In a part that is whole, of a message that is not.
        let mut client = ready(&server, target);
        client.send(masked(0x01, right));
        client.send(masked(0x00, wrong));
        assert_eq!(closed(&mut client).0, 1007, "{target}");
        // In a frame of which more was to come, and with a ping in between.
        let mut client = ready(&server, target);
        let whole = masked(TEXT, [right, &wrong[..], &[b'x'; 50]].concat());
        client.send(&whole[..6 + right.len() + 1]);
        let mut other = ready(&server, target);
        other.send(masked(PING, ""));
        assert_eq!(other.frame(), (PONG, vec![]));
        client.send(&whole[6 + right.len() + 1..][..1]);
        assert_eq!(closed(&mut client).0, 1007, "{target}");
    }
    server.shut_down();
}

#[test]
fn a_message_costs_what_is_in_it_in_however_many_parts_it_comes() {
    let server = server(LONG);
    for (target, most) in [("/chat", 1024), ("/echo", 8192)] {
        for (part, last) in [("", ""), ("é", "é")] {
            let mut client = ready(&server, target);
            let parts = masked(0x00, part).repeat(most - 2);
            client.send([masked(0x01, "é"), parts, masked(0x80, last)].concat());
            if target == "/echo" {
                let sent = format!("é{}{last}", part.repeat(most - 2));
                assert_eq!(text(&mut client), sent);
            } else {
                assert!(text(&mut client).contains("expected value"));
            }
            // A new message may have as many again.
            client
                .send([masked(0x01, ""), masked(0x00, part).repeat(most)].concat());
            let reason =
                format!("message in too many frames: expected {most} at most");
            assert_eq!(closed(&mut client), (1009, reason), "{target}");
        }
    }
    server.shut_down();
}

#[test]
fn what_came_before_a_frame_that_is_too_long_is_not_lost() {
    let server = server(LONG);
    let mut client = open(&server, "/echo");
    client.send([masked(TEXT, "good"), header(TEXT, 1 << 40)].concat());
    assert_eq!(text(&mut client), "good");
    assert_eq!(closed(&mut client).0, 1009);
    server.shut_down();
}
