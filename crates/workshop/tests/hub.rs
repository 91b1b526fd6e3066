//! The workshop's own binary, spoken to in bytes by several devices.
#![cfg(target_os = "linux")] // all of 127.0.0.0/8 is loopback
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    net::Ipv4Addr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::{
    Client, Live, Process, Signal, WAIT_TIMEOUT, Workshop, meanwhile, sample,
};

const ADA: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
const BOB: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 12);
const NAMES: [&str; 5] =
    ["short-poll", "long-poll", "http-stream", "sse", "websocket"];
const ENDPOINTS: [&str; 5] =
    ["/short-polling", "/long-polling", "/stream", "/api/v1/live-data", "/chat"];
const CLOSE: u8 = 0x88;

fn open(flags: &[&str]) -> Workshop {
    let binary = env!("CARGO_BIN_EXE_workshop");
    Workshop::run(Command::new(binary).args(["--base-port", "0"]).args(flags))
}

/// A stream of a technique, as a device reads it, with its head taken.
fn stream(
    workshop: &Workshop,
    device: Ipv4Addr,
    technique: usize,
    target: &str,
) -> Client {
    let mut client = Client::connect_from(device, workshop.techniques[technique]);
    client.get(target);
    assert_eq!(client.head().code(), 200);
    client
}

/// Asks for `target`: the status, and the content.
fn get(mut client: Client, target: &str, fields: &str) -> (u16, String) {
    client.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    let (head, body) = client.response();
    (head.code(), body)
}

/// The numbers of the samples in a piece of an event stream.
fn numbers(events: &str) -> Vec<u64> {
    let data = events.lines().filter_map(|line| line.strip_prefix("data: {"));
    data.map(|data| sample(&format!("{{{data}")).0).collect()
}

/// The numbers of the next samples of an event stream: one, or those that came together.
fn next_events(client: &mut Client) -> Vec<u64> {
    let deadline = Instant::now() + WAIT_TIMEOUT;
    while Instant::now() < deadline {
        let chunk = client.chunk();
        assert!(!chunk.is_empty(), "the stream has ended");
        let numbers = numbers(&chunk);
        if !numbers.is_empty() {
            return numbers;
        }
    }
    panic!("no sample for {WAIT_TIMEOUT:?}");
}

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
        client.send(format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{fields}\r\n"
        ));
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
        (json!({"here": "//evil.example/"}), "no page"),
        (json!({"here": "/presenter"}), "no page"),
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
    // Of 17 samples after the first, the log keeps 5.
    client.get(&format!("/short-polling?after={first}"));
    assert!(
        client.response().0.field("feed-gap").unwrap().contains("\"missed\":12")
    );
    let mut clients = Vec::new();
    for (technique, endpoint) in ENDPOINTS.into_iter().enumerate().skip(1) {
        let mut client = Client::connect_from(ADA, workshop.techniques[technique]);
        let upgrade = match technique {
            4 => {
                "Connection: Upgrade\r\nUpgrade: websocket\r\n\
                  Sec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n"
            }
            _ => "",
        };
        client.send(format!(
            "GET {endpoint}?after={first} HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n"
        ));
        clients.push(client);
    }
    presenter
        .until("accounts", |all| NAMES.iter().all(|name| all[name]["missed"] == 12));
    presenter.command(&json!({"reset": true}));
    presenter
        .until("accounts", |all| NAMES.iter().all(|name| all[name]["missed"] == 0));
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

/// Takes a sample that is newer than all that there are now.
fn goes_on(stream: &mut Client, presenter: &mut Live) {
    let newest = presenter.room()["newest"].as_u64().unwrap();
    while next_events(stream).last() <= Some(&newest) {}
}

