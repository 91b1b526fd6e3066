//! # The news wall: server-sent events down, requests up
//!
//! Attendees post headlines, and all pages show them. What comes down is a stream
//! that the browser reads; what goes up is now and then one request, with a status
//! code as its answer. The wall is small, so a page that comes back is sent all of
//! it.
//!
//! ```text
//! POST /news/headlines               GET /news/events
//! {"key":"4f1c","text":"Hello"}
//!                                    event: wall
//! 201 Created                        data: {"paused":false,"headlines":[…]}
//!
//!                                    event: headline
//!                                    data: {"number":7,"text":"Hello","at":1795…}
//! ```

use actix_web::{
    HttpRequest, HttpResponse, Result,
    web::{self, Data, Json, Path},
};
use stage::Routes;

use self::wall::{Post, Wall};
use crate::{
    events::respond,
    gallery::Gallery,
    headers::no_store,
    presenter::{Authorized, by_presenter},
};

mod wall;

/// Adds `/news/events`, `/news/headlines` and `/news/paused`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let wall = Data::new(Wall::new(gallery));
    move |app| {
        app.app_data(wall.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/news/events").get(events));
        let clear = by_presenter(Wall::clear);
        app.service(resource("/news/headlines").post(post).delete(clear));
        app.service(resource("/news/headlines/{number}").delete(hide));
        app.service(resource("/news/paused").put(pause));
    }
}

/// Down: a stream that begins with the whole wall.
async fn events(wall: Data<Wall>, gallery: Data<Gallery>) -> HttpResponse {
    let (whole, follower) = wall.follow();
    respond(whole, follower, gallery.flags.heartbeat)
}

/// Up: a headline. 201, also when it is there already.
async fn post(
    request: HttpRequest,
    post: Json<Post>,
    wall: Data<Wall>,
) -> Result<HttpResponse> {
    wall.post(&post, &request)?;
    Ok(HttpResponse::Created().finish())
}

/// The presenter takes a headline off all walls …
async fn hide(_: Authorized, number: Path<u64>, wall: Data<Wall>) -> HttpResponse {
    wall.hide(*number);
    HttpResponse::NoContent().finish()
}

/// … empties them (`Wall::clear`), or lets nobody post for a while.
async fn pause(_: Authorized, paused: Json<bool>, wall: Data<Wall>) -> HttpResponse {
    wall.pause(*paused);
    HttpResponse::NoContent().finish()
}
