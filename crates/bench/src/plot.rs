//! How each cost grows with the number of clients: as a table, and as a picture.

use stage::print_line;

use crate::{
    client::Protocol,
    record::Record,
    report::{grid, judge},
    spread::Spread,
};

/// A cost that a sweep shows.
struct Cost {
    name: &'static str,
    read: fn(&Record) -> f64,
    digits: usize,
}

const COSTS: [Cost; 4] = [
    Cost { name: "server CPU a sample, µs", read: |r| r.cpu_per_sample, digits: 2 },
    Cost {
        name: "memory a client, KB",
        read: |r| r.memory_after / 1000.0,
        digits: 1,
    },
    Cost {
        name: "latency p99, ms",
        read: |r| r.latency_p99 as f64 / 1000.0,
        digits: 1,
    },
    Cost { name: "all connected after, s", read: |r| r.connect_seconds, digits: 2 },
];

/// Prints a table for each cost: a line for each number of clients, a column for each
/// technique. Returns whether what a sample costs stays the same, as far as the numbers of
/// clients tell.
pub(crate) fn print(protocols: &[Protocol], records: &[Record]) -> bool {
    let heads: Vec<String> = protocols.iter().map(ToString::to_string).collect();
    let table = |name: &str, cell: &dyn Fn(&Record) -> String| {
        print_line(&format!("\n{name}"));
        let rows = sizes(records).into_iter().map(|clients| {
            let cells = protocols.iter().map(|&protocol| {
                let mut own = records.iter().filter(|r| r.technique == protocol);
                own.find(|r| r.clients == clients).map_or("–".into(), cell)
            });
            (format!("{clients} clients"), cells.collect())
        });
        grid(&heads, rows.collect());
    };
    for Cost { name, read, digits } in &COSTS {
        table(name, &|record| format!("{:.digits$}", read(record)));
    }
    // A server whose core is full tells nothing of itself alone; nor does a full bench.
    table("core used by the server (by the bench), %", &|record| {
        let [server, bench] =
            [record.server_busy, record.bench_busy].map(|busy| busy * 100.0);
        format!("{server:.0} ({bench:.0})")
    });
    print_line("");
    let mut met = true;
    for &protocol in protocols.iter().filter(|protocol| !protocol.polls()) {
        let cost = |clients: usize| {
            let mut own = records.iter().filter(|r| r.technique == protocol);
            own.find(|r| r.clients == clients).map(|r| r.cpu_per_sample)
        };
        let times = cost(10_000).zip(cost(1000)).map(|(many, few)| many / few);
        let what = format!("{protocol}: CPU a sample at 10000, times that at 1000");
        met &= judge(&what, Spread::of(times.into_iter()), 0.9);
    }
    met
}

/// Where a panel is in the picture, and how large.
const PANEL: (f64, f64) = (490.0, 240.0);
const INNER: (f64, f64) = (380.0, 140.0);

/// A panel a cost. Clients grow to the right, ten times as many for each step of the
/// same width; costs grow upwards from 0.
pub(crate) fn svg(protocols: &[Protocol], records: &[Record]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"18\" fill=\"#222\">\n\
         <title>What a client costs, by the number of clients</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fdfcf8\"/>\n",
        2.0 * PANEL.0,
        2.0 * PANEL.1 + 40.0,
    );
    for (at, cost) in COSTS.iter().enumerate() {
        let (x, y) = ((at % 2) as f64 * PANEL.0 + 76.0, (at / 2) as f64 * PANEL.1);
        svg += &panel(cost, protocols, records, x, y + 40.0);
    }
    for (at, protocol) in protocols.iter().enumerate() {
        let (x, y) = (76.0 + at as f64 * 180.0, 2.0 * PANEL.1 + 22.0);
        svg += &mark(*protocol, x, y - 6.0);
        svg += &format!("<text x=\"{}\" y=\"{y}\">{protocol}</text>\n", x + 12.0);
    }
    svg + "</svg>\n"
}

