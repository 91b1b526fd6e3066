//! Which device a request through a proxy belongs to, at the hub and at a lens.

use serde_json::Value;
use testkit::{Client, Live};

use crate::{ADA, BOB, open};

/// What a client made up, and the address that the proxy added.
const FORGED: &str = "X-Forwarded-For: 198.51.100.1, 192.0.2.7\r\n";

/// How many pages and event streams a device has open.
fn open_at(room: &Value, client: &str) -> (u64, u64) {
    let mut clients = room["clients"].as_array().unwrap().iter();
    let client = clients.find(|it| it["client"] == client);
    client.map_or((0, 0), |client| {
        let count = |value: &Value| value.as_u64().unwrap();
        (count(&client["pages"]), count(&client["open"]["sse"]))
    })
}

#[test]
fn a_trusted_proxy_names_the_device_to_hub_and_lens() {
    let workshop = open(&["--behind", "::1", "--behind", "127.0.0.11"]);
    let mut presenter = workshop.presenter();
    for (fields, client) in [
        (FORGED, "192.0.2.7"),
        (
            "x-forwarded-for: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.8\r\n",
            "192.0.2.8",
        ),
        ("X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7"),
        ("Forwarded: for=\"[2001:db8::8]:4711\";proto=https\r\n", "2001:db8::8"),
        ("X-Forwarded-For: 192.0.2.9, \u{fffd}\r\n", "127.0.0.11"),
    ] {
        let mut stream = Client::connect_from(ADA, workshop.techniques[3]);
        // A head may come in parts, cut anywhere.
        let head = format!(
            "GET /api/v1/live-data HTTP/1.1\r\n{fields}Host: localhost\r\n\r\n"
        );
        let (first, rest) = head.as_bytes().split_at(head.len() - 30);
        stream.send(first);
        stream.send(rest);
        assert_eq!(stream.head().code(), 200, "{fields}");
        let page = Client::connect_from(ADA, workshop.process.address);
        let _page = Live::open(page, "/live", fields);
        presenter.until("room", |room| open_at(room, client) == (1, 1));
    }
}

#[test]
fn nobody_but_a_trusted_proxy_is_believed() {
    for flags in [&[][..], &["--behind", "127.0.0.11"]] {
        let workshop = open(flags);
        let mut presenter = workshop.presenter();
        let mut stream = Client::connect_from(BOB, workshop.techniques[3]);
        stream.send(format!(
            "GET /api/v1/live-data HTTP/1.1\r\nHost: localhost\r\n{FORGED}\r\n"
        ));
        assert_eq!(stream.head().code(), 200);
        let page = Client::connect_from(BOB, workshop.process.address);
        let _page = Live::open(page, "/live", FORGED);
        let room =
            presenter.until("room", |room| open_at(room, "127.0.0.12") == (1, 1));
        assert_eq!(open_at(&room, "192.0.2.7"), (0, 0));
    }
}

#[test]
fn half_a_head_of_a_trusted_proxy_is_forwarded_all_the_same() {
    let workshop = open(&["--behind", "127.0.0.11"]);
    let mut client = Client::connect_from(ADA, workshop.techniques[3]);
    client.send("GET / HTTP/1.1\r\n");
    assert_eq!(client.head().code(), 408, "the server waited for the rest");
}

#[test]
fn the_gallery_tells_devices_apart_behind_its_lens() {
    let workshop = open(&[]);
    let post = |device, number: u32| {
        let content = format!(r#"{{"key":"{device}-{number}","text":"hello"}}"#);
        let mut client = Client::connect_from(device, workshop.gallery);
        client.send(format!(
            "POST /news/headlines HTTP/1.1\r\nHost: localhost\r\n{FORGED}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{content}",
            content.len()
        ));
        client.head().code()
    };
    // One that posts too fast has to wait, whatever it says it is, and no other one.
    assert_eq!((0..20).filter(|&number| post(ADA, number) == 201).count(), 5);
    assert_eq!(post(BOB, 1), 201);
}
