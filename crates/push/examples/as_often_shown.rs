//! # Web Push, as often shown
//!
//! A server that encrypts by hand, after a tutorial, and a service worker that uses a push
//! to fetch what is new. It works in the first test, and then:
//!
//! - The key and the nonce are derived once, when the page subscribes, and used for each
//!   message. Two messages with the same nonce can be read by the push service: combined
//!   with XOR, the texts are left, and with one of them known, the other.
//! - There is no `TTL`. It has to be there (RFC 8030 §5.2): the service answers 400, which
//!   nobody looks at. With `-- --ttl 60` it goes on to the next fault.
//! - The service worker shows nothing. A browser allows that a few times, and then ends
//!   the subscription (Firefox) or shows a notification of its own (Chromium).
//!
//! Run it: `scripts/push-demo`, and in a second terminal `cargo run -p push --example
//! push-as-often-shown`. In that Firefox, open <http://localhost:3109/>.

use std::{
    io,
    process::ExitCode,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    HttpResponse, Result,
    error::{ErrorBadGateway, ErrorBadRequest},
    web::{self, Data, Html, Json},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use feed::Feed;
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{
        ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral,
    },
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SystemRandom, generate},
};
use serde::Deserialize;
use stage::{Routes, Technique};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use url::Url;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// For how many seconds a message is kept [default: that is not said]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) ttl: Option<u32>,
}

fn main() -> ExitCode {
    let shown = Technique {
        port: 3109,
        endpoints: &["/subscribe", "/push"],
        source: include_str!("as_often_shown.rs"),
        ..push::TECHNIQUE
    };
    stage::main(shown, routes)
}

/// The one that has subscribed last; written by `subscribe`.
type Subscriber = Mutex<Option<(String, Sealer)>>;

/// Adds the page, its service worker, `POST /subscribe` and `POST /push`.
pub(crate) fn routes(feed: Feed, options: Options) -> impl Routes {
    let (feed, options) = (Data::new(feed), Data::new(options));
    let subscriber = Data::new(Subscriber::default());
    move |app| {
        app.app_data(feed.clone()).app_data(options.clone());
        app.app_data(subscriber.clone());
        app.route("/", web::get().to(page))
            .route("/worker.js", web::get().to(worker));
        app.route("/subscribe", web::post().to(subscribe));
        app.route("/push", web::post().to(push));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

async fn worker() -> HttpResponse {
    let script = include_str!("as_often_shown_worker.js");
    HttpResponse::Ok().content_type("text/javascript").body(script)
}

/// What a page sends.
#[derive(Debug, Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Debug, Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

async fn subscribe(
    Json(subscription): Json<Subscription>,
    subscriber: Data<Subscriber>,
) -> Result<HttpResponse> {
    let sealer = Sealer::new(&subscription.keys).map_err(ErrorBadRequest)?;
    let mut kept = subscriber.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = Some((subscription.endpoint, sealer));
    Ok(HttpResponse::Ok().finish())
}

/// Pushes the newest sample. What the service answers is passed on.
async fn push(
    feed: Data<Feed>,
    options: Data<Options>,
    subscriber: Data<Subscriber>,
) -> Result<String> {
    let newest = feed.since(None);
    let text: String = newest.samples.iter().map(|sample| &*sample.json).collect();
    let (endpoint, body) = {
        let kept = subscriber.lock().unwrap_or_else(PoisonError::into_inner);
        let (endpoint, sealer) =
            kept.as_ref().ok_or_else(|| ErrorBadRequest("nobody is subscribed"))?;
        (endpoint.clone(), sealer.seal(&text).map_err(ErrorBadRequest)?)
    };
    post(&endpoint, options.ttl, &body).await.map_err(ErrorBadGateway)
}

/// Sends to wherever the page has said. Returns the first line of the answer.
async fn post(endpoint: &str, ttl: Option<u32>, body: &[u8]) -> io::Result<String> {
    let endpoint = Url::parse(endpoint).map_err(io::Error::other)?;
    let ttl = ttl.map(|ttl| format!("TTL: {ttl}\r\n")).unwrap_or_default();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Encoding: aes128gcm\r\n{ttl}\
         Content-Length: {}\r\n\r\n",
        endpoint.path(),
        endpoint.authority(),
        body.len()
    );
    let mut stream = TcpStream::connect(&*endpoint.socket_addrs(|| None)?).await?;
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}

/// Encrypts each message with the same key and nonce.
struct Sealer {
    header: Vec<u8>,
    key: LessSafeKey,
    nonce: [u8; 12],
}

#[derive(Debug, thiserror::Error)]
#[error("not encrypted: are these the keys of a subscription?")]
struct NotEncrypted;

impl From<Unspecified> for NotEncrypted {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl Sealer {
    fn new(keys: &Keys) -> Result<Self, NotEncrypted> {
        let decode = |text| BASE64.decode(text).map_err(|_| NotEncrypted);
        let (theirs, auth) = (decode(&keys.p256dh)?, decode(&keys.auth)?);
        let random = SystemRandom::new();
        let salt: [u8; 16] = generate(&random)?.expose();
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
        let public = own.compute_public_key()?;
        let other = UnparsedPublicKey::new(&ECDH_P256, &theirs);
        let secret: [u8; 32] = agree_ephemeral(own, &other, |shared| {
            derive(&auth, shared, &[b"WebPush: info\0", &theirs, public.as_ref()])
        })??;
        let key: [u8; 16] =
            derive(&salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
        Ok(Self {
            header: [&salt[..], &[0, 0, 16, 0, 65], public.as_ref()].concat(),
            key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?),
            nonce: derive(&salt, &secret, &[b"Content-Encoding: nonce\0"])?,
        })
    }

    fn seal(&self, text: &str) -> Result<Vec<u8>, NotEncrypted> {
        let mut record = [text.as_bytes(), &[2]].concat();
        let nonce = Nonce::assume_unique_for_key(self.nonce); // it is not
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;
        Ok([&self.header[..], &record].concat())
    }
}

fn derive<const N: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[&[u8]],
) -> Result<[u8; N], Unspecified> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut derived = [0; N];
    let secret = Salt::new(HKDF_SHA256, salt).extract(secret);
    secret.expand(info, Length(N))?.fill(&mut derived)?;
    Ok(derived)
}
