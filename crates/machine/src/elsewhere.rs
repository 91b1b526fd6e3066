//! What [`linux.rs`] measures, on systems that don't tell it this way.
//!
//! [`linux.rs`]: https://man7.org/linux/man-pages/man5/proc.5.html

use std::{
    collections::HashSet,
    io::{self, ErrorKind},
    time::Duration,
};

use crate::error::Error;

fn unsupported<T>() -> Result<T, Error> {
    Err(io::Error::new(ErrorKind::Unsupported, "Linux's /proc is needed").into())
}

pub(crate) fn cpu(_: u32) -> Result<Duration, Error> {
    unsupported()
}

/// How long this thread has run: unknown.
///
/// # Errors
/// Always.
pub fn own_cpu() -> Result<Duration, Error> {
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
