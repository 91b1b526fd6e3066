//! A turn of all servers, and the ratios in it.

use std::collections::BTreeMap;

use serde::Serialize;
use stage::print_line;

use crate::{client::Protocol, error::Error, record::Record};

/// One technique on all servers, one right after the other.
pub(super) struct Turn {
    pub(super) protocol: Protocol,
    pub(super) records: Vec<Record>,
}

impl Turn {
    pub(super) fn of(&self, server: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.server == server)
    }

    /// How many times another's a cost of a server is.
    pub(super) fn ratio(&self, server: &str, to: &str, read: Read) -> Option<f64> {
        Some(read(self.of(server)?) / read(self.of(to)?))
    }
}

/// One of the costs in a record.
pub(super) type Read = fn(&Record) -> f64;

/// A record with what makes its times comparable: how many times the floor's each is.
#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    record: &'a Record,
    times_floor: BTreeMap<&'static str, f64>,
}

/// The times in a record.
const TIMES: [(&str, Read); 8] = [
    ("cpu_per_sample", cpu),
    ("cpu_per_answer", cpu_per_answer),
    ("latency_p50", |record| millis(record.latency_p50)),
    ("latency_p90", |record| millis(record.latency_p90)),
    ("latency_p99", p99),
    ("latency_max", |record| millis(record.latency_max)),
    ("connect_seconds", |record| record.connect_seconds),
    ("first_byte", |record| millis(record.first_byte)),
];

impl Turn {
    /// A JSON object a server; none without its ratio.
    pub(super) fn print(&self) -> Result<(), Error> {
        for record in &self.records {
            let ratio = |(name, read)| {
                Some((name, self.ratio(record.server, "floor", read)?))
            };
            if let Some(times_floor) = TIMES.into_iter().map(ratio).collect() {
                print_line(&serde_json::to_string(&Compared {
                    record,
                    times_floor,
                })?);
            }
        }
        Ok(())
    }
}

pub(super) fn cpu(record: &Record) -> f64 {
    record.cpu_per_sample
}

pub(super) fn p99(record: &Record) -> f64 {
    millis(record.latency_p99)
}

pub(super) fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// What a response costs; for bare sockets, what a sample does.
pub(super) fn cpu_per_answer(record: &Record) -> f64 {
    record.cpu_per_answer.unwrap_or(record.cpu_per_sample)
}
