//! A table for each technique: what it cost on each server.

use stage::print_line;

use crate::{
    client::Protocol,
    peers::{
        targets::targets,
        turn::{Read, Turn, cpu, cpu_per_answer, millis, p99},
    },
    progress::progress_done,
    record::Record,
    report::{grid, kilobytes},
    spread::Spread,
    subject::OURS,
};

/// The servers, in the order of their columns.
const SERVERS: [&str; 6] = [OURS, "axum", "node", "go", "tokio", "floor"];

/// Prints a table for each technique, and what became of the targets. Returns whether all
/// were met.
pub(super) fn print(protocols: &[Protocol], turns: &[Turn]) -> bool {
    progress_done();
    print_line(
        "medians; in brackets, how many times the floor's of the same turn, and between \
         which two it was",
    );
    let mut met = true;
    for &protocol in protocols {
        let turns: Vec<&Turn> =
            turns.iter().filter(|turn| turn.protocol == protocol).collect();
        let Some(floor) = turns.iter().find_map(|turn| turn.of("floor")) else {
            print_line(&format!("\n{protocol}: nothing to compare with"));
            continue;
        };
        print_line(&format!("\n{protocol}, {} clients", floor.clients));
        let servers = SERVERS
            .into_iter()
            .filter(|server| turns.iter().any(|turn| turn.of(server).is_some()));
        let servers: Vec<&str> = servers.collect();
        let heads: Vec<String> = servers.iter().map(ToString::to_string).collect();
        grid(&heads, rows(protocol, &turns, &servers));
        met &= targets(protocol, &turns, floor.clients);
    }
    met
}

/// The name of each figure, and what it is on each server.
fn rows(
    protocol: Protocol,
    turns: &[&Turn],
    servers: &[&str],
) -> Vec<(String, Vec<String>)> {
    let row = |name: &str, text: &dyn Fn(&str) -> Option<String>| {
        let cells = servers
            .iter()
            .map(|server| text(server).unwrap_or_else(|| "–".into()))
            .collect();
        (name.to_owned(), cells)
    };
    let value = |server: &str, read: Read| {
        let values = turns.iter().filter_map(|turn| turn.of(server).map(read));
        Some(Spread::of(values)?.median)
    };
    let time = |name: &str, read: Read, digits: usize| {
        row(name, &|server| {
            let ratios =
                turns.iter().filter_map(|turn| turn.ratio(server, "floor", read));
            let (value, ratio) = (value(server, read)?, Spread::of(ratios)?);
            Some(format!("{value:.digits$} ({ratio})"))
        })
    };
    let plain = |name: &str, read: Read| {
        row(name, &|server| Some(format!("{:.0}", value(server, read)?)))
    };
    let size = |name: &str, read: Read| {
        row(name, &|server| value(server, read).map(kilobytes))
    };
    let sum = |name: &str, read: fn(&Record) -> u64| {
        row(name, &|server| {
            let each = turns.iter().filter_map(|turn| turn.of(server).map(read));
            Some(each.sum::<u64>().to_string())
        })
    };
    let mut rows = vec![time("CPU, µs a sample", cpu, 2)];
    if protocol.polls() {
        rows.push(time("  µs an answer", cpu_per_answer, 2));
    }
    rows.extend([
        time("latency p50, ms", |r| millis(r.latency_p50), 1),
        time("  p99", p99, 1),
        size("memory a client, KB, idle", |r| r.memory_idle),
        size("  after the run", |r| r.memory_after),
        plain("bytes a sample, down", |r| r.down_per_sample),
        sum("missed", |r| r.missed),
        sum("duplicated", |r| r.duplicated),
        plain("core used, %", |r| r.server_busy * 100.0),
    ]);
    rows
}
