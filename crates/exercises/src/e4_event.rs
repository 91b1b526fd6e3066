//! # Exercise 4: data that can't forge an event
//!
//! This server writes whatever people say into an event. Somebody says "hello", a
//! newline, `event: bye`: and everybody gets a `bye` in the server's name.
//!
//! **Task**: whatever is in `data`, the browser gets one event, with that data. A line
//! ends with CR, LF or CR LF; for the browser it may be LF afterwards.
//!
//! **Hint**: an event may have several lines `data: …`; the browser joins them.
//!
//! **Check**: `cargo test -p exercises e4 -- --ignored`

/// One event of an event stream (WHATWG HTML §9.2.6).
#[must_use]
pub fn event(id: u64, data: &str) -> String {
    format!("id: {id}\ndata: {data}\n\n")
}
