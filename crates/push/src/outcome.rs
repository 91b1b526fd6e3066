//! What an endpoint's answer means, and what the presenter's page is told of it.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::{
    delivery::{Answer, NoAnswer},
    encryption::NotEncrypted,
    vapid::NoRandom,
};

/// How long to wait after a 429 that does not say how long.
const RETRY_DELAY: Duration = Duration::from_secs(60);
/// The longest wait: a day, however long a service asks for.
const RETRY_DELAY_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Why nothing was sent, or nothing was answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSent {
    #[error(transparent)]
    NotEncrypted(#[from] NotEncrypted),
    #[error("not signed: {0}")]
    NotSigned(#[from] NoRandom),
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// 201 and its like: the service has it.
    Accepted { status: u16 },
    /// 404 or 410: the subscription has ended, so it is forgotten.
    Gone { status: u16 },
    /// 413: more than 4096 bytes, or than this service takes.
    TooLarge { status: u16 },
    /// 429, or 503 with a time: nothing is sent to it before.
    Later {
        status: u16,
        #[serde(serialize_with = "seconds")]
        wait: Duration,
    },
    /// 401 or 403: subscribed with another key than ours, or our clock is wrong.
    OtherKey { status: u16 },
    /// Any other status.
    Refused { status: u16 },
    /// Not sent: a 429 before said so.
    Held {
        #[serde(serialize_with = "seconds")]
        wait: Duration,
    },
    /// Not sent, or not answered.
    Failed { why: String },
}

impl Outcome {
    fn of(Answer { status, retry_after }: Answer) -> Self {
        let later = |wait: Duration| Self::Later {
            status,
            wait: wait.min(RETRY_DELAY_LIMIT),
        };
        match (status, retry_after) {
            (200..=299, _) => Self::Accepted { status },
            (404 | 410, _) => Self::Gone { status },
            (413, _) => Self::TooLarge { status },
            (429, wait) => later(wait.unwrap_or(RETRY_DELAY)),
            (503, Some(wait)) => later(wait),
            (401 | 403, _) => Self::OtherKey { status },
            _ => Self::Refused { status },
        }
    }
}

impl From<Result<Answer, NotSent>> for Outcome {
    fn from(result: Result<Answer, NotSent>) -> Self {
        match result {
            Ok(answer) => Self::of(answer),
            Err(error) => Self::Failed { why: error.to_string() },
        }
    }
}

/// What became of a message, as the page is told:
/// `{"service":"https://push.example.net","outcome":"later","status":429,"wait":30,"ms":12}`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The push service, without the endpoint's path, which is a secret.
    service: String,
    #[serde(flatten)]
    outcome: Outcome,
    /// Milliseconds until the answer.
    ms: u64,
}

impl Report {
    pub(crate) fn new(service: String, outcome: Outcome, took: Duration) -> Self {
        let ms = took.as_millis().try_into().unwrap_or(u64::MAX);
        Self { service, outcome, ms }
    }
}

/// In whole seconds, rounded up: after them, something is sent again.
fn seconds<S: Serializer>(wait: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_meaning() {
        let of = |status, seconds: Option<u64>| {
            let retry_after = seconds.map(Duration::from_secs);
            Outcome::of(Answer { status, retry_after })
        };
        for status in [200, 201, 202] {
            assert_eq!(of(status, None), Outcome::Accepted { status });
        }
        for status in [404, 410] {
            assert_eq!(of(status, None), Outcome::Gone { status });
        }
        for status in [401, 403] {
            assert_eq!(of(status, None), Outcome::OtherKey { status });
        }
        for status in [301, 400, 418, 500, 503] {
            assert_eq!(of(status, None), Outcome::Refused { status });
        }
        let later = |status, wait| Outcome::Later { status, wait };
        assert_eq!(of(429, Some(30)), later(429, Duration::from_secs(30)));
        assert_eq!(of(503, Some(30)), later(503, Duration::from_secs(30)));
        assert_eq!(of(429, None), later(429, RETRY_DELAY));
        assert_eq!(of(429, Some(u64::MAX)), later(429, RETRY_DELAY_LIMIT));
    }
}
