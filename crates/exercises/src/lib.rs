//! Exercises: nine small programs that work, but lack something. Each file says what is
//! missing, gives a hint, and names the test that fails until it is there:
//!
//! ```sh
//! cargo test -p exercises e1 -- --ignored
//! ```
//!
//! | | about |
//! |---|---|
//! | [`e1_time_out`] | long polling: an answer also when there is no new sample |
//! | [`e2_cursor`] | short polling: only what is new |
//! | [`e3_lines`] | HTTP streaming: make messages out of pieces |
//! | [`e4_event`] | SSE: data that can't forge an event |
//! | [`e5_last_event_id`] | SSE: go on where the stream was cut |
//! | [`e6_backoff`] | all: come back, but not all at once |
//! | [`e7_origin`] | WebSocket: who may connect |
//! | [`e8_heartbeat`] | WebSocket: notice a client that is gone |
//! | [`e9_resume`] | WebSocket: resume, and announce what was missed |
//!
//! Solutions are in `solutions/`. The five techniques are solutions, too.

pub mod e1_time_out;
pub mod e2_cursor;
pub mod e3_lines;
pub mod e4_event;
pub mod e5_last_event_id;
pub mod e6_backoff;
pub mod e7_origin;
pub mod e8_heartbeat;
pub mod e9_resume;

use actix_web::HttpResponse;
use feed::{Batch, Cursor};
use serde::Deserialize;

/// The client's cursor, in the query: `?after=k3f9-17`.
#[derive(Debug, Deserialize)]
pub struct Resume {
    /// The id of the last sample that it has.
    pub after: Option<Cursor>,
}

/// 200, with `[sample,sample,…]`.
#[must_use]
pub fn samples(batch: &Batch) -> HttpResponse {
    let json: Vec<&str> = batch.samples.iter().map(|sample| &*sample.json).collect();
    let body = format!("[{}]", json.join(","));
    HttpResponse::Ok().content_type("application/json").body(body)
}
