//! What a broker costs, as a picture: a panel a cost, and in it a bar a run.

use crate::{
    cluster_record::ClusterRecord,
    plot::{colour, round_up},
};

/// A cost: its name, and how to read it from a record.
type Cost = (&'static str, fn(&ClusterRecord) -> f64);

const COSTS: [Cost; 4] = [
    ("latency p50, ms", |r| r.latency_p50 as f64 / 1000.0),
    ("latency p99, ms", |r| r.latency_p99 as f64 / 1000.0),
    ("servers' CPU a sample, µs", |r| r.cpu_per_sample),
    ("Redis' CPU a published sample, µs", |r| r.broker_cpu_per_published),
];

/// Where a panel is in the picture, and how large its bars may be.
const PANEL: (f64, f64) = (490.0, 230.0);
const INNER: (f64, f64) = (400.0, 120.0);

/// A panel a cost. The runs are from left to right, a bar a technique in each.
pub(crate) fn svg(records: &[ClusterRecord]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"18\" fill=\"#222\">\n\
         <title>What a broker costs, by the number of servers</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fdfcf8\"/>\n",
        2.0 * PANEL.0,
        2.0 * PANEL.1,
    );
    for (at, cost) in COSTS.iter().enumerate() {
        let (x, y) = ((at % 2) as f64 * PANEL.0 + 40.0, (at / 2) as f64 * PANEL.1);
        svg += &panel(*cost, records, x, y + 60.0);
    }
    svg + "</svg>\n"
}

fn panel(
    (name, read): Cost,
    records: &[ClusterRecord],
    left: f64,
    top: f64,
) -> String {
    let mut runs: Vec<String> = records.iter().map(ClusterRecord::name).collect();
    let mut seen = std::collections::HashSet::new();
    runs.retain(|run| seen.insert(run.clone()));
    let high = round_up(records.iter().map(read).fold(0.0, f64::max));
    let room = INNER.0 / runs.len().max(1) as f64;
    let bottom = top + INNER.1;
    let mut svg = format!(
        "<text x=\"{left}\" y=\"{}\" font-weight=\"600\">{name}</text>\n\
         <path d=\"M{left} {bottom}h{}\" stroke=\"#888\"/>\n",
        top - 30.0,
        INNER.0,
    );
    for (place, run) in runs.iter().enumerate() {
        let middle = left + room * (place as f64 + 0.5);
        svg += &text(middle, bottom + 24.0, run);
        let bars: Vec<_> = records.iter().filter(|r| r.name() == *run).collect();
        let width = 0.8 * room / bars.len().max(1) as f64;
        for (number, record) in bars.iter().enumerate() {
            let value = read(record);
            let height = INNER.1 * value / high;
            let x = left + room * (place as f64 + 0.1) + width * number as f64;
            svg += &format!(
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" \
                 height=\"{height:.1}\" fill=\"{}\"/>\n",
                bottom - height,
                width - 4.0,
                colour(record.technique),
            );
            let digits = if high < 10.0 { 1 } else { 0 };
            let label = format!("{value:.digits$}");
            svg += &text(x + width / 2.0 - 2.0, bottom - height - 6.0, &label);
        }
    }
    svg
}

fn text(x: f64, y: f64, text: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"#555\">\
         {text}</text>\n"
    )
}
