//! The presenter of the gallery may clear and hide what others wrote: a request has
//! the key that the terminal prints in `Authorization: Bearer KEY` (RFC 6750 §2.1).

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::Payload,
    http::{StatusCode, header},
    web::Data,
};

/// The presenter's key.
#[derive(Debug, Clone)]
pub struct Presenter {
    key: String,
}

impl Presenter {
    /// With this key, or with one that is drawn.
    #[must_use]
    pub fn new(key: Option<String>) -> Self {
        Self { key: key.unwrap_or_else(stage::draw_key) }
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

    /// Whether a request has the key.
    fn sent(&self, request: &HttpRequest) -> bool {
        let field = request.headers().get(header::AUTHORIZATION);
        let key = field.and_then(|field| field.as_bytes().strip_prefix(b"Bearer "));
        key == Some(self.key.as_bytes())
    }
}

/// In the arguments of a handler: it is called for requests with the presenter's key alone.
pub(crate) struct Authorized;

/// A request without the presenter's key.
#[derive(Debug, thiserror::Error)]
#[error(
    "for the presenter alone: expected the key that the terminal prints, as Authorization: Bearer KEY"
)]
pub(crate) struct NotPresenter;

impl FromRequest for Authorized {
    type Error = NotPresenter;
    type Future = Ready<Result<Self, NotPresenter>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let presenter = request.app_data::<Data<Presenter>>();
        let authorized = presenter.is_some_and(|presenter| presenter.sent(request));
        ready(if authorized { Ok(Self) } else { Err(NotPresenter) })
    }
}

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

/// A handler that does this for the presenter, to what the application keeps.
pub(crate) fn by_presenter<T: 'static>(
    act: fn(&T),
) -> impl Fn(Authorized, Data<T>) -> Ready<HttpResponse> + Clone + 'static {
    move |_, kept| {
        act(&kept);
        ready(HttpResponse::NoContent().finish())
    }
}

/// `GET /presenter`: 204 with the key, so that a page knows whether what was typed is it.
pub(crate) async fn check(_: Authorized) -> HttpResponse {
    HttpResponse::NoContent().finish()
}
