//! How many connections there may be, and what a full room leaves to the others.

use std::{
    net::Ipv4Addr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::{Client, Workshop};

use crate::{ADA, BOB, get, next_events, open, stream};

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
