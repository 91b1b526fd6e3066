use actix_web::http::header::{self, HeaderMap};
use rand::RngExt;

/// Letters that nobody mistakes for others when they are read from a terminal.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// What tells the presenter from everybody else. The terminal prints it; a browser
/// that was told it keeps it in a cookie, for `/presenter` alone, so that it passes
/// no lens and stands in no address.
pub(crate) struct Key(String);

impl Key {
    /// Eight letters: 31^8 are more than anybody tries in an afternoon.
    pub(crate) fn draw() -> Self {
        let mut random = rand::rng();
        let letter =
            |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
        Self((0..8).map(letter).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether that is it, in whatever case it was typed.
    pub(crate) fn is(&self, typed: &str) -> bool {
        typed.trim().eq_ignore_ascii_case(&self.0)
    }

    /// For `Set-Cookie` (RFC 6265 §4.1).
    pub(crate) fn cookie(&self) -> String {
        format!("presenter={}; Path=/presenter; HttpOnly; SameSite=Strict", self.0)
    }

    /// Whether a request has it.
    pub(crate) fn came_with(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE);
        cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().strip_prefix("presenter="))
            .any(|key| self.is(key))
    }
}
