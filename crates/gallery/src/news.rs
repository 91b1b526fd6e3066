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
    web::{self, Data, Json, Path},
};
use stage::Routes;

use self::wall::{Post, Wall};
use crate::{
    events::respond, gallery::Gallery, headers::no_store, limits::Limits,
    presenter::Authorized,
};

mod wall;

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
    respond(whole, follower, gallery.flags.heartbeat)
}

/// Up: a headline. 201, also when it is there already.
async fn post(
    request: HttpRequest,
    post: Json<Post>,
    news: Data<News>,
) -> Result<HttpResponse> {
    let post = post.into_inner().checked()?;
    news.limits.check(&request)?;
    news.wall.post(post)?;
    Ok(HttpResponse::Created().finish())
}

/// The presenter takes a headline off all walls …
async fn hide(_: Authorized, number: Path<u64>, news: Data<News>) -> HttpResponse {
    news.wall.hide(*number);
    HttpResponse::NoContent().finish()
}

/// … or empties them …
async fn clear(_: Authorized, news: Data<News>) -> HttpResponse {
    news.wall.clear();
    HttpResponse::NoContent().finish()
}

/// … or lets nobody post for a while.
async fn pause(_: Authorized, paused: Json<bool>, news: Data<News>) -> HttpResponse {
    news.wall.pause(*paused);
    HttpResponse::NoContent().finish()
}