#[test]
fn an_attendee_breaks_what_is_their_own_and_the_presenter_everything() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let mut ada = workshop.attendee(ADA);
    let mut hers = stream(&workshop, ADA, 3, "/api/v1/live-data");
    let mut his = stream(&workshop, BOB, 3, "/api/v1/live-data");
    ada.send(&json!({"try": {"technique": "sse", "effect": "cut"}}));
    let line = ada.until("connection", |line| !line["closed"].is_null());
    assert_eq!(line["how"], "cut");
    hers.end();
    goes_on(&mut his, &mut presenter);
    // Once at a time: each of these costs all connections a look.
    let stall = json!({"try": {"technique": "sse", "effect": "stall"}});
    ada.send(&stall);
    ada.send(&stall);
    ada.until("not_tried", |not| {
        not["why"].as_str().unwrap().contains("too fast")
            && (&not["technique"], &not["effect"])
                == (&json!("sse"), &json!("stall"))
    });
    let mut ada = workshop.attendee(ADA);
    ada.send(&stall);
    let room = ada.until("room", |room| room["effects"] != json!([]));
    let effect = &room["effects"][0];
    assert_eq!((&effect["effect"], &effect["you"]), (&json!("stall"), &json!(true)));
    assert!((1..=30).contains(&effect["left"].as_u64().unwrap()), "{effect}");
    // Bob is not told of it, and the presenter is.
    let mut bob = workshop.attendee(BOB);
    assert_eq!(bob.until("room", |_| true)["effects"], json!([]));
    let room = presenter.until("room", |room| room["effects"] != json!([]));
    assert_eq!(room["effects"][0]["client"], ADA.to_string());
    presenter.command(&json!({"allow": false}));
    ada.until("room", |room| {
        room["effects"] == json!([]) && room["allowed"] == false
    });
    // From another page: this one has just tried something.
    let mut ada = workshop.attendee(ADA);
    ada.send(&json!({"try": {"technique": "sse", "effect": "cut"}}));
    let not = ada.until("not_tried", |_| true);
    assert!(not["why"].as_str().unwrap().contains("presenter"), "{not}");
    goes_on(&mut his, &mut presenter);

    let everyone = json!({"set": {"effect": "refuse", "on": true}});
    presenter.command(&everyone);
    his.end();
    let room = bob.until("room", |room| room["effects"] != json!([]));
    assert_eq!(room["effects"][0]["you"], false);
    presenter.command(&json!({"off": true}));
    bob.until("room", |room| room["effects"] == json!([]));
    next_events(&mut stream(&workshop, BOB, 3, "/api/v1/live-data"));
}

