//! # The gallery: what each technique is good for
//!
//! Small applications, each by the technique that fits it. One is a pair of files, to be
//! read side by side: `src/NAME.rs` and `static/gallery/NAME/client.js`.
//!
//! ```text
//!             ┌ /stock/          the page          static/gallery/stock/
//! browser ────┼ /stock/events    its endpoints     src/stock.rs
//!             └ /stock/stock.rs  the source, as compiled into this server
//! ```
//!
//! All that people write is kept in memory, bounded, and gone when the server ends; their
//! pages are told so. The presenter can take back what was written, with the key that the
//! terminal prints.
//!
//! Run it: `cargo run -p gallery`, then open <http://localhost:3012/>.

use actix_web::{
    HttpResponse,
    http::header::ContentType,
    web::{self, Data, JsonConfig},
};
use feed::Feed;
use serde::Serialize;
use stage::{Routes, Technique, get};

pub use crate::{clients::Clients, flags::Flags, presenter::Presenter};
use crate::{gallery::Gallery, headers::no_store};

mod answer;
mod clients;
mod events;
mod flags;
mod gallery;
mod headers;
mod kept;
mod limits;
mod log;
mod mail;
mod monitor;
mod news;
mod presenter;
mod stock;
mod weather;
mod whiteboard;

/// The name, port, endpoints and source of the gallery.
pub const TECHNIQUE: Technique = Technique {
    name: "gallery",
    port: 3012,
    endpoints: &[
        "/stock/events",
        "/news/events",
        "/monitor/events",
        "/log/events",
        "/answer/questions",
        "/mail/letters",
        "/weather/report",
        "/whiteboard/socket",
    ],
    source: include_str!("lib.rs"),
};

/// How many bytes the content of a request may have: 280 characters fit, however they are
/// escaped.
const CONTENT_BYTES: usize = 4 << 10;

/// One application, as lists and pages need it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Application {
    /// Its path, its module, and its folder below `static/gallery/`.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The name of the technique that it is an example of.
    pub technique: &'static str,
    /// Its module, for its page to show.
    #[serde(skip)]
    pub source: &'static str,
    #[serde(skip)]
    routes: fn(&Gallery) -> Box<dyn Routes>,
}

/// An application, by its module.
macro_rules! application {
    ($name:ident, $title:literal, $technique:literal) => {
        Application {
            name: stringify!($name),
            title: $title,
            technique: $technique,
            source: include_str!(concat!(stringify!($name), ".rs")),
            routes: |gallery| Box::new($name::routes(gallery)),
        }
    };
}

/// All of them, in the order of the page.
pub const APPLICATIONS: [Application; 8] = [
    application!(stock, "Stock prices", "sse"),
    application!(news, "News wall", "sse"),
    application!(monitor, "Server monitor", "sse"),
    application!(log, "Log stream", "sse"),
    application!(answer, "Answer, word by word", "sse"),
    application!(mail, "Mail", "long-poll"),
    application!(weather, "Weather", "short-poll"),
    application!(whiteboard, "Whiteboard", "websocket"),
];

/// Adds the endpoints of all applications, and the list of them. `clients` are those of a
/// proxy before this server, if there is one.
pub fn routes(
    server: &Feed,
    flags: &Flags,
    presenter: Presenter,
    clients: Clients,
) -> impl Routes + use<> {
    let gallery = Gallery::new(server.clone(), flags.clone());
    let applications = APPLICATIONS.map(|each| (each, (each.routes)(&gallery)));
    let (gallery, presenter) = (Data::new(gallery), Data::new(presenter));
    let clients = Data::new(clients);
    move |app| {
        app.app_data(gallery.clone()).app_data(presenter.clone());
        app.app_data(clients.clone());
        app.app_data(JsonConfig::default().limit(CONTENT_BYTES));
        app.service(get("/applications", list).wrap(no_store()));
        app.service(get("/presenter", presenter::check).wrap(no_store()));
        for &(Application { name, source, .. }, ref routes) in &applications {
            // The page refers to its files by their names alone.
            app.service(web::redirect(format!("/{name}"), format!("/{name}/")));
            let source = move || async move {
                HttpResponse::Ok()
                    .content_type(ContentType::plaintext())
                    .body(source)
            };
            app.service(get(&format!("/{name}/{name}.rs"), source).wrap(no_store()));
            routes(app);
        }
    }
}

async fn list() -> HttpResponse {
    HttpResponse::Ok().json(APPLICATIONS)
}
