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
mod not_connected;
mod not_delivered;
mod origin;
mod shared;

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    http::header::AUTHORIZATION,
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
/// The longest topic (RFC 8030 §5.4).
const TOPIC_BYTES: usize = 32;
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
    let ttl = field("ttl").and_then(parse_ttl).ok_or(NotDelivered::NoTtl)?;
    let topic = request.headers().get("topic");
    let topic = topic.map(|topic| parse_topic(topic.as_bytes())).transpose()?;
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

/// Seconds, in digits alone. As many as can't be counted are as many as can be.
fn parse_ttl(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

fn parse_topic(topic: &[u8]) -> Result<String, NotDelivered> {
    let is_base64 =
        topic.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_base64 || topic.is_empty() || topic.len() > TOPIC_BYTES {
        return Err(NotDelivered::BadTopic);
    }
    Ok(topic.iter().copied().map(char::from).collect())
}

/// A browser's WebSocket.
async fn connect(
    request: HttpRequest,
    body: Payload,
    service: Data<PushService>,
) -> Result<HttpResponse> {
    not_connected::only_browsers(&request, &service.origin)?;
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, MESSAGE_BYTES)?;
    let (response, socket, messages) =
        actix_ws::handle_with_protocols(&request, body, &[PROTOCOL])?;
    spawn(Browser::new(service, socket).serve(messages));
    Ok(response)
}