#[test]
fn what_the_presenter_put_on_a_device_its_attendee_neither_replaces_nor_ends() {
    let workshop = open(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let mut ada = workshop.attendee(ADA);
    let set = |on: bool| {
        let scope = json!({"technique": "sse", "client": ADA.to_string()});
        let mut set = json!({"effect": "stall", "on": on});
        set.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
        json!({ "set": set })
    };
    let by = |room: &Value| {
        let effects = room["effects"].as_array().unwrap();
        let by = effects.iter().map(|effect| effect["by"].as_str().unwrap());
        by.map(str::to_owned).collect::<Vec<_>>()
    };
    presenter.command(&set(true));
    let room = ada.until("room", |room| by(room) == ["presenter"]);
    assert_eq!(room["effects"][0]["you"], true);
    ada.send(&json!({"try": {"technique": "sse", "effect": "stall"}}));
    let room = ada.until("room", |room| by(room) == ["presenter", "you"]);
    assert_eq!(room["effects"][0]["left"], Value::Null);
    presenter.until("room", |room| by(room) == ["presenter", "attendee"]);
    // From another page: this one has just tried something.
    let mut again = workshop.attendee(ADA);
    again.send(&json!({"try": {"technique": "sse", "effect": "off"}}));
    ada.until("room", |room| by(room) == ["presenter"]);
    // A presenter's takes the place of an attendee's.
    let mut third = workshop.attendee(ADA);
    third.send(&json!({"try": {"technique": "sse", "effect": "stall"}}));
    ada.until("room", |room| by(room) == ["presenter", "you"]);
    presenter.command(&set(true));
    ada.until("room", |room| by(room) == ["presenter"]);
    presenter.command(&set(false));
    ada.until("room", |room| room["effects"] == json!([]));
    presenter.command(&set(false));
    let error = presenter.refusal();
    assert_eq!(error, "stall is not on there any more: reload the page");
}

#[test]
fn a_command_is_answered_and_one_that_comes_too_late_is_not_done() {
    let workshop = open(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let now = presenter.until("room", |_| true)["now"].as_u64().unwrap();
    let command = |id: u64, until: u64, ask: Value| json!({"command": {"id": id, "until": until, "ask": ask}});
    let stall = json!({"set": {"effect": "stall", "on": true}});
    presenter.send(&command(1, now + 60_000, json!({"allow": false})));
    assert_eq!(presenter.until("done", |_| true), 1);
    // As when the hub stood still after it was sent.
    presenter.until("room", |room| room["now"].as_u64() > Some(now));
    presenter.send(&command(3, now, stall.clone()));
    let refused = presenter.until("refused", |refused| refused["id"] == 3);
    assert_eq!(refused["why"], "it came too late: press again");
    let wrong = json!({"release": "/compare"});
    presenter.send(&command(4, now + 60_000, wrong));
    let refused = presenter.until("refused", |refused| refused["id"] == 4);
    let why = "nobody is held at /compare any more: reload the page";
    assert_eq!(refused["why"], why);
    presenter.send(&command(
        5,
        now + 60_000,
        command(6, now + 60_000, stall.clone()),
    ));
    presenter.until("refused", |refused| refused["id"] == 5);
    let room = presenter.room();
    assert_eq!((&room["allowed"], &room["effects"]), (&json!(false), &json!([])));
    let mut ada = workshop.attendee(ADA);
    ada.send(&command(7, u64::MAX, stall));
    assert_eq!(ada.until("error", |_| true), "this is for the presenter");
}

#[test]
fn a_presenters_page_hears_from_the_hub_every_two_seconds_though_nothing_happens() {
    let workshop = open(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let mut now = || presenter.until("room", |_| true)["now"].as_u64().unwrap();
    // The page itself is the last change, and is told within 250 ms.
    let _ = (now(), now());
    let (before, after) = (now(), now());
    assert!((1000..4000).contains(&(after - before)), "{before}, then {after}");
}

#[test]
fn the_presenter_leads_the_feed_and_the_room() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let mut ada = workshop.attendee(ADA);
    presenter.command(&json!({"feed": {"paused": true}}));
    let room = presenter.until("room", |room| room["paused"] == true);
    let newest = room["newest"].as_u64().unwrap();
    presenter.command(&json!({"feed": {"publish": 100}}));
    // One may have been on its way.
    let hundred = newest + 100..=newest + 101;
    presenter
        .until("room", |room| hundred.contains(&room["newest"].as_u64().unwrap()));
    presenter.command(&json!({"feed": {"every": 500}}));
    presenter.until("room", |room| room["every"] == 500);
    presenter.command(&json!({"here": "/chapter/sse"}));
    ada.until("room", |room| room["here"] == "/chapter/sse");
    presenter.command(&json!({"slide": "sse/3"}));
    let room = ada.until("room", |room| room["slide"] == "sse/3");
    assert_eq!(room["here"], "/chapter/sse");
    presenter.command(&json!({"slide": null}));
    ada.until("room", |room| room["slide"].is_null());
    // A page that is behind lets nobody go from where they are now.
    presenter.command(&json!({"release": "/compare"}));
    let error = presenter.refusal();
    assert_eq!(error, "nobody is held at /compare any more: reload the page");
    assert_eq!(presenter.room()["here"], "/chapter/sse");
    presenter.command(&json!({"release": "/chapter/sse"}));
    let room = ada.until("room", |room| room["here"].is_null());
    // Two devices have a page open: the presenter's, and Ada's.
    assert_eq!(room["devices"], 2);
    assert!(room.get("clients").is_none(), "only the presenter is told of others");
    let _stream = stream(&workshop, BOB, 3, "/api/v1/live-data");
    let room = presenter.until("room", |room| room["open"]["sse"] == 1);
    let clients = room["clients"].as_array().unwrap();
    let bob = clients.iter().find(|it| it["client"] == BOB.to_string()).unwrap();
    assert_eq!((&bob["pages"], &bob["open"]["sse"]), (&json!(0), &json!(1)));
}

#[test]
fn the_presenters_way_in_stays_open_when_attendees_use_up_every_connection() {
    let binary = env!("CARGO_BIN_EXE_workshop");
    let workshop = Workshop::run(
        Command::new("sh")
            .args(["-c", "ulimit -n 256; exec \"$0\" \"$@\"", binary])
            .args(["--base-port", "0"]),
    );
    let mut presenter = workshop.presenter();
    let crowd: Vec<_> = (0..300)
        .map(|number| {
            let ports = [
                workshop.process.address,
                workshop.techniques[3],
                workshop.techniques[4],
            ];
            let mut client = Client::connect_from(ADA, ports[number % ports.len()]);
            client.ask("/api/v1/live-data");
            client
        })
        .collect();
    presenter.command(&json!({"feed": {"publish": 1}}));
    // How many of the streams get their files, and how many of the others, is their race.
    presenter.until("room", |room| room["open"]["sse"].as_u64().unwrap() > 0);
    let (code, page) =
        get(Client::connect(workshop.presenter), "/presenter", &workshop.cookie());
    assert_eq!(code, 200, "{page}");
    // When they have left, there is room again.
    drop(crowd);
    presenter.until("room", |room| room["open"]["sse"] == 0);
    assert_eq!(
        get(Client::connect_from(BOB, workshop.process.address), "/", "").0,
        200
    );
    stream(&workshop, BOB, 3, "/api/v1/live-data");
}

#[test]
fn one_device_leaves_half_of_the_hubs_connections_to_the_others() {
    let binary = env!("CARGO_BIN_EXE_workshop");
    let limited = "ulimit -n 256; exec \"$0\" \"$@\"";
    let log = std::env::temp_dir().join(format!("limit-{}", std::process::id()));
    let limited = format!("{limited} 2>'{}'", log.display());
    let workshop = Workshop::run(
        Command::new("sh").args(["-c", &limited, binary]).args(["--base-port", "0"]),
    );
    let begun = Instant::now();
    let hub = workshop.process.address;
    // Each asks for what does not end; what is too much is reset.
    let _hers: Vec<_> = (0..100)
        .map(|_| {
            let mut client = Client::connect_from(ADA, hub);
            client.ask("/quiz/results");
            client
        })
        .collect();
    assert_eq!(get(Client::connect_from(BOB, hub), "/", "").0, 200);
    let mut bob = workshop.attendee(BOB);
    bob.until("room", |_| true);
    // Also where the key was entered, when that is this machine: it may have a tunnel for
    // all of the room. The presenter has an address of their own.
    workshop.cookie();
    assert_eq!(Client::connect_from(ADA, hub).try_get("/"), None);
    let mut presenter = Client::connect_from(ADA, workshop.presenter);
    assert_eq!(presenter.try_get("/").unwrap().code(), 200);
    // It is in the log, with the reason, and not once for each.
    let lines = std::fs::read_to_string(&log).unwrap();
    let _ = std::fs::remove_file(&log);
    let resets: Vec<_> =
        lines.lines().filter(|line| line.contains("reset")).collect();
    assert!(
        !resets.is_empty() && resets.len() as u64 <= begun.elapsed().as_secs() + 1
    );
    for line in resets {
        assert!(line.contains("WARN") && line.contains("one device"), "{line}");
    }
}

#[test]
fn connections_over_the_limit_of_the_lenses_are_logged_once_a_second() {
    let binary = env!("CARGO_BIN_EXE_workshop");
    let log = std::env::temp_dir().join(format!("lens-{}", std::process::id()));
    let limited = format!("ulimit -n 256; exec \"$0\" \"$@\" 2>'{}'", log.display());
    let workshop = Workshop::run(
        Command::new("sh").args(["-c", &limited, binary]).args(["--base-port", "0"]),
    );
    let begun = Instant::now();
    let refused = (0..100).filter(|_| {
        let mut client = Client::connect_from(ADA, workshop.techniques[0]);
        client.try_get("/clock").is_none()
    });
    let _streams: Vec<_> = (0..60)
        .map(|_| {
            let mut client = Client::connect_from(ADA, workshop.techniques[3]);
            client.ask("/api/v1/live-data");
            client
        })
        .collect();
    assert!(refused.count() > 50);
    let lines = std::fs::read_to_string(&log).unwrap();
    let _ = std::fs::remove_file(&log);
    let resets =
        lines.lines().filter(|line| line.contains("over the limit")).count();
    assert!(resets > 0 && resets as u64 <= begun.elapsed().as_secs() + 1, "{lines}");
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

#[test]
fn it_ends_within_two_seconds_with_all_of_it_open() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let pages: Vec<_> = (0..20).map(|_| workshop.attendee(ADA)).collect();
    let streams: Vec<_> = (0..20)
        .flat_map(|_| {
            [
                stream(&workshop, ADA, 2, "/stream"),
                stream(&workshop, ADA, 3, "/api/v1/live-data"),
            ]
        })
        .collect();
    let said: Vec<_> = streams
        .into_iter()
        .map(|mut stream| meanwhile(move || stream.end()))
        .collect();
    // With effects on, too: nobody on the other side of a stall can be told.
    presenter.command(
        &json!({"set": {"technique": "long-poll", "effect": "stall", "on": true}}),
    );
    presenter.until("room", |room| room["effects"] != json!([]));
    let mut held = Client::connect_from(ADA, workshop.techniques[1]);
    held.get("/long-polling");
    let (status, time) = workshop.process.signal(Signal::Interrupt);
    assert!(status.success(), "{status}");
    assert!(time < Duration::from_secs(2), "{time:?}");
    for said in said {
        let said = said.recv_timeout(WAIT_TIMEOUT).unwrap();
        assert!(said.contains("bye"), "{said}");
    }
    for mut page in pages {
        loop {
            let (first, payload) = page.0.frame();
            if first == CLOSE {
                assert_eq!(payload[..2], 1001u16.to_be_bytes());
                break;
            }
        }
    }
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let workshop = open(&[]);
    // The third of the ports is one that the other has.
    let base = workshop.techniques[2].port() - 3;
    let binary = env!("CARGO_BIN_EXE_workshop");
    let (code, said) = Process::fail(binary, &["--base-port", &base.to_string()]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("is in use") && said.contains("--base-port"), "{said}");
    let (code, said) = Process::fail(binary, &["--base-port", "65535"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("0 to 65529"), "{said}");
}

/// For 12 s, or as many as `CROWD_SECONDS` says: each attendee has a page that watches
/// the wire, a stream and a poll.
#[test]
fn fifty_attendees_and_memory_is_flat() {
    let seconds = std::env::var("CROWD_SECONDS").map_or(12, |n| n.parse().unwrap());
    let workshop = open(&["--every", "100ms"]);
    let start = Instant::now();
    let duration = Duration::from_secs(seconds);
    let goes_on = || start.elapsed() < duration;
    let memory = |when| {
        while start.elapsed() < when {
            thread::park_timeout(Duration::from_millis(50));
        }
        workshop.process.memory()
    };
    let (before, after) = thread::scope(|scope| {
        for number in 0..50 {
            let device = Ipv4Addr::new(127, 0, 1, number);
            let workshop = &workshop;
            scope.spawn(move || {
                let mut page = workshop.attendee(device);
                page.send(&json!({"watch": {"accounts": true, "wire": "sse"}}));
                let mut shown = 0;
                while goes_on() {
                    shown += usize::from(page.receive().get("bytes").is_some());
                }
                assert!(shown as u64 > seconds * 4, "{shown} messages were shown");
            });
            scope.spawn(move || {
                let mut events = stream(workshop, device, 3, "/api/v1/live-data");
                let mut last = None;
                while goes_on() {
                    for number in next_events(&mut events) {
                        assert!(last.is_none_or(|last| number == last + 1));
                        last = Some(number);
                    }
                }
            });
            scope.spawn(move || {
                let mut client =
                    Client::connect_from(device, workshop.techniques[1]);
                let mut target = "/long-polling".to_owned();
                while goes_on() {
                    client.get(&target);
                    let (head, body) = client.response();
                    assert_eq!(head.code(), 200);
                    let id = body.rsplit("{\"id\":\"").next().unwrap();
                    let id = id.split('"').next().unwrap();
                    target = format!("/long-polling?after={id}");
                }
            });
        }
        (memory(duration / 2), memory(duration - Duration::from_secs(1)))
    });
    assert!(after <= before + 4096, "{before} KiB, then {after} KiB");
}
