//! What the hub tells of the connections and bytes of each device.

use serde_json::json;
use testkit::{Client, Live, handshake, masked, sample};

use crate::{ADA, BOB, ENDPOINTS, NAMES, next_events, numbers, open, stream};

#[test]
fn all_five_give_the_same_samples_and_a_restarted_server_goes_on() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let mut sse = stream(&workshop, ADA, 3, "/api/v1/live-data");
    let mut stream = stream(&workshop, ADA, 2, "/stream");
    let mut last = *next_events(&mut sse).last().unwrap();
    let line = stream.chunk();
    assert!(sample(line.lines().next().unwrap()).0.abs_diff(last) < 20);

    presenter.command(&json!({"restart": "sse"}));
    // All that was published is there, then the farewell.
    loop {
        let chunk = sse.chunk();
        if chunk.contains("event: bye") {
            assert!(chunk.contains("data: shutdown"), "{chunk}");
            break;
        }
        for number in numbers(&chunk) {
            assert_eq!(number, last + 1);
            last = number;
        }
    }
    // The others did not notice, and the new one goes on where the old one ended.
    assert_ne!(stream.chunk(), "");
    let run = line.split(['"', '-']).nth(3).unwrap().to_owned();
    let target = format!("/api/v1/live-data?after={run}-{last}");
    let mut again = loop {
        let mut client = Client::connect_from(ADA, workshop.techniques[3]);
        // Until it is there, the lens has nobody to connect to.
        if let Some(head) = client.try_get(&target) {
            assert_eq!(head.code(), 200);
            break client;
        }
    };
    assert_eq!(next_events(&mut again)[0], last + 1);
}

#[test]
fn the_accounts_are_what_a_client_counted_and_each_sees_its_own() {
    let workshop = open(&["--every", "1h", "--weather", "1h"]);
    let mut ada = workshop.attendee(ADA);
    let mut bob = workshop.attendee(BOB);
    ada.send(&json!({"watch": {"accounts": true}}));
    bob.send(&json!({"watch": {"accounts": true}}));
    // Polls: one sample, then nothing new.
    let mut client = Client::connect_from(ADA, workshop.techniques[0]);
    client.get("/short-polling");
    let (_, body) = client.response();
    let id = body.split('"').nth(3).unwrap().to_owned();
    for _ in 0..3 {
        client.get(&format!("/short-polling?after={id}"));
        assert_eq!(client.response().0.code(), 204);
    }
    let account = ada.until("accounts", |all| all["short-poll"]["responses"] == 4);
    let account = &account["short-poll"];
    assert_eq!(account["requests"], 4);
    assert_eq!(account["empty"], 3);
    assert_eq!((&account["opened"], &account["open"]), (&json!(1), &json!(1)));
    assert_eq!(account["samples"], 1);
    assert_eq!(account["up"], client.sent);
    assert_eq!(account["down"], client.received);
    assert_eq!(account["payload"], body.len());
    let sum: u64 = ["head", "framing", "payload", "control", "opaque"]
        .iter()
        .map(|class| account[class].as_u64().unwrap())
        .sum();
    assert_eq!(sum, client.sent + client.received);
    // What is not the technique's is not counted.
    client.get("/client.js");
    assert_eq!(client.response().0.code(), 200);
    // A stream: 20 samples, and what is around them.
    let mut stream = stream(&workshop, ADA, 3, "/api/v1/live-data");
    let mut presenter = workshop.presenter();
    presenter.command(&json!({"feed": {"publish": 19}}));
    let mut seen = Vec::new();
    while seen.len() < 20 {
        seen.extend(next_events(&mut stream));
    }
    assert!(seen.into_iter().eq(1..=20));
    let account = ada.until("accounts", |all| all["sse"]["samples"] == 20);
    assert_eq!(account["short-poll"]["requests"], 4);
    assert_eq!(account["sse"]["down"], stream.received);
    assert_eq!(account["sse"]["up"], stream.sent);
    // Bob had none of it: what he did himself is all that he is told of.
    let mut his = Client::connect_from(BOB, workshop.techniques[1]);
    his.get("/long-polling");
    assert_eq!(his.response().0.code(), 200);
    let others = bob.until("accounts", |all| all["long-poll"]["responses"] == 1);
    let opened = NAMES.map(|name| others[name]["opened"].as_u64().unwrap());
    assert_eq!(opened, [0, 1, 0, 0, 0]);
    // And nobody has, after a reset; what is open stays open.
    presenter.command(&json!({"reset": true}));
    let after = ada.until("accounts", |all| all["sse"]["samples"] == 0);
    assert_eq!(after["sse"]["open"], 1);
}

#[test]
fn the_accounts_say_what_each_technique_announced_as_missed() {
    let workshop = open(&["--every", "1h", "--weather", "1h", "--keep", "5"]);
    let mut presenter = workshop.presenter();
    presenter.send(&json!({"watch": {"accounts": true}}));
    let mut client = Client::connect_from(ADA, workshop.techniques[0]);
    client.get("/short-polling");
    let (_, body) = client.response();
    let first = body.split('"').nth(3).unwrap().to_owned();
    presenter.command(&json!({"feed": {"publish": 17}}));
    let none = presenter.until("accounts", |all| all["short-poll"]["samples"] == 1);
    assert!(NAMES.iter().all(|name| none[name]["missed"] == 0), "{none}");
    // A command is done before its samples are published.
    let number: u64 = first.split_once('-').unwrap().1.parse().unwrap();
    presenter.until("room", |room| room["newest"] == number + 17);
    // Of 17 samples after the first, the log keeps 5.
    client.get(&format!("/short-polling?after={first}"));
    assert!(
        client.response().0.field("feed-gap").unwrap().contains("\"missed\":12")
    );
    let mut clients = Vec::new();
    for (technique, endpoint) in ENDPOINTS.into_iter().enumerate().skip(1) {
        let mut client = Client::connect_from(ADA, workshop.techniques[technique]);
        let target = format!("{endpoint}?after={first}");
        match technique {
            4 => client.send(handshake(&target, "")),
            _ => client.get(&target),
        }
        clients.push(client);
    }
    presenter
        .until("accounts", |all| NAMES.iter().all(|name| all[name]["missed"] == 12));
    presenter.command(&json!({"reset": true}));
    presenter
        .until("accounts", |all| NAMES.iter().all(|name| all[name]["missed"] == 0));
}

