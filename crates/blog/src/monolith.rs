//! # One program
//!
//! Posts, comments and likes are modules of the program that holds the readers' streams:
//! from a like to all readers is a function call. A deploy of a new version of *likes*
//! ends this program: until it is back, nothing answers, and every stream is cut.

use actix_web::{
    HttpResponse,
    web::{self, Data, Json, JsonConfig, Path},
};
use feed::Feed;
use stage::Routes;

use crate::{
    parts::{Change, Part, PartName, Refused},
    readers::{events, process},
};

/// What this program is called.
pub(crate) const NAME: &str = "monolith";

/// The parts, in the order of their names.
type Parts = [Part; 3];

/// Adds what the parts answer, and the readers' stream.
pub(crate) fn routes(parts: Parts, readers: Feed) -> impl Routes {
    let (parts, readers) = (Data::new(parts), Data::new(readers));
    move |app| {
        app.app_data(parts.clone()).app_data(readers.clone());
        app.app_data(JsonConfig::default().limit(1024));
        app.route("/events", web::get().to(events))
            .route("/process", web::get().to(process(NAME)))
            .route("/{part:posts|comments|likes}", web::get().to(all))
            .route("/{part:posts|comments|likes}", web::post().to(change))
            .route("/{part}/process", web::get().to(process(NAME)));
    }
}

/// What a part keeps.
async fn all(part: Path<PartName>, parts: Data<Parts>) -> HttpResponse {
    HttpResponse::Ok().json(parts[*part as usize].all())
}

/// Has a part make a change, and tells the readers.
async fn change(
    part: Path<PartName>,
    Json(change): Json<Change>,
    parts: Data<Parts>,
    readers: Data<Feed>,
) -> Result<HttpResponse, Refused> {
    let news = parts[*part as usize].change(change)?;
    readers.publish(&news.json());
    Ok(HttpResponse::Ok().json(news))
}
