//! A cut: both sides get a TCP reset at once (RFC 9293 §3.10.5). Connections that
//! are opened after the cut work.
//!
//! ```text
//!  open before  ─a─b─c─✗
//!  opened after        ┌─d─e─f──
//! ```

use tokio::time::Instant;

use super::decision::Lifetime;
use crate::CloseCause;

pub(super) fn end(
    lifetime: &Lifetime,
    since: Instant,
) -> Option<(Instant, CloseCause)> {
    (lifetime.opened <= since).then_some((since, CloseCause::Cut))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_was_open_is_cut() {
        let now = Instant::now();
        let lifetime = Lifetime::new(now);
        assert_eq!(end(&lifetime, now), Some((now, CloseCause::Cut)));
        let later = now + Duration::from_millis(1);
        assert_eq!(end(&Lifetime::new(later), now), None);
    }
}
