//! The button that ends this program as `kill -9` does: at once, and nobody is told. It is
//! the program's alone, and not part of the technique.

use std::process;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorForbidden,
    http::header,
    web::{self, ServiceConfig},
};

/// What a shell reports of a process that SIGKILL has ended.
const KILLED: i32 = 128 + 9;

/// Adds `POST /kill`, for pages that this machine shows.
pub(crate) fn routes(app: &mut ServiceConfig) {
    app.route("/kill", web::post().to(kill));
}

/// There is no response to a request that is granted.
async fn kill(request: HttpRequest) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    // What a proxy on this machine passes on comes from this machine, too, but most
    // pass the name on that it was asked by.
    let from_here = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback());
    let host =
        request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| Some(host.rsplit_once(':')?.0));
    if !from_here || !matches!(name, Some("localhost" | "127.0.0.1")) {
        return Err(ErrorForbidden(
            "only a page at http://localhost may kill this server: open it there",
        ));
    }
    process::exit(KILLED)
}
