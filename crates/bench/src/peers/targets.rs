//! How much more than others the five may cost.

use crate::{
    client::Protocol,
    peers::turn::{Read, Turn, cpu, cpu_per_answer, p99},
    report::judge,
    spread::Spread,
    subject::OURS,
};

/// Says of each target of a technique what became of it. Returns whether none was missed.
pub(super) fn targets(protocol: Protocol, turns: &[&Turn], clients: usize) -> bool {
    let crowded = clients >= 5000;
    let mut all = true;
    let mut times = |what: &str, peer: &str, read: Read, limit: f64| {
        let ratios = turns.iter().filter_map(|turn| turn.ratio(OURS, peer, read));
        all &= judge(&format!("{what}, times {peer}'s"), Spread::of(ratios), limit);
    };
    // Node has one loop that writes to all WebSockets.
    let (peer, limit) = match protocol {
        Protocol::Websocket if crowded => ("node", 1.15),
        Protocol::Websocket => ("node", 1.0),
        _ => ("axum", 1.0),
    };
    match protocol {
        Protocol::ShortPoll => times("CPU an answer", peer, cpu_per_answer, limit),
        _ => times("CPU a sample", peer, cpu, limit),
    }
    times("latency p99", peer, p99, limit);
    if matches!(protocol, Protocol::HttpStream | Protocol::Sse) {
        times("CPU a sample", "floor", cpu, 1.5);
    }
    let memory = turns.iter().filter_map(|turn| turn.of(OURS));
    let memory = Spread::of(memory.map(|record| record.memory_after / 1000.0));
    let kilobytes = match protocol {
        Protocol::HttpStream | Protocol::Sse => 12.0,
        Protocol::Websocket => 17.0,
        _ => 20.0,
    };
    judge("memory a client, KB", memory, kilobytes) && all
}
