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

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::{ErrorBadRequest, ErrorForbidden},
    web::{self, Bytes, Data, Json, Path},
};
use feed::{Feed, Follower, unix_millis};
use serde::{Deserialize, Serialize};
use stage::{Routes, printable};

use crate::{
    events::{event, json, publish, respond},
    gallery::Gallery,
    headers::no_store,
    limits::Limits,
    presenter::Presenter,
};

/// How many headlines the wall has, and how many characters each.
const WALL_CAPACITY: usize = 30;
const TEXT_LIMIT: usize = 140;
/// The changes that a slow page may be behind, before it is told that it missed some.
const CHANGES_CAPACITY: NonZeroUsize = NonZeroUsize::new(200).unwrap();

/// What an attendee posts. The page draws the key: a headline that is sent again, because
/// its answer was lost, has the same one.
#[derive(Deserialize)]
struct Post {
    key: String,
    text: String,
}

#[derive(Clone, Serialize)]
struct Headline {
    number: u64,
    text: String,
    /// Unix milliseconds.
    at: u64,
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    hidden: bool,
}

/// Written by attendees' posts and by the presenter, who publish under the same lock.
#[derive(Default)]
struct Wall {
    headlines: VecDeque<Headline>,
    /// The number of the newest headline.
    newest: u64,
    paused: bool,
}

struct News {
    wall: Mutex<Wall>,
    changes: Feed,
    limits: Limits,
}

/// Adds `/news/events`, `/news/headlines` and `/news/paused`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let news = Data::new(News {
        wall: Mutex::default(),
        changes: gallery.log(CHANGES_CAPACITY, "opened"),
        limits: Limits::new(Duration::from_secs(3), 5),
    });
    move |app| {
        app.app_data(news.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/news/events").get(events));
        app.service(resource("/news/headlines").post(post).delete(clear));
        app.service(resource("/news/headlines/{number}").delete(hide));
        app.service(resource("/news/paused").put(pause));
    }
}

async fn events(news: Data<News>, gallery: Data<Gallery>) -> HttpResponse {
    let (first, follower) = news.follow();
    respond(vec![first], follower, gallery.flags.heartbeat)
}

/// An attendee's headline: 201, also when it is there already.
async fn post(
    request: HttpRequest,
    post: Json<Post>,
    news: Data<News>,
) -> Result<HttpResponse> {
    let Post { key, text } = post.into_inner();
    printable(&key, 40).map_err(ErrorBadRequest)?;
    let text = printable(&text, TEXT_LIMIT).map_err(ErrorBadRequest)?.to_owned();
    news.limits.check(&request)?;
    let mut wall = news.wall();
    if wall.paused {
        return Err(ErrorForbidden("the presenter has paused the wall"));
    }
    if !wall.headlines.iter().any(|headline| headline.key == key) {
        wall.newest += 1;
        let (number, at) = (wall.newest, unix_millis());
        let headline = Headline { number, text, at, key, hidden: false };
        publish(&news.changes, "headline", &headline);
        wall.headlines.push_back(headline);
        if wall.headlines.len() > WALL_CAPACITY {
            wall.headlines.pop_front();
        }
    }
    Ok(HttpResponse::Created().finish())
}

/// Takes a headline off all walls.
async fn hide(
    request: HttpRequest,
    number: Path<u64>,
    news: Data<News>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    let mut wall = news.wall();
    for headline in wall.headlines.iter_mut().filter(|h| h.number == *number) {
        headline.hidden = true;
    }
    publish(&news.changes, "hidden", &*number);
    Ok(HttpResponse::NoContent().finish())
}

/// Empties all walls.
async fn clear(
    request: HttpRequest,
    news: Data<News>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    let mut wall = news.wall();
    wall.headlines.clear();
    publish(&news.changes, "wall", &wall.shown());
    Ok(HttpResponse::NoContent().finish())
}

/// While it is paused, nobody's headline is taken.
async fn pause(
    request: HttpRequest,
    paused: Json<bool>,
    news: Data<News>,
    presenter: Data<Presenter>,
) -> Result<HttpResponse> {
    presenter.authorize(&request)?;
    let mut wall = news.wall();
    wall.paused = *paused;
    publish(&news.changes, "paused", &*paused);
    Ok(HttpResponse::NoContent().finish())
}

impl News {
    fn wall(&self) -> MutexGuard<'_, Wall> {
        self.wall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The whole wall, and what follows it. Under the lock: a headline is on the wall or
    /// comes after it, and never neither or both.
    fn follow(&self) -> (Bytes, Follower) {
        let wall = self.wall();
        let now = self.changes.since(None).cursor();
        let whole = event(Some("wall"), now, &json(&wall.shown()));
        (whole, self.changes.follow(now))
    }
}

/// A wall as pages see it.
#[derive(Serialize)]
struct Shown<'a> {
    paused: bool,
    headlines: Vec<&'a Headline>,
}

impl Wall {
    fn shown(&self) -> Shown<'_> {
        let headlines = self.headlines.iter().filter(|headline| !headline.hidden);
        Shown { paused: self.paused, headlines: headlines.collect() }
    }
}
