//! Waiting for what a page can't be asked to wait for: it is loaded anew, another window
//! opens, the browser shows something outside of it.

use std::time::Duration;

use testkit::WAIT_TIMEOUT;
use tokio::time::{Instant, interval};

/// Looks again and again, at this interval, until there is something. Returns it.
///
/// # Panics
/// When there is nothing within [`WAIT_TIMEOUT`].
pub async fn wait_for<T>(
    what: &str,
    every: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + WAIT_TIMEOUT;
    let mut looks = interval(every);
    loop {
        looks.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "waited {WAIT_TIMEOUT:?}, but not {what}"
        );
    }
}
