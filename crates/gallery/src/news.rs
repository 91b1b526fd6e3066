//! # The news wall: server-sent events down, requests up
//!
//! Attendees post headlines, and all pages show them. What comes down is a stream that the
//! browser reads; what goes up is now and then one request, with a status code as its answer.
//! The wall is small, so a page that comes back is sent all of it.
//!
//! ```text
//! POST /news/headlines               GET /news/events
//! {"key":"4f1c","text":"Hello"}
//!                                    event: wall
//! 201 Created                        data: {"paused":false,"headlines":[…]}
//!
//!                                    event: headline
//!                                    data: {"number":7,"text":"Hello","at":1795207096301}
//! ```

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::{ErrorBadRequest, ErrorForbidden},
    web::{self, Data, Json, Path},
};
use serde::Deserialize;
use stage::{Routes, printable};

use self::wall::Wall;
use crate::{
    events::respond, gallery::Gallery, headers::no_store, limits::Limits,
    presenter::Presenter,
};

mod wall;

const TEXT_LIMIT: usize = 140;
const KEY_LIMIT: usize = 40;

/// What an attendee posts. The page draws the key: a headline that is sent again, because
/// its answer was lost, has the same one.
#[derive(Deserialize)]
struct Post {
    key: String,
    text: String,
}

struct News {
    wall: Wall,
    limits: Limits,
}

/// Adds `/news/events`, `/news/headlines` and `/news/paused`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let limits = Limits::new(Duration::from_secs(3), 5);
    let news = Data::new(News { wall: Wall::new(gallery), limits });
    move |app| {
        app.app_data(news.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/news/events").get(events));
        app.service(resource("/news/headlines").post(post).delete(clear));
        app.service(resource("/news/headlines/{number}").delete(hide));
        app.service(resource("/news/paused").put(pause));
    }
}

/// Down: a stream that begins with the whole wall.
async fn events(news: Data<News>, gallery: Data<Gallery>) -> HttpResponse {
    let (whole, follower) = news.wall.follow();
    respond(vec![whole], follower, gallery.flags.heartbeat)
}

/// Up: a headline. 201, also when it is there already.
async fn post(
    request: HttpRequest,
    post: Json<Post>,
    news: Data<News>,
) -> Result<HttpResponse> {
    let Post { key, text } = post.into_inner();
    let key = printable(&key, KEY_LIMIT).map_err(ErrorBadRequest)?;
    let text = printable(&text, TEXT_LIMIT).map_err(ErrorBadRequest)?;
    news.limits.check(&request)?;
    match news.wall.post(key.to_owned(), text.to_owned()) {
        true => Ok(HttpResponse::Created().finish()),
        false => Err(ErrorForbidden("the presenter has paused the wall")),
    }
}

/// The presenter takes a headline off all walls …
async fn hide(
    request: HttpRequest,
    number: Path<u64>,
    news: Data<News>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    news.wall.hide(*number);
    Ok(HttpResponse::NoContent().finish())
}

/// … or empties them …
async fn clear(
    request: HttpRequest,
    news: Data<News>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    news.wall.clear();
    Ok(HttpResponse::NoContent().finish())
}

/// … or lets nobody post for a while.
async fn pause(
    request: HttpRequest,
    paused: Json<bool>,
    news: Data<News>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    news.wall.pause(*paused);
    Ok(HttpResponse::NoContent().finish())
}
