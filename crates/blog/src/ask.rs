//! One request to another program over a connection of its own, as most proxies send it
//! unless told otherwise: in HTTP/1.0, where the end of the connection ends the response.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a program may take to respond.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest response that is read: all that a part keeps is a quarter of it.
const RESPONSE_LIMIT: u64 = 256 * 1024; // bytes

/// A response whose content is JSON, or says in text what was wrong.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    content_type: String,
    pub(crate) content: String,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error(
        "{0} is away: nothing listens there ({1}); nothing was changed, try again in 2 s"
    )]
    Away(String, io::Error),
    #[error(
        "the response to {0} was lost: perhaps the change was made; look before you try again"
    )]
    Lost(String),
    #[error(
        "no response to {0} within 5 s: perhaps the change was made; look before you try again"
    )]
    Silent(String),
}

impl ResponseError for Unanswered {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Away(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Lost(_) => StatusCode::BAD_GATEWAY,
            Self::Silent(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Self::Away(..) = self {
            response.insert_header(("Retry-After", "2"));
        }
        response.content_type("text/plain; charset=utf-8").body(self.to_string())
    }
}

/// Asks the program at an address.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    content: &str,
) -> Result<Answer, Unanswered> {
    let what = || format!("{method} {path}");
    let ask = async {
        let connect = TcpStream::connect(address).await;
        let mut stream =
            connect.map_err(|error| Unanswered::Away(path.to_owned(), error))?;
        let request = format!(
            "{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{content}",
            content.len()
        );
        let mut response = String::new();
        let exchange = async {
            stream.write_all(request.as_bytes()).await?;
            stream.take(RESPONSE_LIMIT).read_to_string(&mut response).await
        };
        exchange.await.map_err(|_| Unanswered::Lost(what()))?;
        Answer::parse(&response).ok_or_else(|| Unanswered::Lost(what()))
    };
    timeout(RESPONSE_TIMEOUT, ask)
        .await
        .unwrap_or_else(|_| Err(Unanswered::Silent(what())))
}

impl Answer {
    /// Reads a response that came to its end; none, if that is missing.
    fn parse(response: &str) -> Option<Self> {
        let (head, content) = response.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let field = |name: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(": "));
            fields.find(|field| field.0.eq_ignore_ascii_case(name))
        };
        let (_, length) = field("Content-Length")?;
        let (_, content_type) = field("Content-Type")?;
        let whole = length.parse() == Ok(content.len());
        whole.then(|| Self {
            status,
            content_type: content_type.to_owned(),
            content: content.to_owned(),
        })
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        Self::build(answer.status)
            .content_type(answer.content_type)
            .body(answer.content)
    }
}
