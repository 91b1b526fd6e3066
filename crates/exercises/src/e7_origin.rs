//! # Exercise 7: who may connect
//!
//! A page of any origin may open this WebSocket, and the browser sends the user's
//! cookies along, as `SameSite` allows: for WebSockets there is no CORS. What the
//! browser does is to say whose page it is, in the field `Origin`: its scheme, host
//! and port. (A site knows no ports: `SameSite` keeps no cookie back between two
//! ports of a host.)
//!
//! **Task**: answer a page of another origin with 403. A program that sends no `Origin`
//! may come in.
//!
//! **Hint**: `Origin: http://localhost:3005` is this origin when `Host` is
//! `localhost:3005`; it may be `https` as well.
//!
//! **What this does not do**: it compares two fields, and knows neither of them. A page
//! whose own name was resolved to your machine (DNS rebinding) sends the same foreign
//! name in both. So a server looks at `Host` too, on every path, and answers only to
//! names that are its own. Here, `stage` does (`crates/stage/src/hosts.rs`).
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
