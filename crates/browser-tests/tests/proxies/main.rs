//! `scripts/behind` with the real nginx, HAProxy and Caddy: what each does to the five as it
//! comes, and that nothing is lost behind one that is set right. `scripts/test` installs them.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod behind;
mod both_sides;
mod compression;
mod script;
mod streams;
mod timeouts;
mod tls;
mod workshop;

use std::time::Duration;

const PROXIES: [&str; 3] = ["nginx", "haproxy", "caddy"];

/// How long the script may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(2);
