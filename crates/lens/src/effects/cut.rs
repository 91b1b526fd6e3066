//! A cut, now: both sides get a TCP reset (RFC 9293 §3.10.7). A client that
//! connects after it is served.
//!
//! ```text
//!  open before  ─a─b─c─✗
//!  opened after        ┌─d─e─f──
//! ```

use tokio::time::Instant;

use super::Life;
use crate::CloseCause;

pub(super) fn end(life: &Life, since: Instant) -> Option<(Instant, CloseCause)> {
    (life.opened <= since).then_some((since, CloseCause::Cut))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_was_open_is_cut() {
        let now = Instant::now();
        let life = Life { opened: now, active: now };
        assert_eq!(end(&life, now), Some((now, CloseCause::Cut)));
        let later = now + Duration::from_millis(1);
        assert_eq!(end(&Life { opened: later, active: later }, now), None);
    }
}
