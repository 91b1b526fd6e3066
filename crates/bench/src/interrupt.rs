//! The end of a run before its time.

use std::io;

use tokio::{sync::watch, task::spawn_local};

/// Becomes true when a run is to end early.
pub type Stop = watch::Receiver<bool>;

/// Becomes true on the first Ctrl-C or SIGTERM.
///
/// # Errors
/// When the system does not tell of them.
pub fn interrupted() -> io::Result<Stop> {
    let (sender, stop) = watch::channel(false);
    let interrupted = stage::interrupted()?;
    spawn_local(async move {
        interrupted.await;
        sender.send_replace(true);
        // Without a sender, `changed` of all receivers would fail at once.
        sender.closed().await;
    });
    Ok(stop)
}
