//! `cargo run -p webtransport`: the sessions, and before them a relay that loses
//! datagrams on request, for the page `/lanes.html`.

mod relay;

use actix_web::web::ServiceConfig;
use stage::UdpService;

fn main() -> std::process::ExitCode {
    stage::main_with_udp(webtransport::TECHNIQUE, |feed, timings, place| {
        let session_port = place.address.port();
        let (relay_port, relay_routes, relay) = relay::before(place.address)?;
        let (routes, sessions) = webtransport::listen(feed, timings, place)?;
        let routes = move |app: &mut ServiceConfig| {
            routes(app);
            relay_routes(app);
        };
        let run = async {
            tokio::select! {
                () = sessions => {} // The farewell passes the relay, too.
                () = relay => {}
            }
        };
        let ports = vec![session_port, relay_port];
        Ok((routes, UdpService { ports, run }))
    })
}
