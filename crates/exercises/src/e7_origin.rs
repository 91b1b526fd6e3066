//! # Exercise 7: who may connect
//!
//! A page of any origin may open this WebSocket, and the browser sends the user's
//! cookies with the handshake, as `SameSite` allows: CORS does not apply to WebSockets.
//! But the browser says which page it is, in the field `Origin`: its scheme, host and
//! port. (`SameSite` does not look at ports: cookies are sent between two ports of a
//! host.)
//!
//! **Task**: answer 403 to a page of another origin. A program that sends no `Origin` may
//! connect.
//!
//! **Hint**: `Origin: http://localhost:3005` is the same origin when `Host` is
//! `localhost:3005`; the scheme may be `https` as well.
//!
//! **What this does not do**: it compares two fields, and trusts both of them. A page
//! whose own name was resolved to your machine (DNS rebinding) sends the same foreign
//! name in both. So a server checks `Host` too, on every path, and answers only to its
//! own names. Here, `stage` does (`crates/stage/src/hosts.rs`).
//!
//! **Check**: `cargo test -p exercises e7 -- --ignored`

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Payload},
};
use actix_ws::Message;
use stage::Routes;

/// Adds `GET /echo`.
pub fn routes() -> impl Routes {
    move |app| {
        app.route("/echo", web::get().to(echo));
    }
}

async fn echo(request: HttpRequest, body: Payload) -> Result<HttpResponse> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            if let Message::Text(text) = message
                && session.text(text).await.is_err()
            {
                break;
            }
        }
    });
    Ok(response)
}
