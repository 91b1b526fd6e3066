//! Sources to be read: two techniques side by side, or a blog as one program and as services, and
//! the examples that the notes link to.

use std::fs;

use actix_web::{
    HttpResponse, Result,
    error::{ErrorInternalServerError, ErrorNotFound},
    web::{self, Data, Path, Query, ServiceConfig},
};
use serde::Deserialize;
use stage::get;

use crate::{
    site::{Site, html},
    techniques::{self, TECHNIQUES},
};

/// The two files of an example, each with its language.
const EXAMPLE_FILES: [(&str, &str); 2] =
    [("as_often_shown.html", "html"), ("as_often_shown.rs", "rust")];

pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(get("/source", sources));
    app.service(get("/example/{technique}/{file}", example));
}

/// A file of a technique as it is often shown. The path on disk is made of the workshop's
/// own names, never of the request's.
async fn example(
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (technique, file) = path.into_inner();
    let technique = known(&technique);
    let file = EXAMPLE_FILES.into_iter().find(|(known, _)| *known == file);
    let (Some(technique), Some((file, language))) = (technique, file) else {
        return Err(no_such_example());
    };
    let folder = site.folder.join("../crates").join(technique).join("examples");
    // Not each of those beside the five has one.
    let text =
        fs::read_to_string(folder.join(file)).map_err(|_| no_such_example())?;
    let lines = web::block(move || notes::lines(language, &text)).await?;
    html(site.page(
        "source/example.html",
        &[
            (r#"data-technique="""#, &format!(r#"data-technique="{technique}""#)),
            (r#"data-file="""#, &format!(r#"data-file="{file}""#)),
            ("<!-- lines -->", &lines.join("\n")),
        ],
    )?)
}

fn no_such_example() -> actix_web::Error {
    ErrorNotFound("no such example: the notes link to all of them")
}

/// The workshop's own name of a technique, or of what runs beside it.
fn known(name: &str) -> Option<&'static str> {
    let five = TECHNIQUES.map(|technique| technique.name);
    let beside = BESIDE.map(|(name, ..)| name);
    five.into_iter().chain(beside).find(|known| *known == name)
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

/// What runs beside the workshop: the source of its server, and the folder of its page. The
/// blog of chapter 11 has two shapes.
const BESIDE: [(&str, &str, &str); 6] = [
    ("webrtc", "webrtc/src/lib.rs", "webrtc"),
    ("webtransport", "webtransport/src/lib.rs", "webtransport"),
    ("fallback", "fallback/src/lib.rs", "fallback"),
    ("mqtt", "mqtt/src/lib.rs", "mqtt"),
    ("monolith", "blog/src/monolith.rs", "blog"),
    ("services", "blog/src/services.rs", "blog"),
];

async fn sources(site: Data<Site>, sides: Query<Sides>) -> Result<HttpResponse> {
    let Sides { left, right, file } = sides.into_inner();
    let client = match file.as_str() {
        "server" => false,
        "client" => true,
        _ => {
            return Err(ErrorNotFound(
                "no such file: expected file=server or file=client",
            ));
        }
    };
    let language = if client { "javascript" } else { "rust" };
    let (a, b) = (source(&site, &left, client)?, source(&site, &right, client)?);
    let rows = site.rows(language, a, b).await?;
    let page = site.page(
        "source/index.html",
        &[
            (r#"data-left="""#, &format!(r#"data-left="{left}""#)),
            (r#"data-right="""#, &format!(r#"data-right="{right}""#)),
            (r#"data-file="""#, &format!(r#"data-file="{file}""#)),
            ("<!-- rows -->", &rows),
        ],
    )?;
    html(page)
}

/// The source of a server, or of its page. The path on disk is made of names of our own.
fn source(site: &Site, name: &str, client: bool) -> Result<String> {
    let technique = techniques::index(name).map(|number| TECHNIQUES[number]);
    let beside = BESIDE.into_iter().find(|(known, ..)| *known == name);
    let path = match (technique, beside) {
        (Some(technique), _) if !client => return Ok(technique.source.to_owned()),
        (Some(technique), _) => site.folder.join(technique.name).join("client.js"),
        (None, Some((_, _, page))) if client => {
            site.folder.join(page).join("client.js")
        }
        (None, Some((_, server, _))) => site.folder.join("../crates").join(server),
        (None, None) => {
            return Err(ErrorNotFound(
                "no such source: expected a technique, a demo beside them, monolith or \
                 services",
            ));
        }
    };
    fs::read_to_string(path).map_err(ErrorInternalServerError)
}
