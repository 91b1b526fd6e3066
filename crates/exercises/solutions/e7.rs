//! Exercise 7: the authority in `Origin` has to equal `Host`. A comparison of prefixes
//! would accept `http://localhost:3005.evil.example`.

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorForbidden,
    http::header::{HOST, ORIGIN},
    rt::spawn,
    web::{self, Payload},
};
use actix_ws::Message;
use stage::Routes;

pub(crate) fn routes() -> impl Routes {
    move |app| {
        app.route("/echo", web::get().to(echo));
    }
}

async fn echo(request: HttpRequest, body: Payload) -> Result<HttpResponse> {
    if !same_origin(&request) {
        return Err(ErrorForbidden("a page of another origin"));
    }
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

fn same_origin(request: &HttpRequest) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else { return true };
    let authority = ["http://", "https://"]
        .iter()
        .find_map(|scheme| origin.to_str().ok()?.strip_prefix(scheme));
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    authority.is_some() && authority == host
}
