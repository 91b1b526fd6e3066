//! What one run with a broker came to, as its JSON has it.

use serde::Serialize;

use crate::client::Protocol;

/// What one run came to. Times are in microseconds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ClusterRecord {
    pub(crate) technique: Protocol,
    /// None: one server, with its samples in memory.
    pub(crate) servers_on_broker: Option<usize>,
    pub(crate) clients: usize,
    /// Samples that clients were given, together.
    pub(crate) delivered_per_second: f64,
    pub(crate) missed: u64,
    pub(crate) duplicated: u64,
    pub(crate) latency_p50: u64,
    pub(crate) latency_p99: u64,
    /// Of all servers together, for a sample that a client was given.
    pub(crate) cpu_per_sample: f64,
    /// Redis', for a sample that was published, whatever the number of clients.
    pub(crate) broker_cpu_per_published: f64,
    /// How much of a core Redis used, and the bench.
    pub(crate) broker_busy: f64,
    pub(crate) bench_busy: f64,
}

impl ClusterRecord {
    pub(crate) fn name(&self) -> String {
        match self.servers_on_broker {
            None => "memory".into(),
            Some(1) => "1 server".into(),
            Some(servers) => format!("{servers} servers"),
        }
    }
}
