//! What Linux knows of processes and sockets, and which cores it gives them. The files
//! below `/proc` are described in proc(5).

use std::{collections::HashSet, fs, io, path::Path, str::FromStr, time::Duration};

use rustix::{
    param::page_size,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use crate::error::Error;

/// The file at a path, and what `find` finds in it.
fn read<T>(
    path: impl AsRef<Path>,
    expected: &'static str,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    let path = path.as_ref();
    let text = fs::read_to_string(path)?;
    find(&text).ok_or_else(|| Error::Unknown {
        path: path.into(),
        expected,
        came: text,
    })
}

fn first<T: FromStr>(text: &str) -> Option<T> {
    text.split_whitespace().next()?.parse().ok()
}

/// How long a thread has run on a core, in nanoseconds.
fn run_time(thread: &Path) -> Result<u64, Error> {
    read(thread.join("schedstat"), "a number", first)
}

/// How long all threads of a process have run on a core: what `stat` has in `utime` and
/// `stime`, but in nanoseconds instead of hundredths of a second.
pub(crate) fn process_cpu_time(id: u32) -> Result<Duration, Error> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread may end in between.
        nanos += run_time(&thread?.path()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos))
}

/// How long this thread has run on a core.
///
/// # Errors
/// When the system does not tell.
pub fn thread_cpu_time() -> Result<Duration, Error> {
    run_time(Path::new("/proc/thread-self")).map(Duration::from_nanos)
}

/// How much memory of the machine a process has, in bytes.
pub(crate) fn memory(id: u32) -> Result<u64, Error> {
    let kibibytes: u64 = read(format!("/proc/{id}/status"), "VmRSS", |text| {
        first(text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?)
    })?;
    Ok(kibibytes * 1024)
}

/// How much the kernel holds in the buffers of all TCP sockets of the machine, in bytes.
///
/// # Errors
/// When the system does not tell.
pub fn socket_buffers() -> Result<u64, Error> {
    let pages: u64 = read("/proc/net/sockstat", "TCP: … mem PAGES", |text| {
        let line = text.lines().find(|line| line.starts_with("TCP:"))?;
        line.rsplit(' ').next()?.parse().ok()
    })?;
    Ok(pages * page_size() as u64)
}

/// How many bytes wait in a server's buffers for each of these clients (all given by
/// their ports on this machine) that it still has a connection with.
///
/// # Errors
/// When the system does not tell.
pub fn send_queues(server: u16, clients: &HashSet<u16>) -> Result<Vec<u64>, Error> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    let queue = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let mut port = || {
            let (_, port) = words.next()?.rsplit_once(':')?;
            u16::from_str_radix(port, 16).ok()
        };
        let ours = port()? == server && clients.contains(&port()?);
        let (state, queues) = (words.next()?, words.next()?);
        let (unsent, _) = queues.split_once(':')?;
        let unsent = u64::from_str_radix(unsent, 16).ok()?;
        let established = state == "01";
        (ours && established).then_some(unsent)
    };
    Ok(table.lines().filter_map(queue).collect())
}

/// Leaves the first core to the server, for this thread and those that it starts. Returns
/// whether there is another.
#[must_use]
pub fn leave_first_core() -> bool {
    let Ok(allowed) = sched_getaffinity(None) else { return false };
    let mut others = CpuSet::new();
    for core in (1..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)) {
        others.set(core);
    }
    allowed.is_set(0) && sched_setaffinity(None, &others).is_ok()
}

/// Runs something on the first core: what it starts stays there, this thread comes back.
pub(crate) fn on_first_core<T>(
    start: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let before = sched_getaffinity(None).map_err(io::Error::from)?;
    let mut first = CpuSet::new();
    first.set(0);
    // Where it is not allowed, any core is as good.
    let moved = sched_setaffinity(None, &first).is_ok();
    let started = start();
    if moved {
        sched_setaffinity(None, &before).map_err(io::Error::from)?;
    }
    started
}
