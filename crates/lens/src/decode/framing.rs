//! How long the content of a message is (RFC 9112 §6.3). Where two programs could
//! disagree about that, an attacker can hide a request in the content of another
//! (request smuggling, §11.2): so what is ambiguous is a [`Fault`], and never
//! guessed.

use super::{head::Head, step::Fault};

/// Where the content ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// After this many bytes.
    Known(u64),
    /// After the last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

/// The length of a request's content: none, if nothing else is said.
pub(super) fn of_request(head: &Head) -> Result<Length, Fault> {
    match declared(head)? {
        Some(Length::UntilClose) => {
            Err(Fault("a request whose content has no known length"))
        }
        length => Ok(length.unwrap_or(Length::Known(0))),
    }
}

/// Why a response has no content, whatever its fields say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bodiless {
    /// It responds to a HEAD.
    Head,
    /// A 304: the client has the content.
    NotModified,
    /// A 1xx, a 204, or a tunnel begins: not even a length may be said.
    Never,
}

impl Bodiless {
    /// Whether a response with this status has no content.
    pub(super) fn of(status: u16, head: bool, connect: bool) -> Option<Self> {
        match status {
            100..=199 | 204 => Some(Self::Never),
            200..=299 if connect => Some(Self::Never),
            _ if head => Some(Self::Head),
            304 => Some(Self::NotModified),
            _ => None,
        }
    }
}

/// The length of a response's content.
pub(super) fn of_response(
    head: &Head,
    bodiless: Option<Bodiless>,
) -> Result<Length, Fault> {
    match bodiless {
        Some(_) => Ok(Length::Known(0)),
        None => Ok(declared(head)?.unwrap_or(Length::UntilClose)),
    }
}

/// What the head says.
fn declared(head: &Head) -> Result<Option<Length>, Fault> {
    let encoded = head.values("transfer-encoding").next().is_some();
    let lengths: Vec<&[u8]> = head.values("content-length").collect();
    match (encoded, lengths.as_slice()) {
        (false, []) => Ok(None),
        (false, [length]) => Ok(Some(Length::Known(number(length)?))),
        (false, _) => Err(Fault("several Content-Length fields")),
        (true, []) => transfer(head).map(Some),
        (true, _) => Err(Fault("both Content-Length and Transfer-Encoding")),
    }
}

/// `1*DIGIT` (RFC 9110 §8.6). Rust's parser would take `+1`, too.
pub(super) fn number(text: &[u8]) -> Result<u64, Fault> {
    let digits = Some(text).filter(|text| text.iter().all(u8::is_ascii_digit));
    let number = digits.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
    number.ok_or(Fault("a Content-Length that is no number"))
}

/// Chunks are the last coding, or in a response, there are none.
fn transfer(head: &Head) -> Result<Length, Fault> {
    const UNKNOWN: Fault = Fault("an unknown Transfer-Encoding");
    let mut codings: Vec<String> = head.list("transfer-encoding").collect();
    let last = codings.pop().ok_or(UNKNOWN)?;
    let compression = |coding: &String| {
        matches!(coding.trim_start_matches("x-"), "gzip" | "compress" | "deflate")
    };
    if head.minor_version == 0 {
        Err(Fault("a Transfer-Encoding in HTTP/1.0"))
    } else if !codings.iter().all(compression) {
        Err(UNKNOWN)
    } else if last == "chunked" {
        Ok(Length::Chunked)
    } else if compression(&last) {
        Ok(Length::UntilClose)
    } else {
        Err(UNKNOWN)
    }
}
