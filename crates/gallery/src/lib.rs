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

pub use crate::{flags::Flags, presenter::Presenter};
use crate::{gallery::Gallery, headers::no_store};

mod events;
mod flags;
mod gallery;
mod headers;
mod limits;
mod mail;
mod news;
mod presenter;
mod stock;
mod weather;
mod whiteboard;

/// The name, port, endpoints and source of the gallery.
pub const TECHNIQUE: Technique = Technique {
    name: "gallery",
    port: 3012,
    endpoints: &["/applications"],
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

/// All of them, in the order of the page.
pub const APPLICATIONS: [Application; 5] = [
    Application {
        name: "stock",
        title: "Stock prices",
        technique: "sse",
        source: include_str!("stock.rs"),
        routes: |gallery| Box::new(stock::routes(gallery)),
    },
    Application {
        name: "news",
        title: "News wall",
        technique: "sse",
        source: include_str!("news.rs"),
        routes: |gallery| Box::new(news::routes(gallery)),
    },
    Application {
        name: "mail",
        title: "Mail",
        technique: "long-poll",
        source: include_str!("mail.rs"),
        routes: |gallery| Box::new(mail::routes(gallery)),
    },
    Application {
        name: "weather",
        title: "Weather",
        technique: "short-poll",
        source: include_str!("weather.rs"),
        routes: |gallery| Box::new(weather::routes(gallery)),
    },
    Application {
        name: "whiteboard",
        title: "Whiteboard",
        technique: "websocket",
        source: include_str!("whiteboard.rs"),
        routes: |gallery| Box::new(whiteboard::routes(gallery)),
    },
];

/// Adds the endpoints of all applications, and the list of them.
pub fn routes(
    server: &Feed,
    flags: &Flags,
    presenter: Presenter,
) -> impl Routes + use<> {
    let gallery = Gallery::new(server.clone(), flags.clone());
    let applications = APPLICATIONS.map(|each| (each, (each.routes)(&gallery)));
    let (gallery, presenter) = (Data::new(gallery), Data::new(presenter));
    move |app| {
        app.app_data(gallery.clone()).app_data(presenter.clone());
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
