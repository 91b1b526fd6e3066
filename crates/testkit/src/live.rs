//! The WebSocket by which a page and the hub talk, as in the `//!` of the workshop's
//! `live.rs`.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    client::Client,
    frames::{handshake, masked},
    wait::WAIT_TIMEOUT,
};

/// The first byte of a text frame.
const TEXT: u8 = 0x81;

/// The WebSocket of a page of the workshop.
pub struct Live(pub Client);

impl Live {
    /// Becomes one.
    pub fn open(mut client: Client, target: &str, fields: &str) -> Self {
        client.send(handshake(target, fields));
        assert_eq!(client.head().code(), 101);
        Self(client)
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.0.send(masked(TEXT, message.to_string()));
    }

    /// Gives a command, as the presenter's pages do.
    pub fn command(&mut self, ask: &Value) {
        let command = json!({"id": 0, "until": u64::MAX, "ask": ask});
        self.send(&json!({ "command": command }));
    }

    /// Why the next command that is refused was not done.
    pub fn refusal(&mut self) -> Value {
        self.until("refused", |_| true)["why"].take()
    }

    /// Receives the next message.
    pub fn receive(&mut self) -> Value {
        let (first, payload) = self.0.frame();
        assert_eq!(first, TEXT, "{payload:?}");
        serde_json::from_slice(&payload).unwrap()
    }

    /// The room as it is now, whatever was said before.
    pub fn room(&mut self) -> Value {
        self.send(&json!({"nothing": "like that"}));
        self.until("error", |error| error.as_str().unwrap().contains("nothing"));
        self.until("room", |_| true)
    }

    /// Listens until a message of that name satisfies a condition.
    pub fn until(
        &mut self,
        name: &str,
        mut is: impl FnMut(&Value) -> bool,
    ) -> Value {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        let mut last = Value::Null;
        while Instant::now() < deadline {
            let mut message = self.receive();
            if let Some(said) = message.get_mut(name) {
                last = said.take();
                if is(&last) {
                    return last;
                }
            }
        }
        panic!("no {name} like that, the last was {last}");
    }
}
