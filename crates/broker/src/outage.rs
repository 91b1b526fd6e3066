//! What the log says of a broker that is away.

use redis::RedisError;
use tracing::{info, warn};

use crate::stream::Address;

/// Whether the broker is away, so that the log says it once, and once that it is back.
pub(crate) struct Outage {
    broker: String,
    away: bool,
}

impl Outage {
    pub(crate) fn new(broker: &Address) -> Self {
        Self { broker: broker.to_string(), away: false }
    }

    /// The broker did not do what it was asked.
    pub(crate) fn begin(&mut self, error: &RedisError) {
        if !std::mem::replace(&mut self.away, true) {
            warn!(
                broker = self.broker,
                %error,
                "the broker is away: nothing new comes until it is back, and it is tried \
                 again and again; is redis-server running there?"
            );
        }
    }

    /// The broker answers.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.away) {
            info!(broker = self.broker, "the broker is back");
        }
    }
}
