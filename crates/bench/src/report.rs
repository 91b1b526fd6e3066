//! What a run came to, for people.

use stage::print_line;

use crate::{record::Record, spread::Spread};

/// A measure: its name, its unit, and how to read it from a record.
pub(crate) type Measure = (&'static str, fn(&Record) -> String);

/// All that is measured, in the order in which it is told.
pub(crate) const MEASURES: &[Measure] = &[
    ("samples delivered", |r| r.delivered.to_string()),
    ("  missed, duplicated", |r| format!("{}, {}", r.missed, r.duplicated)),
    ("latency p50, ms", |r| millis(r.latency_p50)),
    ("  p90", |r| millis(r.latency_p90)),
    ("  p99", |r| millis(r.latency_p99)),
    ("  max", |r| millis(r.latency_max)),
    ("server CPU, µs a sample", |r| format!("{:.2}", r.cpu_per_sample)),
    ("  µs an answer", |r| {
        r.cpu_per_answer.map_or("–".into(), |cpu| format!("{cpu:.2}"))
    }),
    ("memory a client, idle, KB", |r| kilobytes(r.memory_idle)),
    ("  after the run", |r| kilobytes(r.memory_after)),
    ("  in socket buffers", |r| kilobytes(r.kernel_after)),
    ("bytes a sample, down", |r| format!("{:.0}", r.down_per_sample)),
    ("  up", |r| format!("{:.0}", r.up_per_sample)),
    ("  payload", |r| percent(r.payload_share)),
    ("all connected after, s", |r| format!("{:.2}", r.connect_seconds)),
    ("start to first byte, ms", |r| millis(r.first_byte)),
    ("core used by the server", |r| percent(r.server_busy)),
    ("  by the bench", |r| percent(r.bench_busy)),
];

/// A column a record.
pub(crate) fn table(records: &[Record]) {
    let heads: Vec<String> =
        records.iter().map(|r| r.technique.to_string()).collect();
    let rows = MEASURES.iter().map(|(name, read)| {
        let cells = records.iter().map(read);
        (name.to_string(), cells.collect())
    });
    grid(&heads, rows.collect());
}

/// Prints rows below heads, numbers to the right.
pub(crate) fn grid(heads: &[String], rows: Vec<(String, Vec<String>)>) {
    let first = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|(_, cells)| cells.get(column));
            cells.map(width).max().unwrap_or(0).max(width(&heads[column]))
        })
        .collect();
    let line = |name: &str, cells: &[String]| {
        let mut text = format!("{name}{}", " ".repeat(first - width(name)));
        for (cell, most) in cells.iter().zip(&widths) {
            text += &format!("  {}{cell}", " ".repeat(most - width(cell)));
        }
        print_line(&text);
    };
    line("", heads);
    for (name, cells) in &rows {
        line(name, cells);
    }
}

/// Says what became of a target, which is for the median. A miss is within noise if in some
/// round the target was met. Returns whether it was met, within noise or not measured.
pub(crate) fn judge(what: &str, value: Option<Spread>, limit: f64) -> bool {
    let Some(value) = value else {
        print_line(&format!("  –             {what}: not measured"));
        return true;
    };
    let verdict = verdict(value, limit);
    print_line(&format!("  {verdict:<12}  {what}: {value}, at most {limit:.2}"));
    verdict != "MISSED"
}

fn verdict(value: Spread, limit: f64) -> &'static str {
    match value {
        Spread { median, .. } if median <= limit => "met",
        Spread { min, .. } if min <= limit => "within noise",
        _ => "MISSED",
    }
}

fn width(text: impl AsRef<str>) -> usize {
    text.as_ref().chars().count()
}

pub(crate) fn millis(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1000.0)
}

pub(crate) fn kilobytes(bytes: f64) -> String {
    format!("{:.1}", bytes / 1000.0)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_was_met_in_some_round_is_not_missed() {
        let of =
            |values: [f64; 3]| verdict(Spread::of(values.into_iter()).unwrap(), 1.0);
        assert_eq!(of([0.9, 1.0, 1.2]), "met");
        assert_eq!(of([1.0, 1.1, 1.2]), "within noise");
        assert_eq!(of([1.01, 1.1, 1.2]), "MISSED");
    }
}
