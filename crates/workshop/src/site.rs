//! The files that the hub shows: its pages, and the notes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_web::{
    Handler, HttpResponse, Result,
    error::ErrorInternalServerError,
    http::header::ContentType,
    web::{self, Data},
};
use notes::Chapter;
use rust_embed::Embed;
use stage::{Assets, Error};

use crate::{made_once::MadeOnce, techniques::TECHNIQUES};

/// How many pairs of sources are kept: all that there are, and some that are edited.
const ROWS_LIMIT: usize = 100;

/// The hub's page at `/`.
const AGENDA: &str = "workshop/agenda/index.html";

/// The folder `workshop-notes`.
#[derive(Embed)]
#[folder = "../../workshop-notes/"]
struct Notes;

/// The files that the workshop shows.
pub(crate) struct Site {
    /// Those of `static`.
    pub(crate) pages: Assets,
    /// Those of `workshop-notes`.
    pub(crate) notes: Assets,
    pub(crate) chapters: Vec<Chapter>,
    /// All chapters as slides.
    pub(crate) slides: String,
    /// Of two sources, their rows of HTML. Written by the first request for the two.
    rows: MadeOnce<(String, String), Arc<str>>,
}

impl Site {
    /// Looks for them, as a demo does; the notes are beside the folder of the pages, or in
    /// this program, and name these ports.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub(crate) fn find(
        folder: Option<PathBuf>,
        ports: &[u16; 7],
    ) -> Result<Self, Error> {
        let beside = folder.as_ref().map(|pages| pages.join("../workshop-notes"));
        let pages = Assets::find(folder, AGENDA)?;
        let notes = Assets::new::<Notes>(beside.clone());
        let names = TECHNIQUES.map(|technique| technique.name);
        let folder = beside.unwrap_or_else(|| "workshop-notes".into());
        let files = chapter_files(&notes, &folder)?;
        let chapters = notes::read(files, ports, &names);
        let slides = notes::sections(&chapters);
        let rows = MadeOnce::new(ROWS_LIMIT);
        Ok(Self { pages, notes, chapters, slides, rows })
    }

    /// Two sources side by side. That takes a while, so it is done once, however many
    /// ask for it meanwhile, and elsewhere: this thread has all pages to answer.
    pub(crate) async fn rows(
        &self,
        languages: [&'static str; 2],
        left: String,
        right: String,
    ) -> Result<Arc<str>> {
        let make = async |(left, right): (String, String)| {
            let make = move || notes::rows(languages, &left, &right);
            Ok::<_, actix_web::Error>(web::block(make).await?.into())
        };
        self.rows.get((left, right), make).await
    }

    /// One of the hub's pages, with a text in place of each placeholder.
    pub(crate) fn page(
        &self,
        name: &str,
        placeholders: &[(&str, &str)],
    ) -> Result<String> {
        let file = format!("workshop/{name}");
        let page = self.pages.read(&file).map_err(|error| {
            ErrorInternalServerError(format!(
                "{file} can't be read ({error}): is the folder of the pages complete?"
            ))
        })?;
        Ok(fill_in(&page, placeholders))
    }
}

/// The chapters' names and texts. The notes are those of this folder.
fn chapter_files(
    notes: &Assets,
    folder: &Path,
) -> Result<Vec<(String, String)>, Error> {
    let unreadable = |path: PathBuf| move |source| Error::of_file(path, source);
    let mut names = notes.names().map_err(unreadable(folder.to_owned()))?;
    names.retain(|name| name.ends_with(".md"));
    let read = |name: String| {
        let text = notes.read(&name).map_err(unreadable(folder.join(&name)))?;
        Ok((name, text))
    };
    names.into_iter().map(read).collect()
}

/// A template with a text in place of each placeholder. It is read once, from front
/// to back: a text that contains a placeholder stays as it is.
fn fill_in(template: &str, placeholders: &[(&str, &str)]) -> String {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    loop {
        let found = placeholders.iter().filter_map(|(placeholder, text)| {
            let (before, after) = rest.split_once(placeholder)?;
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
    fn a_text_that_contains_a_placeholder_stays_as_it_is() {
        let placeholders =
            [("<!-- title -->", "<!-- text -->"), ("<!-- text -->", "long")];
        let template = "<h1><!-- title --></h1><!-- text --><!-- title --> end";
        assert_eq!(
            fill_in(template, &placeholders),
            "<h1><!-- text --></h1>long<!-- text --> end"
        );
        let placeholders = [("a", "b"), ("b", "a")];
        assert_eq!(fill_in("abab", &placeholders), "baba");
        assert_eq!(fill_in("", &placeholders), "");
        assert_eq!(fill_in("nothing", &[]), "nothing");
    }
}
