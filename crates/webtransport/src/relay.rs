//! A relay of datagrams before the sessions, and `/relay`, by which a page of this server
//! sets how much is lost on the way. The technique in `lib.rs` knows nothing of it.

use std::{
    future::{Future, pending},
    io,
    net::{SocketAddr, UdpSocket},
};

use actix_web::{
    HttpRequest, HttpResponse,
    error::ErrorBadRequest,
    middleware::DefaultHeaders,
    web::{self, Data, Json, JsonConfig},
};
use lens::udp::{Conditions, Delay, Lose, UdpControl, UdpRelay};
use serde::{Deserialize, Serialize};
use stage::Routes;

/// The relay has the port of the sessions and this.
const PORT_OFFSET: u16 = 1000;
/// How long a datagram takes through the relay, each way.
const DELAY_MS: u64 = 20;
/// Percent. Above, congestion control holds datagrams back as well, and the lanes no
/// longer show what tells them apart.
const LOSS_LIMIT: u64 = 10;
/// Bytes of a request's content.
const CONTENT_BYTES: usize = 256;

/// How much is lost, in percent.
#[derive(Debug, Deserialize)]
struct Loss {
    loss: u64,
}

/// Where the relay is, and what it does.
#[derive(Debug, Serialize)]
struct RelayMessage {
    port: u16,
    /// Percent, each way.
    loss: u64,
    /// Milliseconds, each way.
    delay: u64,
}

/// Its port, and the handle of its conditions.
struct Relay {
    port: u16,
    control: UdpControl,
}

impl Relay {
    fn lose(&self, percent: u64) -> Result<(), lens::OutOfRange> {
        self.control.set(Conditions {
            lose: Lose { percent, direction: None },
            delay: Delay { ms: DELAY_MS, jitter: 0 },
            ..Conditions::default()
        })
    }

    fn message(&self) -> HttpResponse {
        let Conditions { lose, delay, .. } = self.control.conditions();
        let message =
            RelayMessage { port: self.port, loss: lose.percent, delay: delay.ms };
        HttpResponse::Ok().json(message)
    }
}

/// A relay to these sessions, at their port and [`PORT_OFFSET`], or at any that is free.
/// Returns that port, the routes of `/relay`, and the relay, which does not end.
pub(crate) fn before(
    sessions: SocketAddr,
) -> io::Result<(u16, impl Routes, impl Future<Output = ()>)> {
    let port = sessions.port().checked_add(PORT_OFFSET).unwrap_or(0);
    let socket = UdpSocket::bind((sessions.ip(), port))
        .or_else(|_| UdpSocket::bind((sessions.ip(), 0)))?;
    socket.set_nonblocking(true)?;
    let port = socket.local_addr()?.port();
    let relay = Relay { port, control: UdpControl::default() };
    relay.lose(0).map_err(io::Error::other)?;
    // What listens on all addresses is reached on loopback as well.
    let server = match sessions.ip() {
        ip if ip.is_unspecified() => ([127, 0, 0, 1], sessions.port()).into(),
        _ => sessions,
    };
    let control = relay.control.clone();
    let run = async move {
        match tokio::net::UdpSocket::from_std(socket) {
            Ok(socket) => {
                let relay = UdpRelay { server, control, watcher: () };
                relay.run(socket, pending()).await;
            }
            Err(error) => {
                tracing::error!(%error, "no relay");
                pending::<()>().await;
            }
        }
    };
    let relay = Data::new(relay);
    let routes = move |app: &mut web::ServiceConfig| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-store"))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(relay.clone()).service(
            web::resource("/relay")
                .wrap(headers)
                .app_data(JsonConfig::default().limit(CONTENT_BYTES))
                .get(async |relay: Data<Relay>| relay.message())
                .put(set),
        );
    };
    Ok((port, routes, run))
}

async fn set(
    request: HttpRequest,
    Json(Loss { loss }): Json<Loss>,
    relay: Data<Relay>,
) -> actix_web::Result<HttpResponse> {
    stage::same_origin(&request)?;
    if loss > LOSS_LIMIT {
        return Err(ErrorBadRequest(format!(
            "loss is {loss}: expected 0 to {LOSS_LIMIT} percent; above, congestion \
             control holds datagrams back, too"
        )));
    }
    relay.lose(loss).map_err(ErrorBadRequest)?;
    Ok(relay.message())
}
