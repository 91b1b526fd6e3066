//! What the hub answers: which page is at which address. Each group of pages is a file.

mod chapters;
mod gallery;
mod key;
mod quiz;
mod sources;

use ::gallery::Presenter;
use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::{ErrorBadRequest, ErrorNotFound},
    http::{
        header::{self, ContentType},
        uri::Authority,
    },
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Path, Query, ServiceConfig},
};
use feed::Feed;
use lens::TrustedProxies;
use stage::{ReachedAt, Technique, get};

use crate::{
    live::{self, Commands, View},
    presenter::PresenterAuth,
    quiz::Quiz,
    setup::Setup,
    site::{Site, html, page},
    techniques::{self, SERVED},
};

/// The same policy as in `stage`, and frames: the techniques' pages are framed from
/// other ports of the host, whose name is not known here.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     connect-src 'self' ws: wss:; frame-src http: https:; frame-ancestors 'self'";

/// What a 404 names.
const INSTEAD: &str = "the agenda is at /";

/// What the pages are made of.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) site: Data<Site>,
    pub(crate) setup: Data<Setup>,
    pub(crate) auth: Data<PresenterAuth>,
    pub(crate) view: Data<View>,
    pub(crate) commands: Data<Commands>,
    pub(crate) quiz: Data<Quiz>,
    pub(crate) feed: Data<Feed>,
    pub(crate) proxies: Data<TrustedProxies>,
    pub(crate) gallery: Data<Presenter>,
}

/// Adds all of them to an app.
pub(crate) fn routes(parts: Parts) -> impl FnOnce(&mut ServiceConfig) {
    let Parts { site, setup, auth, view, commands, quiz, feed, proxies, gallery } =
        parts;
    let shared = site.pages.serve("/shared", "shared", INSTEAD);
    let own = site.pages.serve("/workshop", "workshop", INSTEAD);
    let pictures = site.notes.serve("/notes/screenshots", "screenshots", INSTEAD);
    let plots = site.notes.serve("/notes/plots", "plots", INSTEAD);
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-cache"))
            .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
            .add(("X-Content-Type-Options", "nosniff"));
        app.app_data(site)
            .app_data(setup)
            .app_data(auth)
            .app_data(view)
            .app_data(commands)
            .app_data(quiz)
            .app_data(feed)
            .app_data(proxies)
            .app_data(gallery);
        app.service(
            web::scope("")
                .wrap(headers)
                .configure(key::routes)
                .service(get("/", page("agenda/index.html")))
                .service(get("/compare", page("compare/index.html")))
                .configure(chapters::routes)
                .service(get("/wire/{technique}", wire))
                .service(get("/demo/{technique}/{page:[a-z.]*}", demo))
                .configure(sources::routes)
                .configure(gallery::routes)
                .configure(quiz::routes)
                .service(get("/presenter", page("presenter/index.html")))
                .service(get("/presenter/wire/{technique}", wire))
                .service(web::resource("/presenter/live").get(live::presenter))
                .service(web::resource("/live").get(live::attendee))
                .service(get("/setup", setup_message))
                .service(get("/labels", async |setup: Data<Setup>| {
                    json(&setup.labels)
                }))
                .service(get("/join", join))
                .service(get("/clock", stage::clock))
                .service(shared)
                .service(own)
                .service(pictures)
                .service(plots)
                .default_service(web::to(not_found)),
        );
    }
}

fn json(body: &Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(body.clone())
}

async fn setup_message(
    request: HttpRequest,
    setup: Data<Setup>,
    site: Data<Site>,
) -> HttpResponse {
    let listener_port = request.app_config().local_addr().port();
    HttpResponse::Ok().json(setup.message(listener_port, &site.chapters))
}

async fn join(setup: Data<Setup>, reached: Query<ReachedAt>) -> HttpResponse {
    HttpResponse::Ok().json(setup.join(&reached))
}

async fn not_found(request: HttpRequest) -> HttpResponse {
    stage::not_found(&request, INSTEAD)
}

fn technique(name: &str) -> Result<usize> {
    techniques::index(name).ok_or_else(|| {
        ErrorNotFound(
            "no such technique: expected short-poll, long-poll, http-stream, sse or \
             websocket",
        )
    })
}

/// Redirects to a page of a technique's own server: at the name under which the hub was
/// reached, whose port a proxy may have moved, and by the same scheme.
async fn demo(
    request: HttpRequest,
    setup: Data<Setup>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (name, page) = path.into_inner();
    let port = setup.port_of(technique(&name)?);
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let reached = host.parse::<Authority>().map_err(ErrorBadRequest)?;
    let moved = reached.port_u16().map_or(0, |reached| {
        i32::from(reached) - i32::from(request.app_config().local_addr().port())
    });
    let to = format!("//{}:{}/{page}", reached.host(), i32::from(port) + moved);
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, to))
        .finish())
}

async fn wire(site: Data<Site>, name: Path<String>) -> Result<HttpResponse> {
    let number = techniques::find(&name).map_err(ErrorNotFound)?;
    let Technique { name, endpoints, .. } = SERVED[number];
    let technique = format!(r#"data-technique="{name}""#);
    let endpoints = format!(r#"data-endpoints="{}""#, endpoints.join(" "));
    let marks = [
        (r#"data-technique="""#, technique.as_str()),
        (r#"data-endpoints="""#, endpoints.as_str()),
    ];
    html(site.page("wire/index.html", &marks)?)
}
