//! Logs which client reads so slowly that its session has to wait.

use std::{future::Future, net::SocketAddr, pin::pin, time::Duration};

use tokio::time::{Instant, timeout};
use tracing::info;

/// How long sending takes until the log says so: longer than a lost packet takes.
const SLOW_DELAY: Duration = Duration::from_secs(1);

/// Sends; logs when that has to wait for the client, and for how long it had to.
pub(crate) async fn logged<T>(
    client: SocketAddr,
    sending: impl Future<Output = T>,
) -> T {
    let start = Instant::now();
    let mut sending = pin!(sending);
    if let Ok(sent) = timeout(SLOW_DELAY, &mut sending).await {
        return sent;
    }
    info!(%client, "a slow reader: its session waits, and no other does");
    let sent = sending.await;
    info!(%client, waited = ?start.elapsed(), "a slow reader: its session goes on");
    sent
}
