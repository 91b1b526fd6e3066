//! A technique, as its server and the workshop need it.

use actix_web::web::ServiceConfig;

/// What tells one demo from another.
#[derive(Debug, Clone, Copy)]
pub struct Technique {
    /// The name of its crate, its binary and its folder below `static/`.
    pub name: &'static str,
    /// The port it listens on unless told otherwise.
    pub port: u16,
    /// The paths that it serves besides the page.
    pub endpoints: &'static [&'static str],
    /// Its `lib.rs`, for the page to show.
    pub source: &'static str,
}

/// Adds a technique's endpoints to a server: what its `routes(feed, timings)`
/// returns. Called once for each worker, so that what it shares is made before.
pub trait Routes: Fn(&mut ServiceConfig) + Send + Sync + 'static {}

impl<F: Fn(&mut ServiceConfig) + Send + Sync + 'static> Routes for F {}
