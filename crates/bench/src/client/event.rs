//! What a server says to a client, and its JSON, read to the byte.

use feed::Cursor;

/// A sample, as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Its id.
    pub id: Cursor,
    /// When it was published, in Unix milliseconds.
    pub at: u64,
    /// What it is about: 13 characters of `0-9a-z`.
    pub data: [u8; 13],
}

/// What a client is told.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A response begins, with this status.
    Head(u16),
    /// A sample came.
    Sample(Sample),
    /// Samples were missed, up to this one; or the server restarted.
    Gap {
        /// How many.
        missed: u64,
        /// The cursor was of another run.
        restarted: bool,
        /// The cursor with the missed samples accounted for.
        id: Cursor,
    },
    /// Weather, a heartbeat, a welcome, a farewell.
    Other,
    /// A response, a stream or a WebSocket has come to its proper end.
    End,
}

/// `{"id":"k3f9-17","seq":17,"at":1795207096301,"data":"ud8adpbt5tel0"}`, to the byte.
pub(super) fn sample(json: &[u8]) -> Option<Sample> {
    let (id, rest) = cursor(json.strip_prefix(b"{\"id\":\"")?)?;
    let (seq, rest) = number(rest.strip_prefix(b"\",\"seq\":")?)?;
    let (at, rest) = number(rest.strip_prefix(b",\"at\":")?)?;
    let (data, rest) = rest.strip_prefix(b",\"data\":\"")?.split_first_chunk()?;
    (seq == id.seq && rest == b"\"}").then_some(Sample { id, at, data: *data })
}

/// `{"at":1795207096301,"symbol":"ADA",…`, with its id: a change of the gallery's stocks.
pub(super) fn change(id: &[u8], json: &[u8]) -> Option<Sample> {
    let id = std::str::from_utf8(id).ok()?.parse().ok()?;
    let (at, _) = number(json.strip_prefix(b"{\"at\":")?)?;
    Some(Sample { id, at, data: [b'0'; 13] })
}

/// The id of a snapshot, which has all changes up to that one: nothing is missed.
pub(super) fn snapshot(id: &[u8]) -> Option<Event> {
    let id = std::str::from_utf8(id).ok()?.parse().ok()?;
    Some(Event::Gap { missed: 0, restarted: false, id })
}

/// `{"missed":12,"restarted":false,"id":"k3f9-29"}`, and perhaps more after it.
pub(super) fn gap(json: &[u8]) -> Option<Event> {
    let (missed, rest) = number(json.strip_prefix(b"{\"missed\":")?)?;
    let rest = rest.strip_prefix(b",\"restarted\":")?;
    let restarted = rest.starts_with(b"true");
    let rest = rest.strip_prefix(if restarted { &b"true"[..] } else { b"false" })?;
    let (id, _) = cursor(rest.strip_prefix(b",\"id\":\"")?)?;
    Some(Event::Gap { missed, restarted, id })
}

fn cursor(text: &[u8]) -> Option<(Cursor, &[u8])> {
    let end = text.iter().position(|byte| *byte == b'"')?;
    let (cursor, rest) = text.split_at(end);
    Some((std::str::from_utf8(cursor).ok()?.parse().ok()?, rest))
}

pub(super) fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = text[..digits].iter();
    let value = value.fold(0u64, |n, d| n.wrapping_mul(10) + u64::from(d - b'0'));
    (1..20).contains(&digits).then_some((value, &text[digits..]))
}
