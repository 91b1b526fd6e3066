//! What a server serves besides its technique's endpoints: the page, the shared files, the
//! clock, the source, and the address for phones.

use std::{net::IpAddr, path::PathBuf};

use actix_web::{
    HttpResponse,
    dev::{RequestHead, Service},
    http::header::{self, ContentType, HeaderValue},
    middleware::DefaultHeaders,
    web::{self, Query, ServiceConfig},
};
use serde::Serialize;

use crate::{
    assets::Assets,
    authority::{self, Authority, Host},
    error::Error,
    join::{ReachedAt, join},
    resource::get,
    technique::Technique,
};

/// A page runs and shows only what its own server gives it: there may be no
/// internet, and untrusted text must never become a script. (A WebTransport session is
/// at https, and behind a relay or a proxy it has another port than the page.)
fn content_security_policy(head: &RequestHead) -> HeaderValue {
    const LOOPBACK: &str = "127.0.0.1";
    let authority = authority::of(head).unwrap_or_default();
    let host = match Authority::parse(&authority).map(|authority| authority.host) {
        Some(Host::Name(name)) => name.to_owned(),
        Some(Host::Address(IpAddr::V4(address))) => address.to_string(),
        _ => LOOPBACK.to_owned(), // a policy has no words for an address of IPv6
    };
    let policy = format!(
        "default-src 'self'; img-src 'self' data:; \
         connect-src 'self' ws: wss: https://{LOOPBACK}:* https://{host}:*"
    );
    HeaderValue::try_from(policy)
        .unwrap_or(HeaderValue::from_static("default-src 'self'"))
}

/// The pages of a technique.
#[derive(Debug, Clone)]
pub struct Pages {
    pub(crate) technique: Technique,
    assets: Assets,
    /// The URLs at which other devices reach the page, the likeliest first; none, when
    /// only this machine can.
    pub urls: Vec<String>,
}

impl Pages {
    /// Looks for the pages in `folder`, or in this program.
    ///
    /// # Errors
    /// When the technique's page is not there.
    pub fn find(
        folder: Option<PathBuf>,
        technique: Technique,
    ) -> Result<Self, Error> {
        let page = format!("{}/index.html", technique.name);
        let assets = Assets::find(folder, &page)?;
        Ok(Self { technique, assets, urls: Vec::new() })
    }

    pub(crate) fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let source = self.technique.source;
        let urls = self.urls.clone();
        let files =
            |path, folder| self.assets.serve(path, folder, "the page is at /");
        let shared = files("/shared", "shared");
        let page = files("/", self.technique.name);
        move |app| {
            // `no-cache` lets a browser keep a file and ask whether it changed.
            let headers = DefaultHeaders::new()
                .add(("Cache-Control", "no-cache"))
                .add(("X-Content-Type-Options", "nosniff"));
            let join = move |reached: Query<ReachedAt>| {
                let join = join(&urls, &reached);
                async { HttpResponse::Ok().json(join) }
            };
            let source = move || async move {
                HttpResponse::Ok()
                    .content_type(ContentType::plaintext())
                    .body(source)
            };
            app.service(
                web::scope("")
                    .wrap(headers)
                    .wrap_fn(|request, service| {
                        let policy = content_security_policy(request.head());
                        let response = service.call(request);
                        async {
                            let mut response = response.await?;
                            let headers = response.headers_mut();
                            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
                            Ok(response)
                        }
                    })
                    .service(get("/clock", clock))
                    .service(get("/join", join))
                    .service(get("/lib.rs", source))
                    .service(shared)
                    .service(page),
            );
        }
    }
}

#[derive(Serialize)]
struct ClockMessage {
    /// Unix milliseconds.
    now: u64,
}

/// `{"now":1795207096301}`, in Unix milliseconds: clocks differ.
pub async fn clock() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(ClockMessage { now: feed::unix_millis() })
}