#[test]
fn what_looks_like_a_sample_and_comes_from_a_client_is_none() {
    let workshop = open(&["--every", "1h"]);
    let mut ada = workshop.attendee(ADA);
    ada.send(&json!({"watch": {"accounts": true}}));
    // The echo brings it back, and the chat refuses it.
    let like = r#"{"id":"x","gap":{"missed":5,"x":0}}"#;
    for (target, frames) in [("/echo", 1), ("/chat", 2)] {
        let mut client = Client::connect_from(ADA, workshop.techniques[4]);
        client.send(handshake(target, ""));
        assert_eq!(client.head().code(), 101);
        client.send(masked(0x81, like));
        // The newest sample is a real one.
        for _ in 0..frames {
            client.frame();
        }
    }
    let account = ada.until("accounts", |all| {
        let account = &all["websocket"];
        account["opened"] == 2 && account["messages"].as_u64() >= Some(4)
    });
    let account = &account["websocket"];
    assert_eq!((&account["samples"], &account["missed"]), (&json!(1), &json!(0)));
}

/// The bytes of each connection that a page is told of, and the labels.
fn show(live: &mut Live, connection: u64, direction: &str, count: u64) -> Vec<u8> {
    let mut shown = Vec::new();
    while (shown.len() as u64) < count {
        let bytes = live.until("bytes", |bytes| bytes["direction"] == direction);
        assert_eq!(bytes["connection"], connection);
        for piece in bytes["pieces"].as_array().unwrap() {
            let hex = piece["hex"].as_str().unwrap();
            for at in (0..hex.len()).step_by(2) {
                shown.push(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            }
        }
    }
    shown
}

#[test]
fn a_page_sees_the_bytes_of_its_own_device_and_no_others() {
    let workshop = open(&["--every", "1h", "--weather", "1h"]);
    let mut ada = workshop.attendee(ADA);
    let mut bob = workshop.attendee(BOB);
    let mut stream = stream(&workshop, ADA, 3, "/api/v1/live-data");
    next_events(&mut stream);
    let line = ada.until("connection", |line| line["target"] == "/api/v1/live-data");
    let connection = line["id"].as_u64().unwrap();
    // What passed before is shown as well.
    ada.send(&json!({"watch": {"wire": "sse"}}));
    let shown = show(&mut ada, connection, "down", stream.received);
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.starts_with("HTTP/1.1 200 OK\r\n"), "{shown}");
    assert_eq!(shown.len() as u64, stream.received);
    // Then what passes now; to the presenter as well, and not to Bob.
    bob.send(&json!({"watch": {"wire": "sse", "connection": connection}}));
    let mut presenter = workshop.presenter();
    presenter.send(&json!({"watch": {"wire": "sse", "connection": connection}}));
    let before = stream.received;
    show(&mut presenter, connection, "down", before);
    presenter.command(&json!({"feed": {"publish": 1}}));
    next_events(&mut stream);
    let shown = show(&mut ada, connection, "down", stream.received - before);
    assert!(String::from_utf8(shown).unwrap().contains("id: "));
    show(&mut presenter, connection, "down", stream.received - before);
    bob.send(&json!({"nothing": "more"}));
    loop {
        let message = bob.receive();
        assert!(message.get("bytes").is_none(), "{message}");
        assert!(message.get("connection").is_none(), "{message}");
        if message.get("error").is_some() {
            break;
        }
    }
}

#[test]
fn a_page_that_falls_behind_is_told_again_of_what_changed_alone() {
    let workshop = open(&["--every", "1h", "--weather", "1h"]);
    let port = workshop.techniques[0];
    let _idle: Vec<_> = (0..50).map(|_| Client::connect_from(BOB, port)).collect();
    let mut stream = stream(&workshop, ADA, 3, "/api/v1/live-data");
    next_events(&mut stream);
    let mut other = workshop.attendee(BOB);
    let idle: Vec<_> =
        (0..50).map(|_| other.until("connection", |_| true)["id"].clone()).collect();
    let mut presenter = workshop.presenter();
    presenter.until("room", |room| room["open"]["sse"] == 1);
    presenter.command(&json!({"feed": {"publish": 500}}));
    while next_events(&mut stream).last() < Some(&500) {}
    // From here on it does not listen: bytes fill its connection, then more happens than
    // is kept for it.
    for _ in 0..20 {
        presenter.send(&json!({"watch": {"wire": "sse"}}));
    }
    for _ in 0..800 {
        drop(Client::connect_from(BOB, port));
    }
    let newest = idle.last().unwrap().as_u64().unwrap() + 800;
    testkit::wait_until("the hub knows of all", || {
        let mut page = workshop.attendee(BOB);
        let mut known = 0;
        while let Some(line) = page.receive().get("connection") {
            known = line["id"].as_u64().unwrap();
        }
        known >= newest
    });
    let mut again = 0;
    presenter.until("connection", |line| {
        again += usize::from(idle.contains(&line["id"]));
        line["id"].as_u64() >= Some(newest)
    });
    assert_eq!(again, 0);
}
