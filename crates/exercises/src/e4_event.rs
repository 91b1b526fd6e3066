//! # Exercise 4: data that can't forge an event
//!
//! This server copies what users write into an event. When a user writes "hello", a
//! newline and `event: bye`, every client receives a `bye` that the server never sent.
//!
//! **Task**: whatever `data` contains, the browser receives one event with that data. A
//! line of it ends with CR, LF or CR LF; the browser may receive each of them as LF.
//!
//! **Hint**: an event may have several lines `data: …`, which the browser joins.
//!
//! **Check**: `cargo test -p exercises e4 -- --ignored`

/// One event of an event stream (WHATWG HTML §9.2.6).
#[must_use]
pub fn event(id: u64, data: &str) -> String {
    format!("id: {id}\ndata: {data}\n\n")
}
