//! The certificate, which nobody signs: drawn at the start, renewed before it ends, and
//! trusted by a page for its hash, which `GET /hash` tells.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{
    HttpResponse,
    web::{Data, ServiceConfig},
};
use serde::Serialize;
use stage::Routes;
use tokio::{
    sync::watch,
    time::{Instant, Interval, interval_at},
};
use tracing::error;
use wtransport::{
    Endpoint, Identity, ServerConfig, endpoint::endpoint_side::Server,
};

use crate::limits;

/// What `/hash` tells a page: the UDP port, and the certificate's SHA-256.
#[derive(Debug, Clone, Serialize)]
struct HashMessage {
    port: u16,
    hash: [u8; 32],
}

/// Renews the certificate of an endpoint now and then.
pub(crate) struct Renewal {
    interval: Interval,
    /// Written at each renewal; `/hash` reads it.
    renewed: watch::Sender<HashMessage>,
}

/// An endpoint with a certificate of its own, what renews that, and the route of
/// `GET /hash`.
pub(crate) fn endpoint(
    address: SocketAddr,
    period: Duration,
) -> io::Result<(Endpoint<Server>, Renewal, impl Routes)> {
    let (config, hash) = draw(address)?;
    let endpoint = Endpoint::server(config)?;
    let port = endpoint.local_addr()?.port();
    let (renewed, hash) = watch::channel(HashMessage { port, hash });
    let hash = Data::new(hash);
    let routes = move |app: &mut ServiceConfig| {
        app.app_data(hash.clone()).service(stage::get("/hash", tell));
    };
    let interval = interval_at(Instant::now() + period, period);
    Ok((endpoint, Renewal { interval, renewed }, routes))
}

/// A certificate for 14 days, and its hash.
fn draw(address: SocketAddr) -> io::Result<(ServerConfig, [u8; 32])> {
    let identity = Identity::self_signed(["localhost"]).map_err(io::Error::other)?;
    let certificate = identity.certificate_chain().as_slice().first();
    let hash = certificate.map(|c| *c.hash().as_ref()).unwrap_or_default();
    let config = ServerConfig::builder()
        .with_bind_address(address)
        .with_custom_transport(identity, limits::transport())
        .build();
    Ok((config, hash))
}

async fn tell(hash: Data<watch::Receiver<HashMessage>>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(&*hash.borrow())
}

impl Renewal {
    /// Waits until the certificate is due, and renews it. Connections that are open keep
    /// the one that they were opened with. Cancel safe.
    pub(crate) async fn next(&mut self, endpoint: &Endpoint<Server>) {
        self.interval.tick().await;
        let drawn = endpoint.local_addr().and_then(draw);
        match drawn.and_then(|(config, hash)| {
            Ok((endpoint.reload_config(config, false)?, hash))
        }) {
            Ok(((), hash)) => {
                self.renewed.send_modify(|message| message.hash = hash)
            }
            Err(error) => error!(%error, "the certificate stays the old one"),
        }
    }
}
