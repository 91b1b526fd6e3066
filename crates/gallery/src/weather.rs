//! # Weather: ask again, and mostly be told that nothing changed
//!
//! The weather changes more slowly than people look, and is the same for all. So a
//! response says for how long nobody needs to ask again, and has a name. A request
//! with that name is answered by a head alone, as long as it is the newest (RFC 9110
//! §13.1, RFC 9111 §4.3). The browser's cache does all of this by itself.
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
    http::{
        StatusCode,
        header::{
            CacheControl, CacheDirective, ETag, EntityTag, Header, HttpDate,
            IfModifiedSince, IfNoneMatch, LastModified,
        },
    },
    rt::spawn,
    web::Data,
};
use stage::{Routes, get};
use tokio::{sync::watch, time::sleep};

use self::report::Report;
use crate::{events::json, gallery::Gallery, headers::no_store};

mod report;

/// How long a response may be used without asking again, in seconds.
const REPORT_TTL: u32 = 5;

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
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(tag(&report)))
        .insert_header(LastModified(HttpDate::from(report.modified)))
        .insert_header(CacheControl(vec![CacheDirective::MaxAge(REPORT_TTL)]));
    match is_known(&report, &request) {
        true => response.status(StatusCode::NOT_MODIFIED).finish(),
        false => response.content_type("application/json").body(json(&*report)),
    }
}

fn tag(report: &Report) -> EntityTag {
    EntityTag::new_strong(report.id.to_string())
}

/// Whether the client has this report. The name is exact, the time only to the
/// second, and looked at when there is no name (RFC 9110 §13.2.2).
fn is_known(report: &Report, request: &HttpRequest) -> bool {
    if request.headers().contains_key("If-None-Match") {
        return match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(known)) => {
                known.iter().any(|known| known.weak_eq(&tag(report)))
            }
            Err(_) => false,
        };
    }
    let since = IfModifiedSince::parse(request);
    since.is_ok_and(|IfModifiedSince(time)| {
        seconds(report.modified) <= seconds(time.into())
    })
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
