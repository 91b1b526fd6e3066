//! How a resource that is no technique's endpoint answers: by GET and HEAD, or that there is
//! none.

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    http::header::ContentType, web,
};

use crate::hosts::short;

/// A 404 that repeats the path and says what there is `instead`.
#[must_use]
pub fn not_found(request: &HttpRequest, instead: &str) -> HttpResponse {
    let path = short(request.path());
    HttpResponse::NotFound()
        .content_type(ContentType::plaintext())
        .body(format!("nothing at {path:?}: {instead}"))
}

/// Serves `handler` at `path` for GET and HEAD (RFC 9110 §9.1); another method gets
/// a 405. (A response that waits or does not end has no useful HEAD: the techniques'
/// endpoints and the WebSockets are for GET alone.)
pub fn get<Args: FromRequest + 'static>(
    path: &str,
    handler: impl Handler<Args, Output: Responder + 'static>,
) -> Resource {
    web::resource(path).get(handler.clone()).head(handler)
}
