//! The bench's own program: what it measures is whole.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "for tests")]

use std::{net::Ipv4Addr, path::Path, process::Command, time::Duration};

use bench::client::{Connection, Event, Protocol};
use machine::{Program, ServerProcess};
use tokio::time::timeout;

const TECHNIQUES: [&str; 5] =
    ["short-poll", "long-poll", "http-stream", "sse", "websocket"];

/// What the bench prints, and whether it was content.
fn bench(flags: &[&str]) -> (String, bool) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_bench")).args(flags).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    (printed + &complaint, output.status.success())
}

#[test]
fn nothing_is_missed_or_duplicated_and_every_figure_is_there() {
    let flags =
        ["--clients", "20", "--for", "1s", "--every", "20ms", "--poll", "50ms"];
    let (printed, content) = bench(&[&flags[..], &["--json"]].concat());
    assert!(content, "{printed}");
    for (line, name) in printed.lines().zip(TECHNIQUES) {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["technique"], name);
        assert!(record["delivered"].as_u64().unwrap() > 20, "{line}");
        for figure in ["latency_max", "cpu_per_sample", "payload_share"] {
            assert!(record[figure].as_f64().unwrap() > 0.0, "{figure} of {line}");
        }
    }
    assert_eq!(printed.lines().count(), 5, "{printed}");
}

/// Needs the program `webtransport`, which `cargo test --workspace` builds.
#[test]
fn of_webtransport_each_session_is_measured() {
    let flags = ["--technique", "webtransport", "--clients", "20", "--json"];
    let (printed, content) =
        bench(&[&flags[..], &["--for", "500ms", "--every", "20ms"]].concat());
    assert!(content, "{printed}");
    let sessions = ["datagrams", "one-stream", "stream-each"];
    for (line, name) in printed.lines().zip(sessions) {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["technique"], name);
        assert!(record["delivered"].as_u64().unwrap() > 20, "{line}");
        for figure in ["latency_max", "cpu_per_sample", "up_per_sample"] {
            assert!(record[figure].as_f64().unwrap() > 0.0, "{figure} of {line}");
        }
    }
    assert_eq!(printed.lines().count(), 3, "{printed}");
}

/// Needs the program `gallery`, which `cargo test --workspace` builds. With 1000 clients:
/// `cargo run --release -p bench -- --technique stock`.
#[test]
fn each_change_of_a_stock_is_once_at_everybody() {
    let flags = ["--technique", "stock", "--clients", "20", "--for", "1s", "--json"];
    let (printed, content) = bench(&[&flags[..], &["--every", "20ms"]].concat());
    assert!(content, "{printed}");
    let record: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(record["technique"], "stock");
    assert!(record["delivered"].as_u64().unwrap() > 400, "{printed}");
    assert!(record["latency_p99"].as_f64().unwrap() > 0.0, "{printed}");
}

/// Needs the program `gallery`, which `cargo test --workspace` builds. With 1000 people:
/// `cargo run --release -p bench -- --technique whiteboard --every 1s`.
#[test]
fn each_stroke_of_the_whiteboard_is_once_at_everybody() {
    let flags = ["--technique", "whiteboard", "--clients", "20", "--for", "1s"];
    let (printed, content) = bench(&[&flags[..], &["--json"]].concat());
    assert!(content, "{printed}");
    let record: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let figure = |name: &str| record[name].as_u64().unwrap();
    assert!(figure("drawn") > 20, "{printed}");
    assert_eq!(figure("delivered"), figure("drawn") * 20, "{printed}");
    assert!(figure("latency_p99") > 0, "{printed}");
}

/// Needs the program `broker`, which `cargo test --workspace` builds.
#[test]
fn one_server_is_compared_with_several_on_a_broker() {
    let flags = ["--cluster", "--technique", "sse", "--clients", "20", "--json"];
    let (printed, content) =
        bench(&[&flags[..], &["--for", "500ms", "--every", "20ms"]].concat());
    assert!(content, "{printed}");
    for (line, servers) in printed.lines().zip([None, Some(1), Some(2), Some(4)]) {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["servers_on_broker"].as_u64(), servers, "{line}");
        assert!(record["delivered_per_second"].as_f64().unwrap() > 20.0, "{line}");
        let broker = record["broker_cpu_per_published"].as_f64().unwrap();
        assert_eq!(broker > 0.0, servers.is_some(), "{line}");
    }
    assert_eq!(printed.lines().count(), 4, "{printed}");
}

/// The other peers are built as they are told to; this one has a server, and so a wire, of
/// its own.
#[tokio::test]
async fn the_peer_on_go_sends_samples_by_all_five() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-peer");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/go");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program).arg(".").current_dir(folder);
    assert!(build.status().expect("scripts/test installs Go").success());
    let program = Program::new(program).with(["--every", "20ms"]);
    let server = ServerProcess::start(&mut program.command()).unwrap();
    for protocol in Protocol::ALL {
        let address = server.address;
        let mut client =
            Connection::open(protocol, address, Ipv4Addr::LOCALHOST).await.unwrap();
        client.ask(None).await.unwrap();
        let sample = async {
            let mut id = None;
            while id.is_none() {
                let more = client.read(|event| {
                    if let Event::Sample(sample) = event {
                        id = Some(sample.id);
                    }
                });
                assert!(more.await.unwrap(), "{protocol}: closed");
            }
        };
        timeout(Duration::from_secs(5), sample).await.expect("a sample");
    }
}
