//! The value of `Sec-WebSocket-Accept` that a WebSocket server has to send (RFC 6455
//! §4.2.2): a server that can send it has read the request, and speaks WebSocket. It
//! proves no more.
//!
//! ```text
//! Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==
//!
//!   x3JJHMbDL1EzLkh9GBhXDw==258EAFA5-E914-47DA-95CA-C5AB0DC85B11
//!   SHA-1   1d29ab734b0c9585240069a6e4e3e91b61da1969
//!   base64  HSmrc0sMlYUkAGmm5OPpG2HaGWk=
//!
//! Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=
//! ```

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha1::{Digest as _, Sha1};

/// Fixed by RFC 6455 §1.3: a server that does not speak WebSocket would not add it.
const WEBSOCKET_GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The key of a request, and what comes out of it.
#[derive(Debug)]
pub(super) struct Accept {
    key: String,
    hash: String,
    expected: String,
}

impl Accept {
    pub(super) fn of(key: &[u8]) -> Self {
        let hash =
            Sha1::new().chain_update(key).chain_update(WEBSOCKET_GUID).finalize();
        Self {
            key: super::labeler::printable(&String::from_utf8_lossy(key)),
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            expected: BASE64_STANDARD.encode(hash),
        }
    }

    /// Explains step by step whether this value is the right one.
    pub(super) fn note(&self, value: &[u8]) -> String {
        let Self { key, hash, expected } = self;
        let matches = match value == expected.as_bytes() {
            true => "matches",
            false => "does not match",
        };
        format!(
            "{matches}: {key} + {WEBSOCKET_GUID} → SHA-1 {hash} → base64 {expected}"
        )
    }
}
