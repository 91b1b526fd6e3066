//! What a header field means to a reader: by its value and by the message it is in,
//! never by its name alone.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    framing::{self, Bodiless, Length},
    handshake::Accept,
    labeler::bytes,
};

/// What of a message the meaning of its fields depends on.
pub(super) enum FieldContext<'a> {
    /// A request with this content, if that is clear.
    Request(Option<Length>),
    Response {
        /// Its content, if that is clear.
        length: Option<Length>,
        /// Why it has none, whatever its fields say.
        bodiless: Option<Bodiless>,
        /// What the handshake to which it responds expects.
        accept: Option<&'a Accept>,
    },
}

impl FieldContext<'_> {
    /// What the field means, if that needs to be said.
    pub(super) fn note(&self, name: &str, value: &[u8]) -> Option<String> {
        if value.contains(&b'\n') {
            // RFC 9112 §5.2
            return Some("goes on in the next line, which counts as a space".into());
        }
        match (name, self) {
            ("content-length", _) => self.content_length(value),
            ("transfer-encoding", _) => self.transfer_encoding(value),
            ("last-event-id", Self::Request(_)) => {
                Some("go on after this event".into())
            }
            ("sec-websocket-key", Self::Request(_)) => {
                let key = BASE64_STANDARD.decode(value);
                Some(match key.is_ok_and(|key| key.len() == 16) {
                    true => "16 random bytes in base64".into(),
                    false => "not 16 bytes in base64, which it must be".into(),
                })
            }
            (
                "sec-websocket-accept",
                Self::Response { accept: Some(accept), .. },
            ) => Some(accept.note(value)),
            _ => None,
        }
    }

    fn bodiless(&self) -> Option<Bodiless> {
        match self {
            Self::Request(_) => None,
            Self::Response { bodiless, .. } => *bodiless,
        }
    }

    fn length(&self) -> Option<Length> {
        let (Self::Request(length) | Self::Response { length, .. }) = self;
        *length
    }

    fn content_length(&self, value: &[u8]) -> Option<String> {
        let length = bytes(framing::number(value).ok()?);
        Some(match (self.bodiless(), self.length()?) {
            (None, _) => format!("{length} of content"),
            (Some(Bodiless::Head), _) => {
                format!("none follows a HEAD: a GET would get {length} of content")
            }
            (Some(Bodiless::NotModified), _) => {
                format!("none follows a 304: a 200 would have {length} of content")
            }
            (Some(Bodiless::Never), _) => NOT_HERE.into(),
        })
    }

    fn transfer_encoding(&self, value: &[u8]) -> Option<String> {
        let length = self.length()?;
        let value = value.to_ascii_lowercase();
        let mut codings = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let chunked = codings.clone().any(|coding| coding == b"chunked");
        let compressed = codings.any(|coding| coding != b"chunked");
        let note = match (self.bodiless(), length) {
            (Some(Bodiless::Never), _) => NOT_HERE,
            (Some(_), _) => "says how the content would come: none follows",
            (None, Length::UntilClose) => {
                "the content is compressed, and ends with the connection"
            }
            (None, _) if chunked && compressed => {
                "the content is compressed, and comes in chunks"
            }
            (None, _) if chunked => "the content comes in chunks",
            (None, _) => "the content is compressed",
        };
        Some(note.into())
    }
}

/// RFC 9110 §8.6, RFC 9112 §6.1
const NOT_HERE: &str = "not allowed here, and ignored: no content follows";
