//! What is refused: an attendee's requests to the presenter's pages, pages of another
//! origin, and wrong messages.

use serde_json::{Value, json};
use testkit::{Client, handshake};

use crate::{ADA, BOB, get, open};

#[test]
fn everything_an_attendee_sends_to_the_presenter_is_refused() {
    let workshop = open(&[]);
    for address in [workshop.process.address, workshop.presenter] {
        for target in [
            "/presenter",
            "/presenter/live",
            "/presenter/wire/sse",
            "/presenter/speaker",
            "/presenter/x",
        ] {
            let port = workshop.process.address.port();
            for cookie in [
                "other=1".to_owned(),
                format!("presenter-{port}="),
                format!("presenter-{port}={}", "0".repeat(32)),
                // A cookie goes to all ports of a host: the key is in none.
                format!("presenter-{port}={}", workshop.key),
                workshop.cookie().replace("presenter-", "presenter-1")
                    ["Cookie: ".len()..]
                    .trim()
                    .to_owned(),
            ] {
                let fields = &format!("Cookie: {cookie}\r\n");
                let (code, _) = get(Client::connect(address), target, fields);
                assert_eq!(code, 403, "{target} with {fields:?}");
            }
            let (code, _) =
                get(Client::connect(address), target, &workshop.cookie());
            assert_ne!(code, 403, "{target} with the key");
        }
        let mut client = Client::connect(address);
        for (key, code) in [("wrong", 403), (&*workshop.key, 303)] {
            let body = format!("key={key}&from=%2Fpresenter%2Fquiz");
            client.send(format!(
                "POST /presenter/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
                body.len()
            ));
            let (head, page) = client.response();
            assert_eq!(head.code(), code, "{key}");
            // It leads to the page that asked for it, also when it is typed again.
            let from = r#"name="from" value="/presenter/quiz""#;
            assert_eq!(page.contains(from), code == 403, "{page}");
            let to = head.field("location");
            assert_eq!(to, (code == 303).then_some("/presenter/quiz"));
            let cookie = head.field("set-cookie").unwrap_or_default();
            let limits = "; Path=/presenter; HttpOnly; SameSite=Strict";
            assert_eq!(cookie.ends_with(limits), code == 303, "{cookie}");
            assert!(!cookie.contains(&workshop.key), "{cookie}");
        }
    }
    // On their own WebSocket, they may not command.
    let mut attendee = workshop.attendee(ADA);
    for command in [
        json!({"set": {"effect": "stall", "on": true}}),
        json!({"off": true}),
        json!({"feed": {"paused": true}}),
        json!({"restart": "sse"}),
        json!({"here": "/compare"}),
        json!({"here_again": {"page": "/compare", "brought": 1}}),
        json!({"release": "/compare"}),
        json!({"slide": "sse/3"}),
        json!({"allow": false}),
        json!({"reset": true}),
    ] {
        attendee.command(&command);
        let error = attendee.until("error", |_| true);
        assert_eq!(error, "this is for the presenter", "{command}");
    }
    let mut other = workshop.attendee(BOB);
    let room = other.until("room", |_| true);
    assert_eq!(room["effects"], json!([]));
    assert_eq!((&room["paused"], &room["here"]), (&json!(false), &Value::Null));
}

#[test]
fn a_page_of_another_origin_is_no_page_of_the_workshop() {
    let workshop = open(&[]);
    let foreign = "Origin: http://evil.example\r\n";
    for (target, fields) in [
        ("/live", foreign.to_owned()),
        ("/presenter/live", format!("{foreign}{}", workshop.cookie())),
    ] {
        let mut client = workshop.process.connect();
        client.send(handshake(target, &fields));
        assert_eq!(client.head().code(), 403, "{target}");
    }
}

#[test]
fn a_message_that_is_wrong_is_told_so_and_changes_nothing() {
    let workshop = open(&[]);
    let mut presenter = workshop.presenter();
    for (message, expected) in [
        (json!({"set": {"effect": "boil", "on": true}}), "unknown variant"),
        (json!({"set": {"effect": "delay", "ms": -1, "on": true}}), "u64"),
        (json!({"set": {"effect": "delay", "ms": 90000, "on": true}}), "8000"),
        (
            json!({"set": {"technique": "pigeon", "effect": "stall", "on": true}}),
            "websocket",
        ),
        (
            json!({"set": {"client": "Bob", "effect": "stall", "on": true}}),
            "not understood",
        ),
        (json!({"feed": {"every": 1}}), "10 to 60000"),
        (json!({"feed": {"publish": 1_000_000}}), "10000"),
        (json!({"here": "//evil.example/"}), "for everyone"),
        (json!({"here": "/presenter"}), "for everyone"),
        (
            json!({"here_again": {"page": "//evil.example/", "brought": 1}}),
            "for everyone",
        ),
        (json!({"slide": "sse"}), "no slide"),
        (json!({"slide": "<b>/1"}), "no slide"),
        (json!({"restart": "pigeon"}), "websocket"),
        (json!({"dance": true}), "not understood"),
        (json!({"watch": {"accounts": true}}), "not understood"),
        (json!([]), "not understood"),
    ] {
        presenter.command(&message);
        let error = presenter.refusal();
        assert!(error.as_str().unwrap().contains(expected), "{message}: {error}");
    }
    for (message, expected) in [
        (json!({"watch": {"wire": "pigeon"}}), "websocket"),
        (json!({"dance": true}), "not understood"),
        (json!([]), "not understood"),
        // The presenter's have a number each: bare, they are no messages.
        (json!({"set": {"effect": "stall", "on": true}}), "not understood"),
        (json!({"off": true}), "not understood"),
    ] {
        presenter.send(&message);
        let error = presenter.until("error", |_| true);
        assert!(error.as_str().unwrap().contains(expected), "{message}: {error}");
    }
    let room = workshop.attendee(ADA).until("room", |_| true);
    assert_eq!(room["effects"], json!([]));
    assert_eq!((&room["every"], &room["here"]), (&json!(2000), &Value::Null));
}
