//! Peers whose network goes away.

use std::{thread, time::Duration};

use bench::client::Protocol;
use machine::{Program, find_network_tools, unplug};
use tokio::time::{Instant, sleep};

use crate::{
    error::Error,
    outcome::{Outcome, Scale, judge, not_tried},
};

/// How long a demo may keep a connection whose cable was pulled.
const UNPLUGGED_LIMIT: Duration = Duration::from_secs(10);

/// What curl sends for a WebSocket.
const HANDSHAKE: [&str; 5] = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
    "Sec-WebSocket-Protocol: chat",
];

/// Peers whose cable is pulled, in network namespaces; each demo in one of its own.
pub(crate) async fn half_open(scale: Scale) -> Result<Outcome, Error> {
    if scale.short {
        return not_tried("left to the tests of each technique");
    }
    if cfg!(not(target_os = "linux")) {
        return not_tried("only Linux has network namespaces");
    }
    if let Err(error) = find_network_tools() {
        return not_tried(error.to_string());
    }
    let start = Instant::now();
    let mut peers = Vec::new();
    for protocol in [
        Protocol::LongPoll,
        Protocol::HttpStream,
        Protocol::Sse,
        Protocol::Websocket,
    ] {
        let program = Program::beside_this(protocol.name())?;
        let fields: &[&str] =
            if protocol == Protocol::Websocket { &HANDSHAKE } else { &[] };
        let target = match protocol {
            Protocol::LongPoll => "/long-polling?after=NEWEST",
            _ => protocol.path(),
        };
        let unplugged = move || {
            let kept = unplug(&program.path().to_string_lossy(), target, fields)?;
            Ok::<_, machine::Error>(kept < UNPLUGGED_LIMIT)
        };
        peers.push((protocol, thread::spawn(unplugged)));
    }
    while peers.iter().any(|(_, thread)| !thread.is_finished()) {
        sleep(Duration::from_millis(50)).await;
    }
    let failed: Vec<_> = peers
        .into_iter()
        .map(|(protocol, thread)| (protocol, thread.join()))
        .filter(|(_, kept)| !matches!(kept, Ok(Ok(true))))
        .map(|(protocol, _)| protocol.name())
        .collect();
    let text = format!(
        "the cable pulled between each demo and its client: gone within 10 s ({:.0} s \
         in all)",
        start.elapsed().as_secs_f64()
    );
    let not = if failed.is_empty() { "" } else { "; but not " };
    judge(failed.is_empty(), format!("{text}{not}{}", failed.join(", ")))
}
