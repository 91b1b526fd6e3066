//! A peer to compare with: the techniques on axum, as its examples would have them. The
//! same paths, samples and rhythm as the workshop's; a broadcast to all listeners,
//! serialised once. A client that falls behind loses samples, and is not told.

use std::{
    collections::VecDeque,
    convert::Infallible,
    env,
    sync::{Arc, RwLock},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response, Sse, sse},
    routing::get,
    serve::ListenerExt,
};
use rand::RngExt;
use serde::Deserialize;
use tokio::{net::TcpListener, sync::broadcast, time};

const KEEP: usize = 1000;

/// A sample, serialised.
#[derive(Clone)]
struct Sample {
    seq: u64,
    id: Arc<str>,
    json: Utf8Bytes,
}

#[derive(Clone)]
struct Feed {
    log: Arc<RwLock<VecDeque<Sample>>>,
    news: broadcast::Sender<Sample>,
}

impl Feed {
    fn publish(&self, run: &str, seq: u64) {
        let mut random = rand::rng();
        let letter = |_| {
            char::from(
                b"0123456789abcdefghijklmnopqrstuvwxyz"[random.random_range(0..36)],
            )
        };
        let data: String = (0..13).map(letter).collect();
        let id = format!("{run}-{seq}");
        let at = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() as u64;
        let json = serde_json::json!(data);
        let json = format!(r#"{{"id":"{id}","seq":{seq},"at":{at},"data":{json}}}"#);
        let sample = Sample { seq, id: id.into(), json: json.into() };
        let mut log = self.log.write().unwrap();
        if log.len() == KEEP {
            log.pop_front();
        }
        log.push_back(sample.clone());
        // It fails without listeners.
        let _ = self.news.send(sample);
    }

    /// The newest sample, and all that come after it.
    fn follow(&self) -> (Sample, broadcast::Receiver<Sample>) {
        let log = self.log.read().unwrap();
        (log.back().unwrap().clone(), self.news.subscribe())
    }

    fn since(&self, after: Option<&str>) -> Vec<Sample> {
        let log = self.log.read().unwrap();
        let newest = log.back().unwrap().seq;
        let seq = after.and_then(|after| after.split_once('-')?.1.parse().ok());
        let unread = newest.saturating_sub(seq.unwrap_or(newest - 1)) as usize;
        log.iter().skip(log.len().saturating_sub(unread)).cloned().collect()
    }
}

#[derive(Deserialize)]
struct Resume {
    after: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let every = every();
    let feed = Feed { log: Arc::default(), news: broadcast::channel(KEEP).0 };
    feed.publish("axum", 1);
    tokio::spawn({
        let feed = feed.clone();
        async move {
            let mut next = time::Instant::now();
            for seq in 2.. {
                next += pause(every);
                if next.elapsed() > Duration::from_secs(1) {
                    next = time::Instant::now();
                }
                time::sleep_until(next).await;
                feed.publish("axum", seq);
            }
        }
    });
    let app = Router::new()
        .route("/short-polling", get(short_polling))
        .route("/long-polling", get(long_polling))
        .route("/stream", get(stream))
        .route("/api/v1/live-data", get(live_data))
        .route("/chat", get(chat))
        .with_state(feed);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://localhost:{}/", listener.local_addr().unwrap().port());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, app).await.unwrap();
}

async fn short_polling(resume: Query<Resume>, feed: State<Feed>) -> Response {
    array(&feed.since(resume.after.as_deref()))
}

async fn long_polling(resume: Query<Resume>, feed: State<Feed>) -> Response {
    let mut news = feed.news.subscribe();
    let mut samples = feed.since(resume.after.as_deref());
    if samples.is_empty() {
        let _ = time::timeout(Duration::from_secs(30), news.recv()).await;
        samples = feed.since(resume.after.as_deref());
    }
    array(&samples)
}

fn array(samples: &[Sample]) -> Response {
    if samples.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let samples: Vec<_> =
        samples.iter().map(|sample| sample.json.as_str()).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, format!("[{}]", samples.join(","))).into_response()
}

async fn stream(feed: State<Feed>) -> Response {
    let (newest, mut news) = feed.follow();
    let lines = async_stream::stream! {
        let line = |sample: Sample| Bytes::from(format!("{}\n", sample.json));
        yield Ok::<_, Infallible>(line(newest));
        while let Some(sample) = next(&mut news).await {
            yield Ok(line(sample));
        }
    };
    let headers =
        [(header::CONTENT_TYPE, "text/plain"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(lines)).into_response()
}

async fn live_data(feed: State<Feed>) -> impl IntoResponse {
    let (newest, mut news) = feed.follow();
    let events = async_stream::stream! {
        let event = |s: Sample| sse::Event::default().id(&*s.id).data(s.json.as_str());
        yield Ok::<_, Infallible>(event(newest));
        while let Some(sample) = next(&mut news).await {
            yield Ok(event(sample));
        }
    };
    Sse::new(events).keep_alive(sse::KeepAlive::default())
}

async fn chat(upgrade: WebSocketUpgrade, feed: State<Feed>) -> Response {
    upgrade.protocols(["chat"]).on_upgrade(move |socket| talk(socket, feed.0))
}

async fn talk(mut socket: WebSocket, feed: Feed) {
    let (newest, mut news) = feed.follow();
    if socket.send(Message::Text(newest.json)).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            sample = next(&mut news) => {
                let Some(sample) = sample else { return };
                if socket.send(Message::Text(sample.json)).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => {
                let Some(Ok(_)) = message else { return };
            }
        }
    }
}

/// A client that has fallen behind goes on with what is left.
async fn next(news: &mut broadcast::Receiver<Sample>) -> Option<Sample> {
    loop {
        match news.recv().await {
            Ok(sample) => return Some(sample),
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return None,
        }
    }
}

/// `--every 100ms`, and nothing else.
fn every() -> Duration {
    let millis =
        env::args().nth(2).and_then(|text| text.strip_suffix("ms")?.parse().ok());
    Duration::from_millis(millis.expect("--every 100ms"))
}

/// Between half and double of `mean`, and `mean` on average, as the workshop's.
fn pause(mean: Duration) -> Duration {
    let mut random = rand::rng();
    mean.mul_f64(if random.random_ratio(2, 3) {
        random.random_range(0.5..1.0)
    } else {
        random.random_range(1.0..2.0)
    })
}
