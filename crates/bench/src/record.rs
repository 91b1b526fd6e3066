//! What one run came to, as its JSON has it.

use serde::Serialize;

use crate::client::Protocol;

/// What one run came to. Times are in microseconds, sizes in bytes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    pub(crate) server: &'static str,
    pub(crate) technique: Protocol,
    pub(crate) clients: usize,
    /// How long it was measured, in seconds.
    pub(crate) seconds: f64,
    pub(crate) delivered: u64,
    pub(crate) missed: u64,
    pub(crate) duplicated: u64,
    /// How many responses came, of a technique that polls.
    pub(crate) answers: u64,
    pub(crate) latency_p50: u64,
    pub(crate) latency_p90: u64,
    pub(crate) latency_p99: u64,
    pub(crate) latency_max: u64,
    pub(crate) cpu_per_sample: f64,
    pub(crate) cpu_per_answer: Option<f64>,
    /// How much of its core the server used, and the bench of its own.
    pub(crate) server_busy: f64,
    pub(crate) bench_busy: f64,
    pub(crate) memory_idle: f64,
    pub(crate) memory_after: f64,
    /// What sockets hold in the kernel, of both sides, for a connection.
    pub(crate) kernel_after: f64,
    pub(crate) up_per_sample: f64,
    pub(crate) down_per_sample: f64,
    pub(crate) payload_share: f64,
    /// Until all had a response, in seconds.
    pub(crate) connect_seconds: f64,
    /// From the start of the process to the first byte of a response.
    pub(crate) first_byte: u64,
}

impl Record {
    /// Whether every sample came once. A datagram may be lost.
    pub(crate) fn is_whole(&self) -> bool {
        let may_miss = self.technique == Protocol::Datagrams;
        (self.missed == 0 || may_miss) && self.duplicated == 0
    }
}
