use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::watch,
    task::JoinSet,
    time::sleep,
};
use tracing::{debug, warn};

use crate::{
    CloseCause, Connection, ConnectionLimit, Control, Markers, Watcher,
    connection::{Context, forward},
};

/// How long connections may take to end when the lens does. The servers behind it
/// have told their clients by then.
const FAREWELL: Duration = Duration::from_millis(1500);

/// How long to wait when the system has no more files for new connections.
const PAUSE: Duration = Duration::from_millis(100);

/// A TCP proxy in front of one server.
pub struct Lens<W> {
    /// What its effects know it by.
    pub name: String,
    /// Where the server is, now.
    pub server: watch::Receiver<SocketAddr>,
    /// The effects.
    pub control: Control,
    /// How many connections there may be at a time. Connections over the limit are reset.
    pub limit: ConnectionLimit,
    /// What marks samples in what passes.
    pub markers: Markers,
    /// It is told what passes.
    pub watcher: W,
}

impl<W: Watcher> Lens<W> {
    /// Serves a listener until `shutdown` is ready, and then until its connections
    /// have ended, but not for long.
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
                // What has ended makes room.
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((client, address)) => {
                    connections.spawn(lens.clone().connect(client, address));
                }
                Err(error) => {
                    warn!(lens = lens.name, %error, "a client was not accepted");
                    sleep(PAUSE).await;
                }
            }
        }
        drop(listener);
        let all = async { while connections.join_next().await.is_some() {} };
        select! {
            () = all => {}
            () = sleep(FAREWELL) => {}
        }
    }

    async fn connect(self: Arc<Self>, mut client: TcpStream, address: SocketAddr) {
        let connection = Connection::new(address);
        let Some(_permit) = self.limit.try_acquire(connection.client.ip()) else {
            warn!(lens = self.name, %address, "over the limit: a connection is reset");
            // It fails when the client has left already.
            let _ = client.set_zero_linger();
            return;
        };
        self.watcher.opened(&connection);
        let cause = CloseCause::Shutdown;
        let mut watching = Watching { lens: &self, connection: &connection, cause };
        let server = *self.server.borrow();
        watching.cause = match TcpStream::connect(server).await {
            Ok(mut server) => {
                // What is written leaves at once. It fails only for a connection that
                // is gone, and then so does the next step.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let context = Context {
                    connection: &connection,
                    lens: &self.name,
                    control: &self.control,
                    markers: self.markers,
                    watcher: &self.watcher,
                };
                forward(&mut client, &mut server, context).await
            }
            Err(error) => {
                debug!(lens = self.name, %server, %error, "the server does not answer");
                let _ = client.set_zero_linger();
                CloseCause::Unreachable
            }
        };
    }
}

/// Sees to it that a connection that was opened is closed, also when its task is not
/// run to its end.
struct Watching<'a, W: Watcher> {
    lens: &'a Lens<W>,
    connection: &'a Connection,
    cause: CloseCause,
}

impl<W: Watcher> Drop for Watching<'_, W> {
    fn drop(&mut self) {
        self.lens.watcher.closed(self.connection, self.cause);
    }
}
