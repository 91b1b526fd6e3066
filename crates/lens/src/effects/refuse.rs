//! The server is down: what is open ends, and each new connection is refused, both with a
//! TCP reset. (A port on which nobody listens answers with the same reset, one step
//! earlier: RFC 9293 §3.10.7.1.)
//!
//! ```text
//!  open before  ─a─b─c─✗
//!  opened after        ✗  ✗    ✗        ┌─d─e─f──
//!                      └── refuse ──┘ off
//! ```

use tokio::time::Instant;

use crate::CloseCause;

pub(super) fn end(since: Instant) -> (Instant, CloseCause) {
    (since, CloseCause::Refuse)
}
