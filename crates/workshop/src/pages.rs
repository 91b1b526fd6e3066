use std::{
    fs,
    net::{IpAddr, TcpListener},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_files::Files;
use actix_web::{
    Handler, HttpRequest, HttpResponse, Result,
    dev::Server,
    error::{ErrorInternalServerError, ErrorNotFound},
    http::header::ContentType,
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Path as Segment, Query, ServiceConfig},
};
use lens::{ConnectionLimit, Label};
use notes::Chapter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stage::{Admitted, Error, Hosts, Pages, Technique, files, get};
use tracing::warn;

use crate::{
    hub::Hub,
    key_page, live,
    made_once::MadeOnce,
    quiz,
    servers::{Port, Ports},
    techniques::{self, TECHNIQUES},
};

/// What stage's pages may do, and frames from the ports of the techniques: these have
/// whatever address the hub has.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     connect-src 'self' ws: wss:; frame-src http: https:; frame-ancestors 'self'";

/// How many pairs of sources are kept: all that there are, and some that are edited.
const ROWS: usize = 100;

/// How often a connection over the limit is logged: a client that is reset comes again at
/// once, and its lines would be all that the terminal shows.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// Where the hub's own pages are, below `static`.
const WORKSHOP: Technique =
    Technique { name: "workshop", port: 0, endpoints: &[], source: "" };

/// The files that the workshop shows.
pub(crate) struct Site {
    folder: PathBuf,
    notes: PathBuf,
    chapters: Vec<Chapter>,
    demos: Vec<Pages>,
    setup: Value,
    labels: Bytes,
    join: Bytes,
    /// All chapters as slides.
    slides: String,
    /// Of two sources, their rows of HTML.
    rows: MadeOnce<(String, String), Arc<str>>,
}

impl Site {
    /// Looks for them, as a demo does; the notes name these ports.
    pub(crate) fn find(
        folder: Option<PathBuf>,
        ports: &Ports,
    ) -> Result<Self, Error> {
        let folder = Pages::find(folder, WORKSHOP)?.folder().to_owned();
        let demos = TECHNIQUES
            .into_iter()
            .map(|technique| Pages::find(Some(folder.clone()), technique))
            .collect::<Result<_, _>>()?;
        let notes = folder.join("../workshop-notes");
        let names = TECHNIQUES.map(|technique| technique.name);
        let chapters = notes::read(&notes, &ports.numbers(), &names)
            .map_err(|_| Error::NoPages { missing: notes.clone() })?;
        Ok(Self {
            folder,
            notes,
            demos,
            setup: Value::Null,
            labels: labels().to_string().into(),
            join: Bytes::new(),
            slides: notes::sections(&chapters),
            chapters,
            rows: MadeOnce::new(ROWS),
        })
    }

    /// The site at these ports (its own, and the techniques'), which the room finds at
    /// these addresses.
    pub(crate) fn open(
        mut self,
        port: u16,
        ports: &[Port; 5],
        room: &[String],
    ) -> Self {
        let techniques: Vec<_> = TECHNIQUES
            .iter()
            .zip(ports)
            .map(|(technique, port)| json!({"name": technique.name, "port": port.port()}))
            .collect();
        self.setup = json!({
            "port": port, "techniques": techniques, "chapters": self.chapters,
        });
        self.join = stage::join(room);
        for (demo, port) in self.demos.iter_mut().zip(ports) {
            demo.urls = room.iter().map(|url| at_port(url, port.port())).collect();
        }
        self
    }

    /// The questions of the quiz.
    pub(crate) fn quiz(&self) -> PathBuf {
        self.notes.join("quiz.toml")
    }

    /// The pages of a technique.
    pub(crate) fn demo(&self, number: usize) -> Pages {
        self.demos[number].clone()
    }

    /// Two sources side by side. That takes a while, so it is done once, however many
    /// ask for it meanwhile, and elsewhere: this thread has the pages of a room to talk to.
    async fn rows(
        &self,
        language: &'static str,
        left: String,
        right: String,
    ) -> Result<Arc<str>> {
        let make = async |(left, right): (String, String)| {
            let make = move || notes::rows(language, &left, &right);
            Ok::<_, actix_web::Error>(web::block(make).await?.into())
        };
        self.rows.get((left, right), make).await
    }

