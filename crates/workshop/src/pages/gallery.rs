//! The gallery's page, and the two sources of an application of it.

use actix_web::{
    HttpResponse, Result,
    error::{ErrorInternalServerError, ErrorNotFound},
    web::{self, Data, Path, ServiceConfig},
};
use gallery::{APPLICATIONS, Application, Presenter};
use stage::get;

use crate::site::{Site, html, page};

pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(get("/gallery", page("gallery/index.html")))
        .service(get("/presenter/gallery", presenters))
        .service(get("/source/{application}", sources));
}

/// The same page with the key of the gallery, which its own pages are given.
async fn presenters(
    site: Data<Site>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    let key = format!(r#"data-key="{}""#, presenter.key());
    html(site.page("gallery/index.html", &[(r#"data-key="""#, &key)])?)
}

/// The server and the client of an application, beside each other.
async fn sources(site: Data<Site>, name: Path<String>) -> Result<HttpResponse> {
    let application = APPLICATIONS.iter().find(|known| known.name == *name);
    let Some(&Application { name, title, technique, source, .. }) = application
    else {
        return Err(ErrorNotFound("no such application: the gallery has them all"));
    };
    let client = format!("gallery/{name}/client.js");
    let client = site.pages.read(&client).map_err(ErrorInternalServerError)?;
    let highlight = move || {
        let lines =
            |language, source: &str| notes::lines(language, source).join("\n");
        [lines("rust", source), lines("javascript", &client)]
    };
    let [server, client] = web::block(highlight).await?;
    html(site.page(
        "source/pair.html",
        &[
            (r#"data-technique="""#, &format!(r#"data-technique="{technique}""#)),
            ("<!-- name -->", name),
            ("<!-- title -->", title),
            ("<!-- server -->", &server),
            ("<!-- client -->", &client),
        ],
    )?)
}
