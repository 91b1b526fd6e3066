//! The notes: chapters, slides, what the speaker has beside them, and the handout.

use actix_web::{
    HttpResponse, Result,
    error::ErrorNotFound,
    web::{Data, Path, ServiceConfig},
};
use stage::get;

use crate::site::{Site, html};

pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(get("/chapter/{id}", chapter))
        .service(get("/slides", slides))
        .service(get("/handout", handout))
        .service(get("/presenter/speaker", speaker));
}

async fn chapter(site: Data<Site>, id: Path<String>) -> Result<HttpResponse> {
    let Some(chapter) = site.chapters.iter().find(|chapter| chapter.id == *id)
    else {
        return Err(ErrorNotFound("no such chapter: the agenda at / has them all"));
    };
    let mut title = String::new();
    notes::escape(&chapter.title, &mut title);
    let technique = chapter.technique.as_deref().unwrap_or_default();
    let page = site.page(
        "chapter/index.html",
        &[
            (r#"data-chapter="""#, &format!(r#"data-chapter="{}""#, chapter.id)),
            (r#"data-technique="""#, &format!(r#"data-technique="{technique}""#)),
            ("<!-- title -->", &title),
            ("<!-- text -->", &chapter.html),
        ],
    )?;
    html(page)
}

async fn slides(site: Data<Site>) -> Result<HttpResponse> {
    html(site.page("slides/index.html", &[("<!-- slides -->", &site.slides)])?)
}

async fn handout(site: Data<Site>) -> Result<HttpResponse> {
    let handout = notes::handout(&site.chapters);
    html(site.page("handout/index.html", &[("<!-- handout -->", &handout)])?)
}

async fn speaker(site: Data<Site>) -> Result<HttpResponse> {
    let notes = notes::speaker_notes(&site.chapters);
    let marks = [("<!-- slides -->", &*site.slides), ("<!-- notes -->", &*notes)];
    html(site.page("slides/speaker.html", &marks)?)
}
