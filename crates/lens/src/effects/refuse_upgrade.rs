//! A network that lets no WebSocket through: a connection that asks to change its
//! protocol ends with a TCP reset, before the response can pass. One that has
//! changed it ends, too.
//!
//! ```text
//!  GET, POST     ─a─b─c──────────d─e──
//!  Upgrade       ──►✗
//!                └── refuse_upgrade ──
//! ```

use tokio::time::Instant;

use super::decision::Lifetime;
use crate::CloseCause;

pub(super) fn end(
    lifetime: &Lifetime,
    since: Instant,
) -> Option<(Instant, CloseCause)> {
    let asked = lifetime.upgrade_asked?;
    Some((asked.max(since), CloseCause::RefuseUpgrade))
}
