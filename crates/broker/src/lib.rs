//! One feed for several servers: its log is a stream in Redis (or Valkey), and each server
//! keeps a copy of it. A client's cursor is good at all of them.
//!
//! ```text
//!  server 1 ── publishes: has the lease        ┌─► server 1: its copy ─► clients
//!     │  XADD feed MAXLEN = 1000 937557-18 …   │
//!     └────────────────► Redis ── XREAD BLOCK ─┼─► server 2: its copy ─► clients
//!                                              └─► server 3 …
//! ```
//!
//! - **The same cursor everywhere.** Redis' ids are two numbers that only grow. The first
//!   is the run, read as a number in base 36, and the second the sample's number: `k3f9-17`
//!   is `937557-17`.
//! - **One publisher.** A key that expires, the lease, says which server publishes. It is
//!   renewed by its holder, and taken over by another when the holder is gone. It is no lock:
//!   a server may be paused while it believes that it has the lease. So it names the
//!   id of each sample itself, the one after the newest that it knows, and Redis refuses an
//!   id that is not above its newest: there are never two sequences.
//! - **What the broker forgot.** A server that comes back to the broker looks for its
//!   own newest sample there. If it is not as this server knows it, the log was lost or
//!   an old one is back: the next run begins, and all clients are told that the feed
//!   restarted.
//!
//! While the broker is away, servers go on with what they have, and nothing is published.

mod broker;
pub mod cluster;
mod outage;
mod publisher;
mod replica;
mod stream;

pub use crate::broker::{Broker, InvalidUrl};
