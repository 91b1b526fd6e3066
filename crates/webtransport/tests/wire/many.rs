//! Two hundred sessions at once.

use std::{
    env,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use testkit::{Process, sample};
use tokio::task::JoinSet;

use crate::client::{LANES, Session, certificate, endpoint};

const SESSIONS: usize = 200;

/// For 3 s, or as many as `CROWD_SECONDS` says. Each is given each sample once, and the
/// demo's memory does not grow.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_hundred_sessions_and_nothing_lost_or_doubled() {
    let seconds = env::var("CROWD_SECONDS").map_or(3, |n| n.parse().unwrap());
    let duration = Duration::from_secs(seconds);
    let demo =
        Process::run(env!("CARGO_BIN_EXE_webtransport"), &["--every", "100ms"]);
    let (port, hash) = certificate(demo.address);
    let endpoint = endpoint(hash);
    let mut sessions = JoinSet::new();
    // Known as soon as all are open, which takes some seconds in a debug build.
    let end = Arc::new(OnceLock::new());
    for lane in LANES.iter().cycle().take(SESSIONS) {
        let url = format!("https://127.0.0.1:{port}{lane}");
        let session = Session(endpoint.connect(url).await.unwrap());
        sessions.spawn(follow(session, lane, end.clone()));
    }
    end.set(Instant::now() + duration).unwrap();
    let before = demo.memory();
    let mut newest = Vec::new();
    while let Some(last) = sessions.join_next().await {
        newest.push(last.unwrap());
    }
    let (first, last) = (newest.iter().min().unwrap(), newest.iter().max().unwrap());
    assert!(last - first <= 20, "some are at {first}, others at {last}");
    let after = demo.memory();
    assert!(after <= before + 2048, "{before} KiB, then {after} KiB");
}

/// Reads until the time is over. Returns the number of the newest sample.
async fn follow(
    mut session: Session,
    lane: &str,
    end: Arc<OnceLock<Instant>>,
) -> u64 {
    let mut stream = session.stream().await;
    let first = sample(&stream.line().await).0;
    let mut seen = vec![first];
    while end.get().is_none_or(|end| Instant::now() < *end) {
        let line = match lane {
            "/datagrams" => session.datagram().await,
            "/stream" => stream.line().await,
            _ => session.stream().await.line().await,
        };
        seen.push(sample(&line).0);
    }
    seen.sort();
    let last = *seen.last().unwrap();
    // The last may still overtake each other. A busy machine loses datagrams, too.
    let expected: Vec<_> = (first..=last).collect();
    let missing = expected.len() - seen.len();
    let most = if lane == "/datagrams" { 2 + expected.len() / 4 } else { 2 };
    assert!(missing <= most, "{lane}: {missing} missing of {}", expected.len());
    seen.dedup();
    assert_eq!(seen.len() + missing, expected.len(), "{lane}: one came twice");
    last
}
