//! # A push service, so that there need not be internet
//!
//! This is what a browser's maker runs, as small as it can be: each browser keeps one
//! WebSocket open, and what is posted to its endpoints goes down there. The WebSocket speaks
//! what Firefox speaks (Mozilla's autopush); the POST is RFC 8030's. It can read no message.
//!
//! ```text
//! GET /push-service HTTP/1.1, Upgrade: websocket, Sec-WebSocket-Protocol: push-notification
//!
//! ► {"messageType":"hello","use_webpush":true,"uaid":""}
//! ◄ {"messageType":"hello","uaid":"5f0e…","status":200,"use_webpush":true}
//! ► {"messageType":"register","channelID":"d9b7…","key":"BA1Hxzyi…"}
//! ◄ {"messageType":"register","channelID":"d9b7…","status":200,
//!    "pushEndpoint":"http://127.0.0.1:4009/endpoint/JzLQ3raZ…"}
//!                                              the page is closed; POST /endpoint/JzLQ3raZ…
//! ◄ {"messageType":"notification","channelID":"d9b7…","version":"u2Xq…","data":"DGv6ra1n…",
//!    "headers":{"encoding":"aes128gcm"}}
//! ► {"messageType":"ack","updates":[{"channelID":"d9b7…","version":"u2Xq…","code":100}]}
//! ```
//!
//! It keeps all in memory: after a restart, a browser is told another `uaid`, and drops its
//! subscriptions, which tells the service worker.

mod browser;
mod mailboxes;
mod messages;
mod not_delivered;
mod origin;
mod shared;

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    http::header::{AUTHORIZATION, HeaderValue, SEC_WEBSOCKET_PROTOCOL},
    rt::spawn,
    web::{self, Data, Path, Payload, ServiceConfig},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use feed::Feed;

pub use self::origin::Origin;
use self::{browser::Browser, not_delivered::NotDelivered, shared::PushService};
use crate::vapid;

/// What a browser sends at once: its `hello` is the longest, with some hundred bytes.
const MESSAGE_BYTES: usize = 16 * 1024;
/// What a service must take (RFC 8030 §7.2). Ours takes no more.
const CONTENT_BYTES: usize = 4096;
const PROTOCOL: &str = "push-notification";

/// Adds `GET /push-service` and `POST /endpoint/{name}`.
pub(crate) fn routes(origin: Origin, feed: &Feed) -> impl stage::Routes + use<> {
    let service = Data::new(PushService::new(origin, feed.clone()));
    move |app: &mut ServiceConfig| {
        app.app_data(service.clone());
        app.route("/push-service", web::get().to(connect));
        app.route("/endpoint/{name}", web::post().to(deliver));
    }
}

/// A server's message: taken, or refused with what it has to know (RFC 8030 §5).
async fn deliver(
    request: HttpRequest,
    name: Path<String>,
    body: Payload,
    service: Data<PushService>,
) -> Result<HttpResponse, NotDelivered> {
    let field = |name| request.headers().get(name).and_then(|f| f.to_str().ok());
    let ttl = field("ttl").and_then(|ttl| ttl.parse::<u32>().ok());
    let ttl = ttl.ok_or(NotDelivered::NoTtl)?;
    if field("content-encoding") != Some("aes128gcm") {
        return Err(NotDelivered::OtherEncoding);
    }
    let key = service.mailboxes().key(&name)?;
    if let Some(key) = key {
        let token = field(AUTHORIZATION.as_str()).unwrap_or_default();
        vapid::verify(token, &key, &service.origin, feed::unix_millis() / 1000)?;
    }
    let body = body.to_bytes_limited(CONTENT_BYTES).await;
    let body = body.map_err(|_| NotDelivered::TooLong)?;
    let data = BASE64.encode(body.map_err(|_| NotDelivered::Broken)?);
    let topic = field("topic").map(str::to_owned);
    let kept = Duration::from_secs(ttl.into());
    let version = service.mailboxes().put(&name, topic, kept, data)?;
    service.news.notify_waiters();
    Ok(HttpResponse::Created()
        .insert_header((
            "Location",
            format!("{}/message/{version}", &*service.origin),
        ))
        .insert_header(("TTL", ttl.to_string()))
        .finish())
}

/// A browser's WebSocket. `Origin` is not looked at: a browser's own connection is of no
/// page, and a page that opened one would be but another browser.
async fn connect(
    request: HttpRequest,
    body: Payload,
    service: Data<PushService>,
) -> Result<HttpResponse> {
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, MESSAGE_BYTES)?;
    let (mut response, socket, messages) = actix_ws::handle(&request, body)?;
    let protocol = request.headers().get(SEC_WEBSOCKET_PROTOCOL);
    if protocol.is_some_and(|protocol| protocol == PROTOCOL) {
        let protocol = HeaderValue::from_static(PROTOCOL);
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    spawn(Browser::new(service, socket).serve(messages));
    Ok(response)
}
