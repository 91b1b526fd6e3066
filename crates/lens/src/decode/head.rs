//! The head of an HTTP/1.1 message (RFC 9112 §2.1).
//!
//! ```text
//! GET /stream HTTP/1.1␍␊     method ␠ target ␠ version ␍␊
//! Host: localhost:3003␍␊     name : ␠ value ␍␊
//! ␍␊                         head-end
//! ```

use std::ops::Range;

use bytes::Bytes;
use httparse::{EMPTY_HEADER, Header, ParserConfig, Request, Response, Status};

use super::{labeler::Labeler, step::Fault};
use crate::Label;

/// A longer head is not decoded: a head is kept in memory until it is complete.
pub(super) const HEAD_LIMIT: usize = 64 * 1024;
/// A head with more fields is not decoded. Browsers send about 15.
const FIELDS_LIMIT: usize = 128;

const NOT_HTTP: Fault = Fault("not HTTP/1.1");
const TOO_LONG: Fault = Fault("a head of more than 64 KiB or 128 fields");
const FOLDED: Fault =
    Fault("a field of a request that is continued on the next line");

/// A complete head.
#[derive(Debug)]
pub(super) struct Head {
    bytes: Bytes,
    /// The three parts of the first line, in order.
    line: [(Range<usize>, Label); 3],
    /// Name and value of each field.
    fields: Vec<(Range<usize>, Range<usize>)>,
    /// 1 in HTTP/1.1.
    pub(super) minor_version: u8,
    /// 0 in a request.
    pub(super) status: u16,
}

impl Head {
    /// The head of the request that begins here, if it is complete.
    pub(super) fn request(labeler: &Labeler) -> Result<Option<Self>, Fault> {
        // A method begins with a visible ASCII character; TLS begins with a control character.
        if labeler.first().is_some_and(|byte| !byte.is_ascii_graphic()) {
            return Err(NOT_HTTP);
        }
        let bytes = lines(labeler);
        let mut fields = [EMPTY_HEADER; FIELDS_LIMIT];
        let mut request = Request::new(&mut fields);
        let Some(length) =
            complete(request.parse(&bytes), labeler).map_err(|fault| {
                if fault == NOT_HTTP && is_folded(&bytes) { FOLDED } else { fault }
            })?
        else {
            return Ok(None);
        };
        let method = range(&bytes, request.method.unwrap_or_default().as_bytes());
        let target = range(&bytes, request.path.unwrap_or_default().as_bytes());
        let version = target.end + 1..target.end + 1 + "HTTP/1.1".len();
        Ok(Some(Self {
            line: [
                (method, Label::Method),
                (target, Label::Target),
                (version, Label::Version),
            ],
            fields: ranges(&bytes, request.headers),
            minor_version: request.version.unwrap_or_default(),
            status: 0,
            bytes: bytes.slice(..length),
        }))
    }

    /// The head of the response that begins here, if it is complete.
    pub(super) fn response(labeler: &Labeler) -> Result<Option<Self>, Fault> {
        if labeler.first().is_some_and(|byte| byte != b'H') {
            return Err(NOT_HTTP);
        }
        let bytes = lines(labeler);
        let mut fields = [EMPTY_HEADER; FIELDS_LIMIT];
        let mut response = Response::new(&mut fields);
        // In a response, a field that is continued on the next line is accepted
        // (RFC 9112 §5.2).
        let parsed = ParserConfig::default()
            .allow_obsolete_multiline_headers_in_responses(true)
            .parse_response(&mut response, &bytes);
        let Some(length) = complete(parsed, labeler)? else { return Ok(None) };
        // `HTTP/1.1 204 No Content`: only the reason phrase varies in length.
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let end = line.trim_ascii_end().len();
        Ok(Some(Self {
            line: [
                (0..8, Label::Version),
                (9..12, Label::Status),
                (13.min(end)..end, Label::Reason),
            ],
            fields: ranges(&bytes, response.headers),
            minor_version: response.version.unwrap_or_default(),
            status: response.code.unwrap_or_default(),
            bytes: bytes.slice(..length),
        }))
    }

