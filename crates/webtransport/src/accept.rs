//! Accepts sessions: so many at a time, in time, and of our own pages alone.

use std::{future::Future, pin::pin};

use stage::Hosts;
use tokio::{select, task::JoinSet, time::timeout};
use tracing::debug;
use wtransport::{
    Endpoint,
    endpoint::{IncomingSession, SessionRequest, endpoint_side::Server},
};

use crate::{
    certificate::Renewal,
    error::End,
    limits::{HANDSHAKE_TIMEOUT, LAST_MESSAGE_GRACE, SESSIONS_LIMIT},
};

/// Accepts sessions, and has the certificate renewed, until the feed is closed; then
/// lets the sessions end.
pub(crate) async fn until<S>(
    closed: impl Future<Output = ()>,
    endpoint: Endpoint<Server>,
    mut renewal: Renewal,
    hosts: Hosts,
    serve: impl FnOnce(SessionRequest) -> S + Clone + Send + 'static,
) where
    S: Future<Output = Result<(), End>> + Send + 'static,
{
    let mut sessions = JoinSet::new();
    let mut closed = pin!(closed);
    loop {
        select! {
            incoming = endpoint.accept() => match sessions.len() {
                SESSIONS_LIMIT.. => incoming.refuse(),
                _ => drop(sessions.spawn(session(incoming, hosts.clone(), serve.clone()))),
            },
            Some(_) = sessions.join_next() => {}
            () = renewal.next(&endpoint) => {}
            () = &mut closed => break,
        }
    }
    let told = async { while sessions.join_next().await.is_some() {} };
    let _ = timeout(LAST_MESSAGE_GRACE, told).await; // Some read nothing.
}

/// Has a session served, from its handshake to its end.
async fn session<S>(
    incoming: IncomingSession,
    hosts: Hosts,
    serve: impl FnOnce(SessionRequest) -> S,
) where
    S: Future<Output = Result<(), End>>,
{
    let ended = async {
        let request = timeout(HANDSHAKE_TIMEOUT, incoming).await??;
        if !stage::is_own_page(&hosts, request.origin(), request.authority()) {
            request.forbidden().await;
            return Ok(());
        }
        serve(request).await
    };
    if let Err(end) = ended.await {
        debug!(%end, "a session ended");
    }
}
