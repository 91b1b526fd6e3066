//! What a browser and its push service tell each other, as Firefox does.

use serde::{Deserialize, Serialize};

/// Also a message, of both: a ping, and its answer.
pub(crate) const PING: &str = "{}";

/// What a browser sends. Fields that are not looked at are left out.
#[derive(Debug, Deserialize)]
#[serde(tag = "messageType", rename_all = "snake_case")]
pub(crate) enum BrowserMessage {
    /// The first one, with the id that it was given before.
    Hello {
        #[serde(default)]
        uaid: Option<String>,
    },
    /// A page subscribes; `key` is the public key of its server.
    Register {
        #[serde(rename = "channelID")]
        channel: String,
        #[serde(default)]
        key: Option<String>,
    },
    /// A page has unsubscribed, or the browser did it: too many messages without a
    /// notification, or no permission any more.
    Unregister {
        #[serde(rename = "channelID")]
        channel: String,
    },
    /// Messages that have come.
    Ack { updates: Vec<Update> },
    /// What this service does not do, such as broadcasts of the browser's maker.
    #[serde(other)]
    Other,
}

/// One message that has come.
#[derive(Debug, Deserialize)]
pub(crate) struct Update {
    pub(crate) version: String,
}

/// What the service sends.
#[derive(Debug, Serialize)]
#[serde(tag = "messageType", rename_all = "snake_case")]
pub(crate) enum ServiceMessage<'a> {
    Hello {
        uaid: &'a str,
        status: u16,
        use_webpush: bool,
    },
    Register {
        #[serde(rename = "channelID")]
        channel: &'a str,
        status: u16,
        #[serde(rename = "pushEndpoint")]
        endpoint: &'a str,
    },
    Unregister {
        #[serde(rename = "channelID")]
        channel: &'a str,
        status: u16,
    },
    Notification(&'a Notification),
}

/// A message for a page, encrypted.
#[derive(Debug, Serialize)]
pub(crate) struct Notification {
    #[serde(rename = "channelID")]
    pub(crate) channel: String,
    /// Its own id, by which it is acknowledged.
    pub(crate) version: String,
    /// In base64url.
    pub(crate) data: String,
    pub(crate) headers: Headers,
}

/// How the data is encoded.
#[derive(Debug, Serialize)]
pub(crate) struct Headers {
    pub(crate) encoding: &'static str,
}

impl ServiceMessage<'_> {
    /// These types have nothing that JSON can't say.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
