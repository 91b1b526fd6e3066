//! Sources to be read: two techniques side by side, also on Express, or a blog as one program and
//! as services, and the examples that the notes link to.

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

/// A technique as it is often shown: its name, its page, and its server.
macro_rules! example {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!(
                "../../../",
                $name,
                "/examples/as_often_shown.html"
            )),
            include_str!(concat!("../../../", $name, "/examples/as_often_shown.rs")),
        )
    };
}

/// All that the notes link to.
const EXAMPLES: [(&str, &str, &str); 7] = [
    example!("short-poll"),
    example!("long-poll"),
    example!("http-stream"),
    example!("sse"),
    example!("websocket"),
    example!("webrtc"),
    example!("webtransport"),
];

pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(get("/source", sources));
    app.service(get("/example/{technique}/{file}", example));
}

/// A file of a technique as it is often shown.
async fn example(
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (technique, file) = &*path;
    let known = EXAMPLES.into_iter().find(|(known, ..)| known == technique);
    let (text, language) = match (known, file.as_str()) {
        (Some((_, page, _)), "as_often_shown.html") => (page, "html"),
        (Some((.., server)), "as_often_shown.rs") => (server, "rust"),
        _ => {
            return Err(ErrorNotFound(
                "no such example: the notes link to all of them",
            ));
        }
    };
    let lines = web::block(move || notes::lines(language, text)).await?;
    html(site.page(
        "source/example.html",
        &[
            (r#"data-technique="""#, &format!(r#"data-technique="{technique}""#)),
            (r#"data-file="""#, &format!(r#"data-file="{file}""#)),
            ("<!-- lines -->", &lines.join("\n")),
        ],
    )?)
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

/// What runs beside the workshop: its name, the source of its server, and the folder of its
/// page. The blog of chapter 11 has two shapes.
const BESIDE: [(&str, &str, &str); 6] = [
    ("webrtc", include_str!("../../../webrtc/src/lib.rs"), "webrtc"),
    (
        "webtransport",
        include_str!("../../../webtransport/src/lib.rs"),
        "webtransport",
    ),
    ("fallback", include_str!("../../../fallback/src/lib.rs"), "fallback"),
    ("mqtt", include_str!("../../../mqtt/src/lib.rs"), "mqtt"),
    ("monolith", include_str!("../../../blog/src/monolith.rs"), "blog"),
    ("services", include_str!("../../../blog/src/services.rs"), "blog"),
];

/// The five on Express, a peer of the bench, in one file and without a page.
const NODE: &str = include_str!("../../../bench/peers/node/server.js");

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
    let (left_language, a) = source(&site, &left, client)?;
    let (right_language, b) = source(&site, &right, client)?;
    let rows = site.rows([left_language, right_language], a, b).await?;
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

/// The language and the source of a server, or of its page.
fn source(site: &Site, name: &str, client: bool) -> Result<(&'static str, String)> {
    if name == "node" && !client {
        return Ok(("javascript", NODE.to_owned()));
    }
    let technique = techniques::index(name).map(|number| TECHNIQUES[number]);
    let beside = BESIDE.into_iter().find(|(known, ..)| *known == name);
    let known = technique.map(|known| (known.name, known.source, known.name));
    let Some((_, server, page)) = known.or(beside) else {
        return Err(ErrorNotFound(
            "no such source: expected a technique, a demo beside them, monolith, \
             services, or the server of node",
        ));
    };
    if !client {
        return Ok(("rust", server.to_owned()));
    }
    let text = site.pages.read(&format!("{page}/client.js"));
    Ok(("javascript", text.map_err(ErrorInternalServerError)?))
}
