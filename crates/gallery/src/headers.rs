//! The fields that every endpoint's response has.

use actix_web::middleware::DefaultHeaders;

/// For the endpoint of an application: `web::resource(…).wrap(no_store())`. One that says
/// how long it may be cached sets `Cache-Control` itself, and that wins.
pub(crate) fn no_store() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Cache-Control", "no-store"))
        .add(("X-Content-Type-Options", "nosniff"))
}
