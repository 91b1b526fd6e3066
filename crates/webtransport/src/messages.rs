//! What client and server say besides samples: each a line of JSON.

use feed::Gap;
use serde::{Deserialize, Serialize};

/// What a client says, in a datagram or in a line of a stream that it opens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClientMessage {
    /// A number, to be acknowledged.
    Message(u64),
}

/// What the server says besides samples. `Bye` and `Refused` are the last of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ServerMessage {
    Gap(Gap),
    Received(u64),
    Error(String),
    Bye(&'static str),
    Refused(String),
}

/// Acknowledges a message, or says what is wrong with it.
pub(crate) fn acknowledge(message: &[u8]) -> ServerMessage {
    match serde_json::from_slice(message) {
        Ok(ClientMessage::Message(number)) => ServerMessage::Received(number),
        Err(error) => {
            let text = format!("{error}: expected {{\"message\":1}}");
            ServerMessage::Error(text)
        }
    }
}

impl ServerMessage {
    /// For a datagram. (To make JSON fails for no message of ours.)
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// For a stream.
    pub(crate) fn line(&self) -> String {
        self.json() + "\n"
    }
}