    /// A page of ours, with `marks` replaced.
    pub(crate) fn page(&self, name: &str, marks: &[(&str, &str)]) -> Result<String> {
        let file = self.folder.join("workshop").join(name);
        let mut page = fs::read_to_string(&file).map_err(|error| {
            ErrorInternalServerError(format!(
                "{} can't be read ({error}): is the folder of the pages complete?",
                file.display()
            ))
        })?;
        for (mark, text) in marks {
            page = page.replace(mark, text);
        }
        Ok(page)
    }
}

/// `http://192.168.1.20:3000/` at another port.
fn at_port(url: &str, port: u16) -> String {
    let host =
        url.trim_end_matches('/').rsplit_once(':').map_or(url, |(host, _)| host);
    format!("{host}:{port}/")
}

/// What each label means.
fn labels() -> Value {
    let labels = Label::ALL.iter().map(|label| {
        let meaning = json!({
            "title": label.title(),
            "class": label.class(),
            "explains": label.explanation(),
            "reference": label.reference(),
        });
        (label.name().to_owned(), meaning)
    });
    Value::Object(labels.collect::<Map<_, _>>())
}

/// Serves the hub's pages on a listener, until the feed is closed. The connections of the
/// `room` are shared out; the presenter's own listener is for one device.
pub(crate) fn serve(
    listener: TcpListener,
    hosts: &Hosts,
    hub: &Arc<Hub>,
    site: &Arc<Site>,
    connections: usize,
    room: bool,
) -> Result<Server, Error> {
    let connections = connections.max(8);
    let share = share_out(hub.clone(), connections);
    let admit = move |client: IpAddr| -> Option<Admitted> {
        if room { share(client) } else { Some(Box::new(())) }
    };
    let (hub, site) = (Data::from(hub.clone()), Data::from(site.clone()));
    let ending = hub.clone();
    let routes = move |app: &mut ServiceConfig| {
        app.app_data(hub.clone()).app_data(site.clone()).configure(routes(&site));
    };
    let ended = async move { ending.feed.closed().await };
    stage::start(listener, hosts.clone(), connections, admit, routes, ended)
}

/// No device takes more than half of the connections, but the presenter's.
fn share_out(
    hub: Arc<Hub>,
    connections: usize,
) -> impl Fn(IpAddr) -> Option<Admitted> {
    let (places, logged) = (ConnectionLimit::new(connections), Mutex::new(None));
    move |client| {
        if hub.key.is_known_at(client) {
            return Some(Box::new(()));
        }
        let client = client.to_canonical();
        if let Some(place) = places.try_acquire(client) {
            return Some(Box::new(place));
        }
        let mut logged = logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.is_none_or(|last: Instant| last.elapsed() >= LOG_INTERVAL) {
            *logged = Some(Instant::now());
            warn!(%client, connections, "reset: one device has at most half of them");
        }
        None
    }
}

fn routes(site: &Site) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let files = |path: &str, folder: PathBuf| files(path, Files::new(path, folder));
    let shared = files("/shared", site.folder.join("shared"));
    let own = files("/workshop", site.folder.join("workshop"));
    let pictures = files("/notes/screenshots", site.notes.join("screenshots"));
    let plots = files("/notes/plots", site.notes.join("plots"));
    move |app| {
        let headers = DefaultHeaders::new()
            .add(("Cache-Control", "no-cache"))
            .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
            .add(("X-Content-Type-Options", "nosniff"));
        app.service(
            web::scope("")
                .wrap(headers)
                .configure(key_page::routes)
                .service(get("/", page("index.html")))
                .service(get("/compare", page("compare.html")))
                .service(get("/chapter/{id}", chapter))
                .service(get("/slides", all_slides))
                .service(get("/wire/{technique}", wire))
                .service(get("/source", sources))
                .configure(quiz::routes)
                .service(get("/presenter", page("presenter.html")))
                .service(get("/presenter/wire/{technique}", wire))
                .service(get("/presenter/speaker", speaker))
                .service(web::resource("/presenter/live").get(live::presenter))
                .service(web::resource("/live").get(live::attendee))
                .service(get("/setup", setup))
                .service(get("/labels", async |site: Data<Site>| json(&site.labels)))
                .service(get("/join", async |site: Data<Site>| json(&site.join)))
                .service(get("/clock", stage::clock))
                .service(shared)
                .service(own)
                .service(pictures)
                .service(plots)
                .default_service(web::to(nowhere)),
        );
    }
}

