//! Servers as processes of this machine: how they are started and signalled, what the
//! system knows of them, and what happens to them when a cable is pulled. Tests, the
//! bench and chaos use it.
//!
//! What it measures comes from Linux's `/proc`; on other systems, that is an error.

#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;

mod error;
mod guard;
mod program;
mod server;
mod stopwatch;
mod unplug;

pub use crate::{
    error::Error,
    program::Program,
    server::{ServerProcess, Signal, shield_from_ctrl_c},
    stopwatch::Stopwatch,
    system::{leave_first_core, send_queues, socket_buffers, thread_cpu_time},
    unplug::{find_network_tools, unplug},
};
