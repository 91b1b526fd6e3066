//! Free ports for programs that need several in a row.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
};

/// The first of so many ports in a row that are free, as those `above` them are. They are
/// none of those that are given to programs that ask for any, nor 10080, which browsers refuse.
pub fn free_ports(count: u16, above: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 10_100 + (std::process::id() % 100) as u16 * 100;
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    loop {
        let first = start + NEXT.fetch_add(count, Ordering::Relaxed);
        if (first..first + count).all(|port| free(port) && free(port + above)) {
            return first;
        }
    }
}