fn panel(
    cost: &Cost,
    protocols: &[Protocol],
    records: &[Record],
    left: f64,
    top: f64,
) -> String {
    let sizes = sizes(records);
    let (Some(&least), Some(&most)) = (sizes.first(), sizes.last()) else {
        return String::new();
    };
    let high = records.iter().map(cost.read).fold(0.0, f64::max);
    let high = round_up(high);
    let span = (most as f64 / least as f64).ln().max(f64::MIN_POSITIVE);
    let x = |clients: usize| {
        left + INNER.0 * (clients as f64 / least as f64).ln() / span
    };
    let y = |value: f64| top + INNER.1 * (1.0 - value / high);
    let bottom = top + INNER.1;
    let mut svg = format!(
        "<text x=\"{left}\" y=\"{}\" font-weight=\"600\">{}</text>\n",
        top - 16.0,
        cost.name
    );
    for step in 0..=4 {
        let value = high * f64::from(step) / 4.0;
        let (at, right) = (y(value), left + INNER.0);
        svg += &format!(
            "<path d=\"M{left} {at}H{right}\" stroke=\"#ddd\"/>\n\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#555\">{}</text>\n",
            left - 8.0,
            at + 6.0,
            format!("{value:.2}").trim_end_matches('0').trim_end_matches('.'),
        );
    }
    for &clients in &sizes {
        // 5k: there is little room between it and 10k.
        let number = match clients {
            1000.. if clients.is_multiple_of(1000) => format!("{}k", clients / 1000),
            _ => clients.to_string(),
        };
        let unit = if clients == least { " clients" } else { "" };
        svg += &format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">\
             {number}{unit}</text>\n",
            x(clients),
            bottom + 24.0,
        );
    }
    svg + &protocols
        .iter()
        .map(|&protocol| curve(protocol, cost, records, &x, &y))
        .collect::<String>()
}

/// What a technique cost, as a line with a mark at each number of clients.
fn curve(
    protocol: Protocol,
    cost: &Cost,
    records: &[Record],
    x: &impl Fn(usize) -> f64,
    y: &impl Fn(f64) -> f64,
) -> String {
    let runs = records.iter().filter(|r| r.technique == protocol);
    let points: Vec<_> = runs.map(|r| (x(r.clients), y((cost.read)(r)))).collect();
    let line: Vec<_> =
        points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let line = format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n",
        line.join(" "),
        colour(protocol),
    );
    points.into_iter().fold(line, |svg, (x, y)| svg + &mark(protocol, x, y))
}

/// The hues of the pages (`static/shared/look.css`), on light paper.
pub(crate) fn colour(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::ShortPoll => "#c48100",
        Protocol::LongPoll => "#1577b3",
        Protocol::HttpStream => "#008f68",
        Protocol::Sse | Protocol::Stock => "#b83c00",
        Protocol::Websocket => "#a3407a",
        Protocol::Bare => "#555",
        Protocol::Datagrams | Protocol::OneStream | Protocol::StreamEach => {
            "#5c5cc4"
        }
    }
}

/// A shape besides the colour, for readers who can't tell colours apart.
fn mark(protocol: Protocol, x: f64, y: f64) -> String {
    let path = match protocol {
        Protocol::ShortPoll => "m-4-4h8v8h-8z",
        Protocol::LongPoll | Protocol::StreamEach => "m0-5 5 9h-10z",
        Protocol::HttpStream | Protocol::OneStream => "m0-5 5 5-5 5-5-5z",
        Protocol::Sse | Protocol::Stock => "m0 5 5-9h-10z",
        Protocol::Websocket | Protocol::Bare | Protocol::Datagrams => {
            "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
        }
    };
    format!("<path d=\"M{x:.1} {y:.1}{path}\" fill=\"{}\"/>\n", colour(protocol))
}

/// The next of 1, 2, 4, 6, 8, 10 times a power of ten.
pub(crate) fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= value);
    step.unwrap_or(10.0) * power
}

/// The numbers of clients, each once.
fn sizes(records: &[Record]) -> Vec<usize> {
    let mut sizes: Vec<_> = records.iter().map(|record| record.clients).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, expected) in
            [(0.07, 0.08), (1.0, 1.0), (1.3, 2.0), (9.1, 10.0), (450.0, 600.0)]
        {
            assert!((round_up(value) - expected).abs() < 1e-9, "{value}");
        }
    }
}
