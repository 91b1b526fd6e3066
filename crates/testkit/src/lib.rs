//! For tests: a technique's server on port 0, a client that speaks raw bytes, programs
//! as processes, the workshop with several devices, and a network that misbehaves.
//! Every wait is for a condition, lasts at most [`WAIT_TIMEOUT`], and fails with what was
//! seen instead.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "for tests"
)]

mod behind;
mod client;
#[cfg(target_os = "linux")]
mod crowd;
mod frames;
mod http;
mod lens;
mod live;
#[cfg(target_os = "linux")]
mod namespaces;
mod ports;
mod process;
mod proxy;
mod sample;
mod server;
#[cfg(target_os = "linux")]
mod vanish;
mod wait;
mod workshop;

pub use crate::{
    behind::{BEHIND, Behind},
    client::{Client, reset},
    frames::{handshake, header, masked},
    http::{Head, documented},
    lens::through_lens,
    live::Live,
    ports::free_ports,
    process::Process,
    proxy::Proxy,
    sample::{sample, samples},
    server::{Server, outlive_a_stuck_reader},
    wait::{WAIT_TIMEOUT, meanwhile, wait_until},
    workshop::Workshop,
};
#[cfg(target_os = "linux")]
pub use crate::{
    crowd::crowd,
    namespaces::{must_run, run_inside, start_inside},
    vanish::vanish,
};
pub use machine::Signal;
