//! # Weather: ask again, and mostly be told that nothing changed
//!
//! The weather changes more slowly than people look, and is the same for all. So a response
//! says for how long nobody needs to ask again, and has a name. A request with that name is
//! answered by a head alone, as long as it is the newest (RFC 9110 §13.1, RFC 9111 §4.3). The
//! browser's cache does all of this by itself.
//!
//! ```text
//! GET /weather/report HTTP/1.1          GET /weather/report HTTP/1.1
//!                                       If-None-Match: "k3f9-17"
//!
//! HTTP/1.1 200 OK                       HTTP/1.1 304 Not Modified
//! etag: "k3f9-17"                       etag: "k3f9-17"
//! last-modified: Fri, 20 Nov 2026 …     last-modified: Fri, 20 Nov 2026 …
//! cache-control: max-age=5              cache-control: max-age=5
//!
//! {"cities":[{"name":"Berlin","degrees":[7.4,7.1,…]},…]}
//! ```

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        CacheControl, CacheDirective, ETag, EntityTag, Header, HttpDate,
        IfModifiedSince, IfNoneMatch, LastModified,
    },
    rt::spawn,
    web::Data,
};
use feed::{Cursor, Run};
use rand::RngExt;
use serde::Serialize;
use stage::{Routes, get};
use tokio::{sync::watch, time::sleep};

use crate::{events::json, gallery::Gallery, headers::no_store};

const CITIES: [&str; 8] =
    ["Berlin", "Cairo", "Lagos", "Lima", "London", "Mumbai", "Oslo", "Tokyo"];
/// How many hours a forecast has, from now on.
const HOURS: usize = 24;
/// How long a response may be used without asking again, in seconds.
const MAX_AGE: u32 = 5;

#[derive(Debug, Clone, Serialize)]
struct City {
    name: &'static str,
    /// Celsius, an hour each.
    degrees: Vec<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct Report {
    cities: Vec<City>,
    /// Of this run of the server: another run has other names.
    #[serde(skip)]
    id: Cursor,
    #[serde(skip)]
    modified: SystemTime,
}

/// Adds `GET /weather/report`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let (sender, newest) = watch::channel(Arc::new(Report::first()));
    let newest = Data::new(newest);
    let every = gallery.flags.weather;
    spawn(async move {
        while !sender.is_closed() {
            sleep(every).await;
            sender.send_modify(|report| *report = Arc::new(report.next()));
        }
    });
    move |app| {
        app.app_data(newest.clone());
        app.service(get("/weather/report", answer).wrap(no_store()));
    }
}

/// Answers at once: 200 with the newest report, or 304 when the client has it.
async fn answer(
    request: HttpRequest,
    newest: Data<watch::Receiver<Arc<Report>>>,
) -> HttpResponse {
    let report = newest.borrow().clone();
    let mut response = match report.is_known(&request) {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header(ETag(report.tag()))
        .insert_header(LastModified(HttpDate::from(report.modified)))
        .insert_header(CacheControl(vec![CacheDirective::MaxAge(MAX_AGE)]));
    match report.is_known(&request) {
        true => response.finish(),
        false => response.content_type("application/json").body(json(&*report)),
    }
}

impl Report {
    fn first() -> Self {
        let mut random = rand::rng();
        let city = |name| {
            let now: f64 = random.random_range(-5.0..30.0);
            let hour = |hour: usize| now + 4.0 * (hour as f64 / 4.0).sin();
            City { name, degrees: (0..HOURS).map(hour).map(tenths).collect() }
        };
        let cities = CITIES.map(city).into();
        let id = Cursor { run: Run::draw(), seq: 1 };
        Self { cities, id, modified: SystemTime::now() }
    }

    /// Each city is a little warmer or colder.
    fn next(&self) -> Self {
        let mut next = self.clone();
        for city in &mut next.cities {
            let drift = rand::random_range(-1.0..1.0);
            city.degrees.iter_mut().for_each(|hour| *hour = tenths(*hour + drift));
        }
        next.id.seq += 1;
        next.modified = SystemTime::now();
        next
    }

    fn tag(&self) -> EntityTag {
        EntityTag::new_strong(self.id.to_string())
    }

    /// Whether the client has this report. The name is exact, the time only to the second,
    /// and looked at when there is no name (RFC 9110 §13.2.2).
    fn is_known(&self, request: &HttpRequest) -> bool {
        if request.headers().contains_key("If-None-Match") {
            return match IfNoneMatch::parse(request) {
                Ok(IfNoneMatch::Any) => true,
                Ok(IfNoneMatch::Items(known)) => {
                    known.iter().any(|known| known.weak_eq(&self.tag()))
                }
                Err(_) => false,
            };
        }
        let since = IfModifiedSince::parse(request);
        since.is_ok_and(|IfModifiedSince(time)| {
            seconds(self.modified) <= seconds(time.into())
        })
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

fn tenths(degrees: f64) -> f64 {
    (degrees * 10.0).round() / 10.0
}
