//! One POST over TCP, with TLS where the endpoint is https: connects to an address that was
//! checked, follows no redirect, and reads no more than the head of the response.

use std::{
    io,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use actix_web::{http::header::HttpDate, rt::spawn};
use http_body_util::Full;
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{HOST, RETRY_AFTER},
};
use hyper_util::rt::TokioIo;
use rustls_native_certs::load_native_certs;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use crate::endpoint::{BadEndpoint, Endpoint};

/// How long a push service may take, from the connection to the head of its response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// How an endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The field `Retry-After`: from now on (RFC 9110 §10.2.3).
    pub(crate) retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error(transparent)]
    Endpoint(#[from] BadEndpoint),
    #[error("no connection: {0}")]
    Connection(#[from] io::Error),
    #[error("no HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("no request: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("no answer within {} s", RESPONSE_TIMEOUT.as_secs())]
    Late,
}

/// Sends a POST with these fields. `allowed` is the origin of our own push service.
pub(crate) async fn post(
    endpoint: &Endpoint,
    fields: &[(&str, &str)],
    body: Vec<u8>,
    allowed: Option<&str>,
) -> Result<Answer, NoAnswer> {
    let addresses = endpoint.resolve(allowed).await?;
    let mut request =
        Request::post(endpoint.target()).header(HOST, endpoint.authority());
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body)))?;
    let exchange = async {
        let tcp = TcpStream::connect(&*addresses).await?;
        match endpoint.tls_name() {
            None => exchange(tcp, request).await,
            Some(name) => {
                let name = ServerName::try_from(name.to_owned());
                let name = name.map_err(io::Error::other)?;
                exchange(tls()?.connect(name, tcp).await?, request).await
            }
        }
    };
    timeout(RESPONSE_TIMEOUT, exchange).await.map_err(|_| NoAnswer::Late)?
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Answer, NoAnswer> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends when the sender is dropped, with the answer; a failure is the sender's, too.
    drop(spawn(connection));
    let response = sender.send_request(request).await?;
    let field = response.headers().get(RETRY_AFTER);
    Ok(Answer {
        status: StatusCode::as_u16(&response.status()),
        retry_after: field.and_then(|field| wait(field.to_str().ok()?.trim())),
    })
}

/// What `Retry-After` says: a number of seconds, or a date.
fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date: SystemTime = text.parse::<HttpDate>().ok()?.into();
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// TLS with the certificates that this machine trusts. They are read when they are needed.
fn tls() -> io::Result<TlsConnector> {
    static TLS: OnceLock<TlsConnector> = OnceLock::new();
    if let Some(tls) = TLS.get() {
        return Ok(tls.clone());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(load_native_certs().certs);
    if roots.is_empty() {
        return Err(io::Error::other(
            "this machine has no certificates to trust (Debian: ca-certificates)",
        ));
    }
    let config =
        ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(TLS.get_or_init(|| TlsConnector::from(std::sync::Arc::new(config))).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let later = HttpDate::from(SystemTime::now() + Duration::from_secs(100));
        let found = wait(&later.to_string()).unwrap().as_secs();
        assert!((60..=100).contains(&found), "{found}");
        assert_eq!(wait("30"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Fri, 31 Dec 1999 23:59:59 GMT"), Some(Duration::ZERO));
        for text in ["", "soon", "-1", "1.5"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }
}
