//! # A program for each part, and a gateway before them
//!
//! The gateway holds the readers' streams and asks the parts over the network: from a like
//! to all readers is a request, which can fail, and then a function call. A deploy of a
//! new version of *likes* ends that program alone: until it is back, the gateway answers
//! 503 for it, and every stream goes on.

use std::net::SocketAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Json, JsonConfig, Path},
};
use feed::Feed;
use stage::Routes;

use crate::{
    ask::{Unanswered, ask},
    parts::{Change, Part, PartName, Refused},
    readers::{events, process},
};

/// What the program before the parts is called.
pub(crate) const GATEWAY: &str = "gateway";

/// Connections to the program of a part: from the gateway alone, one a request.
pub(crate) const CONNECTION_LIMIT: usize = 1000;

/// Where the parts listen, in the order of their names.
type Services = [SocketAddr; 3];

/// Adds what the gateway passes on to the parts, and the readers' stream.
pub(crate) fn gateway(services: Services, readers: Feed) -> impl Routes {
    let (services, readers) = (Data::new(services), Data::new(readers));
    move |app| {
        app.app_data(services.clone()).app_data(readers.clone());
        app.app_data(JsonConfig::default().limit(1024));
        app.route("/events", web::get().to(events))
            .route("/process", web::get().to(process(GATEWAY)))
            .route("/{part:posts|comments|likes}", web::get().to(forward))
            .route("/{part:posts|comments|likes}", web::post().to(change))
            .route("/{part:posts|comments|likes}/process", web::get().to(forward));
    }
}

/// Asks a part what it keeps, or in which process it runs.
async fn forward(
    request: HttpRequest,
    part: Path<PartName>,
    services: Data<Services>,
) -> Result<HttpResponse, Unanswered> {
    Ok(ask(services[*part as usize], "GET", request.path(), "").await?.into())
}

/// Asks a part to make a change. When it has, tells the readers.
async fn change(
    request: HttpRequest,
    part: Path<PartName>,
    Json(change): Json<Change>,
    services: Data<Services>,
    readers: Data<Feed>,
) -> Result<HttpResponse, Unanswered> {
    let service = services[*part as usize];
    let answer = ask(service, "POST", request.path(), &change.json()).await?;
    if answer.status.is_success() {
        readers.publish(&answer.content);
    }
    Ok(answer.into())
}

/// The program of one part, which has no readers.
pub(crate) fn service(part: Part) -> impl Routes {
    let (name, part) = (part.name(), Data::new(part));
    move |app| {
        app.app_data(part.clone()).app_data(JsonConfig::default().limit(1024));
        app.route("/{part}", web::get().to(all))
            .route("/{part}", web::post().to(change_here))
            .route("/{part}/process", web::get().to(process(name)));
    }
}

/// What it keeps.
async fn all(part: Data<Part>) -> HttpResponse {
    HttpResponse::Ok().json(part.all())
}

/// Makes a change, and answers with what the readers are to be told.
async fn change_here(
    part: Data<Part>,
    Json(change): Json<Change>,
) -> Result<HttpResponse, Refused> {
    Ok(HttpResponse::Ok().json(part.change(change)?))
}
