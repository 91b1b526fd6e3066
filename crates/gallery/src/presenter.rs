//! The presenter of the gallery may clear and hide what others wrote: a request has
//! the key that the terminal prints in `Authorization: Bearer KEY` (RFC 6750 §2.1).

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{StatusCode, header},
    web::Data,
};
use rand::RngExt;

/// Letters that nobody mistakes for others when they are read from a terminal.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// 31^8 are more than anybody tries in an afternoon.
const KEY_LENGTH: usize = 8;

/// The presenter's key.
#[derive(Debug, Clone)]
pub struct Presenter {
    key: String,
}

/// A request without the presenter's key.
#[derive(Debug, thiserror::Error)]
#[error(
    "for the presenter alone: expected the key that the terminal prints, as Authorization: Bearer KEY"
)]
pub(crate) struct NotPresenter;

impl ResponseError for NotPresenter {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, "Bearer"))
            .content_type(header::ContentType::plaintext())
            .body(self.to_string())
    }
}

impl Presenter {
    /// With this key, or with one that is drawn.
    #[must_use]
    pub fn new(key: Option<String>) -> Self {
        let mut random = rand::rng();
        let letter =
            |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
        Self { key: key.unwrap_or_else(|| (0..KEY_LENGTH).map(letter).collect()) }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the terminal prints. Behind `#`, a browser never sends the key in a URL.
    #[must_use]
    pub fn invitation(&self) -> String {
        let key = &self.key;
        format!("The presenter's key: {key}, or the address below with #key={key}")
    }

    /// Refuses a request without the key.
    ///
    /// # Errors
    /// When it has none, or another one.
    pub(crate) fn authorize(
        &self,
        request: &HttpRequest,
    ) -> Result<(), NotPresenter> {
        let field = request.headers().get(header::AUTHORIZATION);
        let key = field.and_then(|field| field.as_bytes().strip_prefix(b"Bearer "));
        match key {
            Some(key) if key == self.key.as_bytes() => Ok(()),
            _ => Err(NotPresenter),
        }
    }
}

/// `GET /presenter`: 204 with the key, so that a page knows whether what was typed is it.
pub(crate) async fn check(
    request: HttpRequest,
    presenter: Data<Presenter>,
) -> Result<HttpResponse, NotPresenter> {
    presenter.authorize(&request)?;
    Ok(HttpResponse::NoContent().finish())
}
