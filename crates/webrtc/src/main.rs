//! `cargo run -p webrtc`

mod kill;

use actix_web::web::ServiceConfig;

fn main() -> std::process::ExitCode {
    stage::main(webrtc::TECHNIQUE, |feed, timings| {
        let routes = webrtc::routes(feed, timings);
        move |app: &mut ServiceConfig| {
            routes(app);
            kill::routes(app);
        }
    })
}
