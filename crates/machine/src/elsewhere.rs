//! The functions of `linux.rs` for other systems: what needs `/proc` returns an error.

use std::{
    collections::HashSet,
    io::{self, ErrorKind},
    time::Duration,
};

use crate::error::Error;

fn unsupported<T>() -> Result<T, Error> {
    Err(io::Error::new(ErrorKind::Unsupported, "Linux's /proc is needed").into())
}

pub(crate) fn process_cpu_time(_: u32) -> Result<Duration, Error> {
    unsupported()
}

/// How long this thread has run: unknown.
///
/// # Errors
/// Always.
pub fn thread_cpu_time() -> Result<Duration, Error> {
    unsupported()
}

pub(crate) fn memory(_: u32) -> Result<u64, Error> {
    unsupported()
}

/// How much the kernel holds in socket buffers: unknown.
///
/// # Errors
/// Always.
pub fn socket_buffers() -> Result<u64, Error> {
    unsupported()
}

/// How many bytes wait for each of these clients: unknown.
///
/// # Errors
/// Always.
pub fn send_queues(_: u16, _: &HashSet<u16>) -> Result<Vec<u64>, Error> {
    unsupported()
}

/// No core is left to the server.
#[must_use]
pub fn leave_first_core() -> bool {
    false
}

pub(crate) fn on_first_core<T>(
    start: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    start()
}
