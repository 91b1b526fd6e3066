//! How much more than others the five may cost.

use crate::{
    client::Protocol,
    peers::turn::{Turn, cpu, cpu_per_answer, median, p99},
    report::judge,
    subject::OURS,
};

/// Says of each target of a technique what became of it. Returns whether all were met.
pub(super) fn targets(protocol: Protocol, turns: &[&Turn], clients: usize) -> bool {
    let crowded = clients >= 5000;
    let times = |peer: &str, read| {
        median(turns.iter().filter_map(|turn| turn.ratio(OURS, peer, read)))
    };
    let memory = median(
        turns.iter().filter_map(|turn| Some(turn.of(OURS)?.memory_after / 1000.0)),
    );
    let best = turns.iter().filter_map(|turn| {
        let peers = ["axum", "node"].into_iter();
        peers.filter_map(|peer| turn.ratio(OURS, peer, p99)).reduce(f64::max)
    });
    let mut all = true;
    let mut target = |what: &str, value: Option<f64>, limit: f64| {
        all &= judge(what, value, limit);
    };
    let most = match protocol {
        Protocol::HttpStream | Protocol::Sse if crowded => Some((2.0, 20.0)),
        Protocol::HttpStream | Protocol::Sse => Some((1.8, 20.0)),
        Protocol::Websocket => Some((2.4, 24.0)),
        _ => None,
    };
    if let Some((most, kilobytes)) = most {
        target("CPU a sample, times the floor's", times("floor", cpu), most);
        target("memory a client, KB", memory, kilobytes);
        target("CPU a sample, times axum's", times("axum", cpu), 1.0);
        target("CPU a sample, times Node's", times("node", cpu), 1.0);
    }
    if protocol == Protocol::ShortPoll {
        target("CPU an answer, times axum's", times("axum", cpu_per_answer), 1.0);
    } else if !crowded {
        target("latency p99, times the best peer's", median(best), 1.0);
    }
    all
}