    /// The method of a request.
    pub(super) fn method(&self) -> &[u8] {
        &self.bytes[self.line[0].0.clone()]
    }

    /// The target of a request.
    pub(super) fn target(&self) -> String {
        String::from_utf8_lossy(&self.bytes[self.line[1].0.clone()]).into_owned()
    }

    /// The values of the fields with this name.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let named = self.fields.iter().filter(move |(field, _)| {
            self.bytes[field.clone()].eq_ignore_ascii_case(name.as_bytes())
        });
        named.map(|(_, value)| &self.bytes[value.clone()])
    }

    /// The elements of the fields with this name, in lower case: several fields
    /// are one list (RFC 9110 §5.3, §5.6.1).
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = String> {
        let elements =
            self.values(name).flat_map(|value| value.split(|b| *b == b','));
        let elements = elements.map(|element| {
            String::from_utf8_lossy(element.trim_ascii()).to_ascii_lowercase()
        });
        elements.filter(|element| !element.is_empty())
    }

    /// Labels the head. `note` explains a field, by its name in lower case and its
    /// value.
    pub(super) fn write(
        &self,
        labeler: &mut Labeler,
        note: impl Fn(&str, &[u8]) -> Option<String>,
    ) {
        labeler.begin_group();
        let mut at = 0;
        let mut part = |range: &Range<usize>, label, note: Option<String>| {
            if range.is_empty() {
                return;
            }
            labeler.label(range.start - at, Label::Delimiter);
            labeler.label(range.len(), label);
            if let Some(note) = note {
                labeler.note(note);
            }
            at = range.end;
        };
        for (range, label) in &self.line {
            part(range, *label, None);
        }
        for (name, value) in &self.fields {
            let text = String::from_utf8_lossy(&self.bytes[name.clone()]);
            part(name, Label::FieldName, None);
            let note = note(&text.to_ascii_lowercase(), &self.bytes[value.clone()]);
            part(value, Label::FieldValue, note);
        }
        let empty_line = if self.bytes.ends_with(b"\r\n") { 2 } else { 1 };
        labeler.label(self.bytes.len() - empty_line - at, Label::Delimiter);
        labeler.label(empty_line, Label::HeadEnd);
    }
}

/// The complete lines, up to the size limit of a head. Only these are parsed, so the
/// result does not depend on how the bytes were split.
fn lines(labeler: &Labeler) -> Bytes {
    let rest = labeler.rest();
    let end = rest.iter().take(HEAD_LIMIT).rposition(|byte| *byte == b'\n');
    labeler.share(end.map_or(0, |end| end + 1))
}

/// The length of the head, if it is complete.
fn complete(
    parsed: httparse::Result<usize>,
    labeler: &Labeler,
) -> Result<Option<usize>, Fault> {
    match parsed {
        Ok(Status::Complete(length)) => Ok(Some(length)),
        Ok(Status::Partial) if labeler.rest().len() < HEAD_LIMIT => Ok(None),
        Ok(Status::Partial) | Err(httparse::Error::TooManyHeaders) => Err(TOO_LONG),
        Err(_) => Err(NOT_HTTP),
    }
}

/// Whether a request is malformed because a field is continued on the next line: a server
/// has to reject that, or to replace the line end by spaces (RFC 9112 §5.2).
fn is_folded(bytes: &[u8]) -> bool {
    let mut good = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number > 1 && matches!(line[0], b' ' | b'\t') {
            let mut fields = [EMPTY_HEADER; FIELDS_LIMIT];
            let parsed = Request::new(&mut fields).parse(&bytes[..good]);
            return parsed.is_ok_and(|status| status.is_partial());
        }
        good += line.len();
    }
    false
}

/// The range of a part of the bytes.
fn range(bytes: &Bytes, part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
    start..start + part.len()
}

fn ranges(
    bytes: &Bytes,
    fields: &[Header<'_>],
) -> Vec<(Range<usize>, Range<usize>)> {
    let range = |part| range(bytes, part);
    fields.iter().map(|f| (range(f.name.as_bytes()), range(f.value))).collect()
}
