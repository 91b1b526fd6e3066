//! The files that the hub shows: its pages, and the notes.

use std::{fs, path::PathBuf, sync::Arc};

use actix_web::{
    Handler, HttpResponse, Result,
    error::ErrorInternalServerError,
    http::header::ContentType,
    web::{self, Data},
};
use notes::Chapter;
use stage::{Error, Pages, Technique};

use crate::{made_once::MadeOnce, techniques::TECHNIQUES};

/// How many pairs of sources are kept: all that there are, and some that are edited.
const ROWS_LIMIT: usize = 100;

/// The page at `/`: where it is, below `static`, the others are.
const WORKSHOP: Technique =
    Technique { name: "workshop/agenda", port: 0, endpoints: &[], source: "" };

/// The files that the workshop shows.
pub(crate) struct Site {
    /// The folder `static`.
    pub(crate) folder: PathBuf,
    /// The folder `workshop-notes`.
    pub(crate) notes: PathBuf,
    pub(crate) chapters: Vec<Chapter>,
    /// All chapters as slides.
    pub(crate) slides: String,
    /// Of two sources, their rows of HTML. Written by the first request for the two.
    rows: MadeOnce<(String, String), Arc<str>>,
}

impl Site {
    /// Looks for them, as a demo does; the notes name these ports.
    ///
    /// # Errors
    /// When there are no pages or no notes.
    pub(crate) fn find(
        folder: Option<PathBuf>,
        ports: &[u16; 7],
    ) -> Result<Self, Error> {
        let folder = Pages::find(folder, WORKSHOP)?.folder().to_owned();
        let notes = folder.join("../workshop-notes");
        let names = TECHNIQUES.map(|technique| technique.name);
        let chapters = notes::read(&notes, ports, &names)
            .map_err(|_| Error::NoPages { missing: notes.clone() })?;
        let slides = notes::sections(&chapters);
        let rows = MadeOnce::new(ROWS_LIMIT);
        Ok(Self { folder, notes, chapters, slides, rows })
    }

    /// The questions of the quiz.
    pub(crate) fn quiz(&self) -> PathBuf {
        self.notes.join("quiz.toml")
    }

    /// Two sources side by side. That takes a while, so it is done once, however many
    /// ask for it meanwhile, and elsewhere: this thread has all pages to answer.
    pub(crate) async fn rows(
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

    /// A page of ours, with a text for each mark in it.
    pub(crate) fn page(&self, name: &str, marks: &[(&str, &str)]) -> Result<String> {
        let file = self.folder.join("workshop").join(name);
        let page = fs::read_to_string(&file).map_err(|error| {
            ErrorInternalServerError(format!(
                "{} can't be read ({error}): is the folder of the pages complete?",
                file.display()
            ))
        })?;
        Ok(fill_in(&page, marks))
    }
}

/// A template with a text for each mark. It is read once, from front to back: a text that
/// contains a mark stays as it is.
fn fill_in(template: &str, marks: &[(&str, &str)]) -> String {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    loop {
        let found = marks.iter().filter_map(|(mark, text)| {
            let (before, after) = rest.split_once(mark)?;
            Some((before, text, after))
        });
        let Some((before, text, after)) =
            found.min_by_key(|(before, ..)| before.len())
        else {
            return page + rest;
        };
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
}

/// A handler for a page as it is in its file.
pub(crate) fn page(
    name: &'static str,
) -> impl Handler<(Data<Site>,), Output = Result<HttpResponse>> {
    move |site: Data<Site>| async move { html(site.page(name, &[])?) }
}

pub(crate) fn html(page: String) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(page))
}

#[cfg(test)]
mod tests {
    use super::fill_in;

    #[test]
    fn a_text_that_contains_a_mark_stays_as_it_is() {
        let marks = [("<!-- title -->", "<!-- text -->"), ("<!-- text -->", "long")];
        let template = "<h1><!-- title --></h1><!-- text --><!-- title --> end";
        assert_eq!(
            fill_in(template, &marks),
            "<h1><!-- text --></h1>long<!-- text --> end"
        );
        let marks = [("a", "b"), ("b", "a")];
        assert_eq!(fill_in("abab", &marks), "baba");
        assert_eq!(fill_in("", &marks), "");
        assert_eq!(fill_in("nothing", &[]), "nothing");
    }
}