/// A page as it is in its file.
pub(crate) fn page(
    name: &'static str,
) -> impl Handler<(Data<Site>,), Output = Result<HttpResponse>> {
    move |site: Data<Site>| async move { html(site.page(name, &[])?) }
}

pub(crate) fn html(page: String) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(page))
}

fn json(body: &Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(body.clone())
}

/// What a page asks once.
#[derive(Serialize)]
struct Setup<'a> {
    /// The port that this listener has: a page that finds itself at another one is
    /// behind a proxy.
    here: u16,
    #[serde(flatten)]
    site: &'a Value,
}

async fn setup(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    let here = request.app_config().local_addr().port();
    HttpResponse::Ok().json(Setup { here, site: &site.setup })
}

async fn nowhere(request: HttpRequest) -> HttpResponse {
    stage::not_found(&request, "the agenda is at /")
}

async fn chapter(site: Data<Site>, id: Segment<String>) -> Result<HttpResponse> {
    let Some(chapter) = site.chapters.iter().find(|chapter| chapter.id == *id)
    else {
        return Err(ErrorNotFound("no such chapter: the agenda at / has them all"));
    };
    let mut title = String::new();
    notes::escape(&chapter.title, &mut title);
    let technique = chapter.technique.as_deref().unwrap_or_default();
    let page = site.page(
        "chapter.html",
        &[
            (r#"data-chapter="""#, &format!(r#"data-chapter="{}""#, chapter.id)),
            (r#"data-technique="""#, &format!(r#"data-technique="{technique}""#)),
            ("<!-- title -->", &title),
            ("<!-- text -->", &chapter.html),
        ],
    )?;
    html(page)
}

async fn all_slides(site: Data<Site>) -> Result<HttpResponse> {
    html(site.page("slides.html", &[("<!-- slides -->", &site.slides)])?)
}

async fn wire(site: Data<Site>, technique: Segment<String>) -> Result<HttpResponse> {
    let Some(number) = techniques::index(&technique) else {
        return Err(ErrorNotFound(
            "no such technique: the agenda at / has them all",
        ));
    };
    let name = TECHNIQUES[number].name;
    let technique = format!(r#"data-technique="{name}""#);
    html(site.page("wire.html", &[(r#"data-technique="""#, &technique)])?)
}

/// Which two sources to compare.
#[derive(Deserialize)]
struct Sides {
    #[serde(default = "http_stream")]
    left: String,
    #[serde(default = "sse")]
    right: String,
    #[serde(default = "server")]
    file: String,
}

fn http_stream() -> String {
    http_stream::TECHNIQUE.name.into()
}

fn sse() -> String {
    sse::TECHNIQUE.name.into()
}

fn server() -> String {
    "server".into()
}

async fn sources(site: Data<Site>, sides: Query<Sides>) -> Result<HttpResponse> {
    let Sides { left, right, file } = sides.into_inner();
    let client = match file.as_str() {
        "server" => false,
        "client" => true,
        _ => return Err(ErrorNotFound("no such file: expected server or client")),
    };
    let text = |name: &str| -> Result<String> {
        let Some(number) = techniques::index(name) else {
            return Err(ErrorNotFound(
                "no such technique: the agenda at / has them",
            ));
        };
        let technique = TECHNIQUES[number];
        if client {
            let path = site.folder.join(technique.name).join("client.js");
            fs::read_to_string(path).map_err(ErrorInternalServerError)
        } else {
            Ok(technique.source.to_owned())
        }
    };
    let language = if client { "javascript" } else { "rust" };
    let rows = site.rows(language, text(&left)?, text(&right)?).await?;
    let page = site.page(
        "source.html",
        &[
            (r#"data-left="""#, &format!(r#"data-left="{left}""#)),
            (r#"data-right="""#, &format!(r#"data-right="{right}""#)),
            (r#"data-file="""#, &format!(r#"data-file="{file}""#)),
            ("<!-- rows -->", &rows),
        ],
    )?;
    html(page)
}

async fn speaker(site: Data<Site>) -> Result<HttpResponse> {
    let notes = notes::speaker_notes(&site.chapters);
    let marks = [("<!-- slides -->", &*site.slides), ("<!-- notes -->", &*notes)];
    html(site.page("speaker.html", &marks)?)
}
