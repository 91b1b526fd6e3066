//! What a server serves besides its technique's endpoints: the page, the shared files, the
//! clock, the source, and the address for phones.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use actix_files::Files;
use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    dev::{HttpServiceFactory, RequestHead, Service},
    guard,
    http::header::{self, ContentType, HeaderValue},
    middleware::DefaultHeaders,
    web::{self, Query, ServiceConfig},
};
use serde::Serialize;

use crate::{
    authority::{self, Authority, Host},
    error::Error,
    hosts::short,
    join::{ReachedAt, join},
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
    folder: PathBuf,
    /// The URLs at which other devices reach the page, the likeliest first; none, when
    /// only this machine can.
    pub urls: Vec<String>,
}

impl Pages {
    /// Looks for the pages in `folder`, or in the `static` folder of the sources
    /// that this program was built from, or in the one where it was started.
    ///
    /// # Errors
    /// When the technique's page is not there.
    pub fn find(
        folder: Option<PathBuf>,
        technique: Technique,
    ) -> Result<Self, Error> {
        let page = |folder: &Path| folder.join(technique.name).join("index.html");
        let folder = folder.unwrap_or_else(|| {
            let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static");
            match sources.canonicalize() {
                Ok(sources) if page(&sources).is_file() => sources,
                _ => "static".into(),
            }
        });
        for missing in [page(&folder), folder.join("shared")] {
            if !missing.exists() {
                return Err(Error::NoPages { missing });
            }
        }
        Ok(Self { technique, folder, urls: Vec::new() })
    }

    /// The folder `static`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let source = self.technique.source;
        let urls = self.urls.clone();
        let shared = Files::new("/shared", self.folder.join("shared"));
        let page = Files::new("/", self.folder.join(self.technique.name));
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
            let not_found =
                async |request: HttpRequest| not_found(&request, "the page is at /");
            let shared = shared.default_handler(web::to(not_found));
            let page =
                page.index_file("index.html").default_handler(web::to(not_found));
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
                    .service(files("/shared", shared))
                    .service(files("/", page)),
            );
        }
    }
}

/// A 404 that repeats the path and says what there is `instead`.
#[must_use]
pub fn not_found(request: &HttpRequest, instead: &str) -> HttpResponse {
    let path = short(request.path());
    HttpResponse::NotFound()
        .content_type(ContentType::plaintext())
        .body(format!("nothing at {path:?}: {instead}"))
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

/// Serves `handler` at `path` for GET and HEAD (RFC 9110 §9.1); another method gets
/// a 405. (A response that waits or does not end has no useful HEAD: the techniques'
/// endpoints and the WebSockets are for GET alone.)
pub fn get<Args: FromRequest + 'static>(
    path: &str,
    handler: impl Handler<Args, Output: Responder + 'static>,
) -> Resource {
    web::resource(path).get(handler.clone()).head(handler)
}

/// The files at `path`, for GET and HEAD. Another method gets a 405 with `Allow` (RFC 9110
/// §15.5.6), which actix-files does not send.
pub fn files(path: &str, files: Files) -> impl HttpServiceFactory + use<> {
    let path = path.trim_end_matches('/');
    let other = guard::Not(guard::Any(guard::Get()).or(guard::Head()));
    let refuse = async || {
        HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, "GET, HEAD"))
            .finish()
    };
    let refused = web::resource([path.to_owned(), format!("{path}/{{file:.*}}")]);
    (refused.guard(other).to(refuse), files.prefer_utf8(true))
}
