//! A subscription as a page sends it: what `JSON.stringify` makes of a browser's
//! `PushSubscription`. It is also kept so.

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};

use crate::{
    encryption::{self, NotEncrypted, ReceiverKeys},
    endpoint::{BadEndpoint, Endpoint},
};

/// Browsers leave the padding out; a page that encodes the keys itself may not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// As it travels. What else a browser says (`expirationTime`) is not kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SubscriptionMessage {
    endpoint: String,
    keys: KeysMessage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeysMessage {
    p256dh: String,
    auth: String,
}

/// A subscription that a message can be sent to.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) endpoint: Endpoint,
    pub(crate) keys: ReceiverKeys,
    /// As it came, to be kept.
    pub(crate) message: SubscriptionMessage,
}

/// Why a subscription is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSubscription {
    #[error(transparent)]
    Endpoint(#[from] BadEndpoint),
    #[error("keys.{0}: expected {1} bytes in base64url")]
    Key(&'static str, usize),
    #[error("keys.p256dh: {0}")]
    Point(#[from] NotEncrypted),
}

impl Subscription {
    /// Checks a subscription that a page has sent, and where its endpoint is.
    pub(crate) async fn check(
        message: SubscriptionMessage,
        allowed: Option<&str>,
    ) -> Result<Self, BadSubscription> {
        let subscription = Self::parse(message, allowed)?;
        subscription.endpoint.resolve(allowed).await?;
        Ok(subscription)
    }

    /// Checks all that can be checked without a network.
    pub(crate) fn parse(
        message: SubscriptionMessage,
        allowed: Option<&str>,
    ) -> Result<Self, BadSubscription> {
        let endpoint = Endpoint::parse(&message.endpoint, allowed)?;
        let keys = ReceiverKeys {
            p256dh: decode("p256dh", &message.keys.p256dh)?,
            auth: decode("auth", &message.keys.auth)?,
        };
        encryption::encrypt(b"", &keys)?;
        Ok(Self { endpoint, keys, message })
    }
}

fn decode<const N: usize>(
    name: &'static str,
    text: &str,
) -> Result<[u8; N], BadSubscription> {
    let bytes = BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(BadSubscription::Key(name, N))
}
