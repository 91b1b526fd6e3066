//! Waiting for a condition, with an end.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long a test waits for what must come: a busy machine with few cores has taken more than
/// 20 s for a page.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(60);

/// Waits until `condition` holds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + WAIT_TIMEOUT;
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "waited {WAIT_TIMEOUT:?}, but not {what}"
        );
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// What `read` returns, in a thread of its own, so that a test can do something
/// else until then.
pub fn meanwhile<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(read()));
    receiver
}
