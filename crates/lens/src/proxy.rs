//! Accepts the connections of one lens, within the limit, and forwards each to its server.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::watch,
    task::JoinSet,
    time::sleep,
};
use tracing::warn;

use crate::{
    CloseCause, Connection, ConnectionLimit, Control, Markers, TrustedProxies,
    Watcher,
    connection::{Context, forward},
};

/// How long connections may go on after the shutdown of the lens: enough for the
/// servers behind it to send their last messages.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(1500);

/// How long to wait before the next try when no connection could be accepted, most often
/// because the process has no file left for it.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// A TCP proxy in front of one server.
pub struct Lens<W> {
    /// The name by which a [`Scope`](crate::Scope) of effects means it.
    pub name: String,
    /// Where the server is; new connections follow it.
    pub server: watch::Receiver<SocketAddr>,
    /// The effects on its connections.
    pub control: Control,
    /// How many connections there may be at a time. Connections over the limit are reset.
    pub limit: ConnectionLimit,
    /// What marks samples in what passes.
    pub markers: Markers,
    /// Proxies that stand before it, and name the client. They must not share a connection
    /// among clients: it is shown as the first one's.
    pub proxies: TrustedProxies,
    /// Told of all that passes.
    pub watcher: W,
}

impl<W: Watcher> Lens<W> {
    /// Accepts connections until `shutdown` is ready, and then waits until they have
    /// ended, for 1.5 s at most.
    pub async fn run(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) {
        let lens = Arc::new(self);
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = select! {
                () = &mut shutdown => break,
                // Those that have ended are forgotten.
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((client, address)) => {
                    connections.spawn(lens.clone().connect(client, address));
                }
                Err(error) => {
                    warn!(lens = lens.name, %error, "no connection could be accepted");
                    sleep(ACCEPT_RETRY_DELAY).await;
                }
            }
        }
        drop(listener);
        let all = async { while connections.join_next().await.is_some() {} };
        select! {
            () = all => {}
            () = sleep(SHUTDOWN_GRACE) => {}
        }
    }

    async fn connect(self: Arc<Self>, mut client: TcpStream, address: SocketAddr) {
        let address = self.proxies.client_of(&client, address).await;
        let connection = Connection::new(address);
        let Some(_permit) = self.limit.try_acquire(connection.client.ip()) else {
            if self.limit.should_log() {
                warn!(lens = self.name, %address, "over the limit: a connection is reset");
            }
            // It fails when the client has left already.
            let _ = client.set_zero_linger();
            return;
        };
        self.watcher.opened(&connection);
        let cause = CloseCause::Shutdown;
        let mut report =
            ReportCloseOnDrop { lens: &self, connection: &connection, cause };
        // It fails for a connection that is gone, and then so does the next step.
        let _ = client.set_nodelay(true);
        let context = Context {
            connection: &connection,
            lens: &self.name,
            control: &self.control,
            markers: self.markers,
            watcher: &self.watcher,
        };
        let server = *self.server.borrow();
        report.cause = forward(&mut client, server, context).await;
    }
}

/// Tells the watcher that a connection is closed, also when its task is dropped.
struct ReportCloseOnDrop<'a, W: Watcher> {
    lens: &'a Lens<W>,
    connection: &'a Connection,
    cause: CloseCause,
}

impl<W: Watcher> Drop for ReportCloseOnDrop<'_, W> {
    fn drop(&mut self) {
        self.lens.watcher.closed(self.connection, self.cause);
    }
}
