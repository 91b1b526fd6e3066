//! # WebTransport, as often shown
//!
//! A datagram for each sample, from the moment at which the session is accepted. What
//! UDP does not do is left out:
//!
//! - The browser is not ready yet when the first datagram comes, and drops it.
//! - What was lost is not noticed, and what is late replaces the newest.
//! - When the session ends, it has ended: no cursor, and no second attempt.
//! - Nobody looks at `Origin`. A page of any site opens a session.
//!
//! Run it: `cargo run -p webtransport --example webtransport-as-often-shown`, then open
//! <http://localhost:3108/>, end the server with Ctrl-C and start it again.

use std::{io, process::ExitCode};

use actix_web::{
    HttpResponse, Responder,
    web::{self, Data, Html, ServiceConfig},
};
use feed::Feed;
use serde::Serialize;
use stage::{Routes, Technique, UdpPlace, UdpService};
use wtransport::{
    Endpoint, Identity, ServerConfig,
    endpoint::{IncomingSession, endpoint_side::Server},
    error::ConnectionError,
};

#[derive(Debug, Clone, clap::Args)]
struct Timings {}

fn main() -> ExitCode {
    let shown = Technique {
        port: 3108,
        endpoints: &["/hash"],
        source: include_str!("as_often_shown.rs"),
        ..webtransport::TECHNIQUE
    };
    stage::main_with_udp(shown, |feed, _: Timings, place| {
        let ports = vec![place.address.port()];
        let (routes, run) = listen(feed, place)?;
        Ok((routes, UdpService { ports, run }))
    })
}

/// Where the sessions are, and the certificate's hash.
#[derive(Clone, Serialize)]
struct HashMessage {
    port: u16,
    hash: [u8; 32],
}

/// Returns the page and `GET /hash`, and what serves sessions.
pub(crate) fn listen(
    feed: Feed,
    place: UdpPlace,
) -> io::Result<(impl Routes, impl Future<Output = ()>)> {
    let identity = Identity::self_signed(["localhost"]).map_err(io::Error::other)?;
    let certificate = identity.certificate_chain().as_slice().first();
    let hash = certificate.map(|c| *c.hash().as_ref()).unwrap_or_default();
    let config = ServerConfig::builder()
        .with_bind_address(place.address)
        .with_identity(identity)
        .build();
    let endpoint = Endpoint::server(config)?;
    let port = endpoint.local_addr()?.port();
    let message = Data::new(HashMessage { port, hash });
    let routes = move |app: &mut ServiceConfig| {
        app.app_data(message.clone());
        app.route("/", web::get().to(page)).route("/hash", web::get().to(tell));
    };
    Ok((routes, accept(endpoint, feed)))
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

async fn tell(message: Data<HashMessage>) -> impl Responder {
    HttpResponse::Ok().json(&**message)
}

async fn accept(endpoint: Endpoint<Server>, feed: Feed) {
    loop {
        tokio::select! {
            incoming = endpoint.accept() => {
                tokio::spawn(talk(incoming, feed.clone()));
            }
            () = feed.closed() => return,
        }
    }
}

/// Accepts whoever comes, and sends samples.
async fn talk(incoming: IncomingSession, feed: Feed) -> Result<(), ConnectionError> {
    let session = incoming.await?.accept().await?;
    let mut follower = feed.follow(None);
    while let Some(batch) = follower.next().await {
        for sample in &batch.samples {
            let _ = session.send_datagram(&*sample.json);
        }
    }
    Ok(())
}
